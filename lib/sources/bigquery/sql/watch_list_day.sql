-- Downloads of named packages on one UTC day since 2026-08-25, by all ten dimensions. PyPI logs no .metadata files any more, so that names of files, the widest column, need not be read. Costs about 0.36 GB for each small package and 79 bytes for each download of a large one; the dry run, which cannot see clustering, says 393 GB ($2.24) of a day of 5 billion rows.
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
  COALESCE(file.type, 'unknown') AS file_type,
  COUNT(*) AS downloads
FROM `bigquery-public-data.pypi.file_downloads`
WHERE timestamp >= TIMESTAMP(@day)
  AND timestamp < TIMESTAMP(DATE_ADD(@day, INTERVAL 1 DAY))
  AND project IN UNNEST(@packages)
GROUP BY 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
