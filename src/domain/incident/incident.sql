-- Incidents, parameters, grants.

-- script: INCIDENT_SCHEMA
CREATE TABLE incident (
	id BYTEA NOT NULL,
	no BIGINT NOT NULL,
	kind BIGINT NOT NULL,
	name TEXT NOT NULL,
	level BIGINT,
	place BIGINT NOT NULL,
	opened BIGINT NOT NULL,
	closed BIGINT,
	PRIMARY KEY (id)
) /* clustered */;
CREATE TABLE parameter (
	name TEXT NOT NULL,
	since BIGINT NOT NULL,
	at BIGINT NOT NULL,
	event BYTEA NOT NULL,
	seq BIGINT NOT NULL,
	value BIGINT NOT NULL,
	PRIMARY KEY (name, since, at, event)
) /* clustered */;
CREATE TABLE access_grant (
	account TEXT NOT NULL,
	role BIGINT NOT NULL,
	place BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	since BIGINT NOT NULL,
	until BIGINT,
	revoked BIGINT,
	PRIMARY KEY (account, role, place, seq)
) /* clustered */;
CREATE INDEX access_grant_place ON access_grant (place);

-- name: incident_add
INSERT INTO incident (id, no, kind, name, level, place, opened) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: incident_drop
DELETE FROM incident WHERE id = $1;

-- name: incident_close
UPDATE incident SET closed = $2 WHERE id = $1;

-- name: incident_get
SELECT no, opened, closed FROM incident WHERE id = $1;

-- name: incidents_open_at
SELECT no FROM incident WHERE opened <= $1 AND (closed IS NULL OR closed > $1) ORDER BY no LIMIT $2;

-- name: incident_of_no
SELECT id, opened, closed FROM incident WHERE no = $1;

-- name: incident_latest
SELECT no FROM incident WHERE kind <> $1 AND opened < $2 ORDER BY opened DESC, no DESC LIMIT 1;

-- name: incident_list
SELECT id, no, kind, name, level, place, opened, closed FROM incident WHERE no > $1 ORDER BY no LIMIT $2;

-- name: record_voided
SELECT by_seq FROM voided WHERE seq = $1;

-- name: parameter_add
INSERT INTO parameter (name, since, at, event, seq, value) VALUES ($1, $2, $3, $4, $5, $6);

-- name: parameter_drop
DELETE FROM parameter WHERE name = $1 AND since = $2 AND at = $3 AND event = $4;

-- name: parameter_get
SELECT value FROM parameter WHERE name = $1 AND since <= $2 ORDER BY since DESC, at DESC, event DESC LIMIT 1;

-- name: parameter_list
SELECT name, since, seq, value FROM parameter WHERE seq > $1 ORDER BY seq LIMIT $2;

-- name: grant_add
INSERT INTO access_grant (account, role, place, seq, since, until) VALUES ($1, $2, $3, $4, $5, $6);

-- name: grant_revoke
UPDATE access_grant SET revoked = $4 WHERE account = $1 AND role = $2 AND place = $3 AND revoked IS NULL;

-- name: grant_live
SELECT role, place, until FROM access_grant
WHERE account = $1 AND revoked IS NULL AND (until IS NULL OR until > $2) ORDER BY role, place;

-- name: grants_at
SELECT since, until, revoked FROM access_grant WHERE place = $1 AND role IN (0, 1);

-- name: grant_list
SELECT account, role, place, until, seq FROM access_grant WHERE revoked IS NULL AND seq > $1 ORDER BY seq LIMIT $2;

-- name: account_known
SELECT disabled FROM account WHERE name = $1;
