-- Downloads of every package on one UTC day, by package and country in one scan. Costs 122 GB ($0.69) for a day of 5 billion downloads.
SELECT
  @day AS period,
  COALESCE(project, 'unknown') AS project,
  COALESCE(country_code, 'unknown') AS country,
  COUNT(*) AS downloads
FROM `bigquery-public-data.pypi.file_downloads`
WHERE timestamp >= TIMESTAMP(@day)
  AND timestamp < TIMESTAMP(DATE_ADD(@day, INTERVAL 1 DAY))
GROUP BY 2, 3
