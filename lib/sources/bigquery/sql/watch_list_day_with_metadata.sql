-- Downloads of named packages on one UTC day up to 2026-08-24, by all ten dimensions. Until then PyPI logged .metadata files as wheels: their names tell them apart, for a third of the price. Costs about 0.55 GB for each small package and 119 bytes for each download of a large one; the dry run, which cannot see clustering, says 593 GB ($3.37) of a day of 5 billion rows.
SELECT
  @day AS period,
  COALESCE(project, 'unknown') AS project,
  COALESCE(file.version, 'unknown') AS version,
  COALESCE(country_code, 'unknown') AS country,
  COALESCE(REGEXP_EXTRACT(details.python, r'^\d+\.\d+'), 'unknown') AS python,
  COALESCE(details.system.name, 'unknown') AS system,
  COALESCE(details.cpu, 'unknown') AS cpu,
  COALESCE(details.installer.name, 'unknown') AS installer,
  COALESCE(details.installer.version, 'unknown') AS installer_version,
  COALESCE(IF(details.ci, 'true', NULL), 'unknown') AS ci,
  COALESCE(IF(ENDS_WITH(file.filename, '.metadata'), 'metadata', file.type), 'unknown') AS file_type,
  COUNT(*) AS downloads
FROM `bigquery-public-data.pypi.file_downloads`
WHERE timestamp >= TIMESTAMP(@day)
  AND timestamp < TIMESTAMP(DATE_ADD(@day, INTERVAL 1 DAY))
  AND project IN UNNEST(@packages)
GROUP BY 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
