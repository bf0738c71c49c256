-- Questions on Stack Overflow by month and tag, those of no named tag under an empty one, with the newest of each: only months that end before the copy does are whole. Costs about 0.8 GB (under $0.01): the dates and tags of 23 million questions, never their text.
SELECT
  DATE_TRUNC(DATE(creation_date), MONTH) AS period,
  COALESCE(tag, '') AS tag,
  COUNT(*) AS questions,
  MAX(creation_date) AS newest
FROM `bigquery-public-data.stackoverflow.posts_questions`
LEFT JOIN UNNEST(ARRAY(
  SELECT named FROM UNNEST(SPLIT(tags, '|')) AS named WHERE named IN UNNEST(@tags)
)) AS tag
WHERE creation_date >= TIMESTAMP(@first)
  AND creation_date < TIMESTAMP(@after)
GROUP BY 1, 2
