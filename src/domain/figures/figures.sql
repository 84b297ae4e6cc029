-- Reading kept figures.

-- name: figure_days
SELECT day, delta FROM figure
WHERE county = $1 AND incident = $2 AND name = $3 AND place = $4 AND day > $5 AND day <= $6 ORDER BY day;
