-- People, their facts in fold order, exposures; teams and their members.

-- script: TEAMS_SCHEMA
CREATE TABLE person (
	area BIGINT NOT NULL,
	id BYTEA NOT NULL,
	category BIGINT NOT NULL,
	party BIGINT NOT NULL,
	gone BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	changes BIGINT NOT NULL,
	PRIMARY KEY (area, id)
) /* clustered */;
CREATE TABLE person_fact (
	person BYTEA NOT NULL,
	at BIGINT NOT NULL,
	rank BIGINT NOT NULL,
	event BYTEA NOT NULL,
	category BIGINT,
	party BIGINT,
	gone BIGINT,
	PRIMARY KEY (person, at, rank, event)
) /* clustered */;
CREATE TABLE exposure (
	person BYTEA NOT NULL,
	since BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	until BIGINT,
	PRIMARY KEY (person, since, seq)
) /* clustered */;
CREATE TABLE team (
	area BIGINT NOT NULL,
	id BYTEA NOT NULL,
	kind BIGINT NOT NULL,
	formed BIGINT NOT NULL,
	dissolved BIGINT,
	seq BIGINT NOT NULL,
	PRIMARY KEY (area, id)
) /* clustered */;
CREATE TABLE team_fact (
	team BYTEA NOT NULL,
	at BIGINT NOT NULL,
	rank BIGINT NOT NULL,
	event BYTEA NOT NULL,
	person BYTEA NOT NULL,
	post BIGINT,
	PRIMARY KEY (team, at, rank, event)
) /* clustered */;
CREATE INDEX team_fact_person ON team_fact (person, team);
CREATE TABLE subject_merge (
	source BYTEA NOT NULL,
	target BYTEA NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (source)
) /* clustered */;
CREATE INDEX subject_merge_target ON subject_merge (target);

-- name: person_add
INSERT INTO person (area, id, category, party, gone, seq, changes) VALUES ($1, $2, $3, $4, 0, $5, 0);

-- name: person_drop
DELETE FROM person WHERE area = $1 AND id = $2;

-- name: person_get
SELECT category, party, gone, seq, changes FROM person WHERE area = $1 AND id = $2;

-- name: person_set
UPDATE person SET category = $3, party = $4, gone = $5, changes = changes + $6 WHERE area = $1 AND id = $2;

-- name: people_of
SELECT area, id, category, party, gone FROM person
WHERE area >= $1 AND area < $2 AND (area, id) > ($3, $4) ORDER BY area, id LIMIT $5;

-- name: people_of_category
SELECT area, id, category, party, gone FROM person
WHERE area >= $1 AND area < $2 AND (area, id) > ($3, $4) AND category = $6 AND gone = 0 ORDER BY area, id LIMIT $5;

-- name: person_fact_add
INSERT INTO person_fact (person, at, rank, event, category, party, gone) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: person_fact_drop
DELETE FROM person_fact WHERE person = $1 AND at = $2 AND rank = $3 AND event = $4;

-- name: person_facts
SELECT at, category, party, gone, event FROM person_fact WHERE person = $1 ORDER BY at, rank, event;

-- name: person_left_at
SELECT at FROM person_fact WHERE person = $1 AND gone IS NOT NULL ORDER BY at, rank, event LIMIT 1;

-- name: exposure_add
INSERT INTO exposure (person, since, seq, until) VALUES ($1, $2, $3, $4);

-- name: exposure_drop
DELETE FROM exposure WHERE person = $1 AND since = $2 AND seq = $3;

-- name: exposed_between
SELECT seq FROM exposure WHERE person = $1 AND since < $3 AND (until IS NULL OR until > $2) LIMIT 1;

-- name: exposed_at
SELECT seq FROM exposure WHERE person = $1 AND since <= $2 AND (until IS NULL OR until > $2) LIMIT 1;

-- name: team_add
INSERT INTO team (area, id, kind, formed, seq) VALUES ($1, $2, $3, $4, $5);

-- name: team_drop
DELETE FROM team WHERE area = $1 AND id = $2;

-- name: team_get
SELECT kind, formed, dissolved, seq FROM team WHERE area = $1 AND id = $2;

-- name: team_dissolve
UPDATE team SET dissolved = $3 WHERE area = $1 AND id = $2;

-- name: teams_of
SELECT area, id, kind, formed, dissolved, seq FROM team
WHERE area >= $1 AND area < $2 AND (area, id) > ($3, $4) ORDER BY area, id LIMIT $5;

-- name: teams_at
SELECT area, id, seq FROM team
WHERE area >= $1 AND area < $2 AND (area, id) > ($3, $4) AND kind = $5 AND formed < $6 AND (dissolved IS NULL OR dissolved >= $6)
ORDER BY area, id LIMIT $7;

-- name: team_fact_add
INSERT INTO team_fact (team, at, rank, event, person, post) VALUES ($1, $2, $3, $4, $5, $6);

-- name: team_fact_drop
DELETE FROM team_fact WHERE team = $1 AND at = $2 AND rank = $3 AND event = $4;

-- name: team_facts
SELECT at, person, post, event FROM team_fact WHERE team = $1 ORDER BY at, rank, event;

-- name: joined_since
SELECT at, team FROM team_fact WHERE person = $1 AND at >= $2 AND post IS NOT NULL ORDER BY at, team;

-- name: team_fact_after
SELECT at FROM team_fact WHERE team = $1 AND at > $2 LIMIT 1;

-- name: teams_of_person
SELECT DISTINCT team FROM team_fact WHERE person = $1 ORDER BY team;

-- name: subject_merge_add
INSERT INTO subject_merge (source, target, seq) VALUES ($1, $2, $3);

-- name: subject_merge_drop
DELETE FROM subject_merge WHERE source = $1;

-- name: subject_merge_get
SELECT target FROM subject_merge WHERE source = $1;

-- name: subject_merged_into
SELECT source FROM subject_merge WHERE target = $1 ORDER BY source LIMIT $2;
