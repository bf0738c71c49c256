-- Whether a filter on project, the clustering key, is cheap: downloads of one package on one UTC day. Reads 20.5 bytes for each row of the day where it is not, a fraction of them where it is.
SELECT
  COUNT(*) AS downloads
FROM `bigquery-public-data.pypi.file_downloads`
WHERE timestamp >= TIMESTAMP(@day)
  AND timestamp < TIMESTAMP(DATE_ADD(@day, INTERVAL 1 DAY))
  AND project = @package
