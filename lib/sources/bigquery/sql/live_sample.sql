-- Downloads of every package in one block of a thousand of one UTC day, by country, system, Python and installer: shares, never counts, for blocks hold packages that are neighbors in the alphabet. Costs 0.155 GB (under $0.01) of a day of 5 billion rows, if BigQuery charges for the blocks of that day alone.
SELECT
  COALESCE(country_code, 'unknown') AS country,
  COALESCE(details.system.name, 'unknown') AS system,
  COALESCE(REGEXP_EXTRACT(details.python, r'^\d+\.\d+'), 'unknown') AS python,
  COALESCE(details.installer.name, 'unknown') AS installer,
  COUNT(*) AS downloads
FROM `bigquery-public-data.pypi.file_downloads` TABLESAMPLE SYSTEM (0.1 PERCENT)
WHERE timestamp >= TIMESTAMP(@day)
  AND timestamp < TIMESTAMP(DATE_ADD(@day, INTERVAL 1 DAY))
GROUP BY 1, 2, 3, 4
