-- Groups, staffing and assignments as facts in fold order; the spans during
-- which a group is complete; and who is assigned now, for lists.

-- script: GRID_SCHEMA
CREATE TABLE responsibility_group (
	place BIGINT NOT NULL,
	id BYTEA NOT NULL,
	model BIGINT NOT NULL,
	formed BIGINT NOT NULL,
	dissolved BIGINT,
	complete BIGINT NOT NULL,
	households BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (place, id)
) /* clustered */;
CREATE TABLE staffing_fact (
	grp BYTEA NOT NULL,
	at BIGINT NOT NULL,
	rank BIGINT NOT NULL,
	event BYTEA NOT NULL,
	person BYTEA NOT NULL,
	role BIGINT NOT NULL,
	joins BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (grp, at, rank, event)
) /* clustered */;
CREATE INDEX staffing_fact_person ON staffing_fact (person, grp);
CREATE TABLE assignment_fact (
	household BYTEA NOT NULL,
	at BIGINT NOT NULL,
	rank BIGINT NOT NULL,
	event BYTEA NOT NULL,
	grp BYTEA NOT NULL,
	joins BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (household, at, rank, event)
) /* clustered */;
CREATE INDEX assignment_fact_group ON assignment_fact (grp, household);
CREATE TABLE assigned_now (
	place BIGINT NOT NULL,
	household BYTEA NOT NULL,
	grp BYTEA NOT NULL,
	PRIMARY KEY (place, household)
) /* clustered */;
CREATE INDEX assigned_now_group ON assigned_now (grp, household);

-- name: group_add
INSERT INTO responsibility_group (place, id, model, formed, complete, households, seq) VALUES ($1, $2, $3, $4, 0, 0, $5);

-- name: group_drop
DELETE FROM responsibility_group WHERE place = $1 AND id = $2;

-- name: group_get
SELECT model, formed, dissolved, complete, households, seq FROM responsibility_group WHERE place = $1 AND id = $2;

-- name: group_dissolve
UPDATE responsibility_group SET dissolved = $3 WHERE place = $1 AND id = $2;

-- name: group_set_complete
UPDATE responsibility_group SET complete = $3 WHERE place = $1 AND id = $2;

-- name: group_count_households
UPDATE responsibility_group SET households = households + $3 WHERE place = $1 AND id = $2;

-- name: groups_of
SELECT place, id, model, formed, dissolved, complete, households, seq FROM responsibility_group
WHERE place >= $1 AND place < $2 AND (place, id) > ($3, $4) AND dissolved IS NULL ORDER BY place, id LIMIT $5;

-- name: groups_incomplete_of
SELECT place, id, model, formed, dissolved, complete, households, seq FROM responsibility_group
WHERE place >= $1 AND place < $2 AND (place, id) > ($3, $4) AND dissolved IS NULL AND complete = 0 ORDER BY place, id LIMIT $5;

-- name: groups_at
SELECT place, id, seq FROM responsibility_group
WHERE place >= $1 AND place < $2 AND (place, id) > ($3, $4) AND formed < $5 AND (dissolved IS NULL OR dissolved >= $5)
ORDER BY place, id LIMIT $6;

-- name: staffing_add
INSERT INTO staffing_fact (grp, at, rank, event, person, role, joins, seq) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: staffing_drop
DELETE FROM staffing_fact WHERE grp = $1 AND at = $2 AND rank = $3 AND event = $4;

-- name: staffing_of
SELECT at, person, role, joins, seq FROM staffing_fact WHERE grp = $1 ORDER BY at, rank, event;

-- name: staffed_since
SELECT at, role FROM staffing_fact WHERE person = $1 AND at >= $2 AND joins = 1 ORDER BY at, role;

-- name: staffing_after
SELECT at FROM staffing_fact WHERE grp = $1 AND at > $2 LIMIT 1;

-- name: assignment_after
SELECT at FROM assignment_fact WHERE grp = $1 AND at > $2 LIMIT 1;

-- name: groups_of_person
SELECT DISTINCT grp FROM staffing_fact WHERE person = $1 ORDER BY grp;

-- name: assignment_add
INSERT INTO assignment_fact (household, at, rank, event, grp, joins, seq) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: assignment_drop
DELETE FROM assignment_fact WHERE household = $1 AND at = $2 AND rank = $3 AND event = $4;

-- name: assignments_of
SELECT at, rank, event, grp, joins, seq FROM assignment_fact WHERE household = $1 ORDER BY at, rank, event;

-- name: households_ever_of_group
SELECT DISTINCT household FROM assignment_fact WHERE grp = $1 AND household > $2 ORDER BY household LIMIT $3;

-- name: assigned_now_put
INSERT INTO assigned_now (place, household, grp) VALUES ($1, $2, $3) ON CONFLICT (place, household) DO UPDATE SET grp = excluded.grp;

-- name: assigned_now_drop
DELETE FROM assigned_now WHERE place = $1 AND household = $2;

-- name: assigned_now_get
SELECT grp FROM assigned_now WHERE place = $1 AND household = $2;

-- name: assigned_now_of_group
SELECT place, household FROM assigned_now WHERE grp = $1 AND household > $2 ORDER BY household LIMIT $3;
