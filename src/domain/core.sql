-- The domain core's derived tables: things and what refers to them, voided
-- records, kept figures. Territory leads the figures' key.

-- script: CORE_SCHEMA
CREATE TABLE thing (
	id BYTEA NOT NULL,
	kind TEXT NOT NULL,
	area BIGINT NOT NULL,
	at BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	incident BIGINT NOT NULL,
	PRIMARY KEY (id)
) /* clustered */;
CREATE TABLE link (
	thing BYTEA NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (thing, seq)
) /* clustered */;
CREATE TABLE voided (
	seq BIGINT NOT NULL,
	by_seq BIGINT NOT NULL,
	PRIMARY KEY (seq)
) /* clustered */;
CREATE TABLE figure (
	county BIGINT NOT NULL,
	incident BIGINT NOT NULL,
	name TEXT NOT NULL,
	place BIGINT NOT NULL,
	day BIGINT NOT NULL,
	delta BIGINT NOT NULL,
	PRIMARY KEY (county, incident, name, place, day)
) /* clustered */;
CREATE TABLE figure_moment (
	county BIGINT NOT NULL,
	incident BIGINT NOT NULL,
	name TEXT NOT NULL,
	place BIGINT NOT NULL,
	moment BIGINT NOT NULL,
	delta BIGINT NOT NULL,
	PRIMARY KEY (county, incident, name, place, moment)
) /* clustered */;
CREATE INDEX figure_zero ON figure (delta) WHERE delta = 0;

-- name: thing_get
SELECT kind, area, at, seq, incident FROM thing WHERE id = $1;

-- name: thing_add
INSERT INTO thing (id, kind, area, at, seq, incident) VALUES ($1, $2, $3, $4, $5, $6);

-- name: thing_drop
DELETE FROM thing WHERE id = $1;

-- name: link_add
INSERT INTO link (thing, seq) VALUES ($1, $2) ON CONFLICT (thing, seq) DO NOTHING;

-- name: links_of
SELECT l.seq, v.by_seq FROM link l LEFT JOIN voided v ON v.seq = l.seq WHERE l.thing = $1 ORDER BY l.seq;

-- name: thing_within
SELECT seq FROM thing WHERE area >= $1 AND area < $2 LIMIT 1;

-- name: link_next_live
SELECT l.seq FROM link l LEFT JOIN voided v ON v.seq = l.seq
WHERE l.thing = $1 AND l.seq <> $2 AND v.seq IS NULL AND l.seq > $3 ORDER BY l.seq LIMIT 1;

-- name: voided_get
SELECT by_seq FROM voided WHERE seq = $1;

-- name: voided_add
INSERT INTO voided (seq, by_seq) VALUES ($1, $2);

-- name: figure_put
INSERT INTO figure (county, incident, name, place, day, delta) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (county, incident, name, place, day) DO UPDATE SET delta = figure.delta + excluded.delta;

-- name: figure_clear_zero
DELETE FROM figure WHERE delta = 0;

-- name: figure_moment_put
INSERT INTO figure_moment (county, incident, name, place, moment, delta) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (county, incident, name, place, moment) DO UPDATE SET delta = figure_moment.delta + excluded.delta;

-- name: figure_moment_clear_zero
DELETE FROM figure_moment WHERE county = $1 AND incident = $2 AND name = $3 AND place = $4 AND moment = $5 AND delta = 0;

-- name: figure_ahead
SELECT CAST(COALESCE(SUM(delta), 0) AS BIGINT) FROM figure_moment
WHERE county = $1 AND incident = $2 AND name = $3 AND place = $4 AND moment > $5 AND moment < $6;

-- name: figure_sum
SELECT CAST(COALESCE(SUM(delta), 0) AS BIGINT) FROM figure
WHERE county = $1 AND incident = $2 AND name = $3 AND place = $4 AND day <= $5;
