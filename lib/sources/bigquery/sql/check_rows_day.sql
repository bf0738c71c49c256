-- How many rows one UTC day has, told by the price alone: a TIMESTAMP takes 8 bytes of each. Reads 8 bytes for each row of the day if it were sent, but only its price is ever asked.
SELECT
  MAX(timestamp) AS newest
FROM `bigquery-public-data.pypi.file_downloads`
WHERE timestamp >= TIMESTAMP(@day)
  AND timestamp < TIMESTAMP(DATE_ADD(@day, INTERVAL 1 DAY))
