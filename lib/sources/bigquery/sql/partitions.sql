-- How many rows the raw table holds of given days, and when each day last changed. Costs 10 MB ($0.00006), the least that BigQuery bills for a table.
SELECT
  partition_id,
  total_rows,
  last_modified_time
FROM `bigquery-public-data.pypi.INFORMATION_SCHEMA.PARTITIONS`
WHERE table_name = 'file_downloads'
  AND partition_id IN UNNEST(@partitions)
ORDER BY 1
