-- Passages in order of site and time: a commit appends to one page a checkpoint,
-- and whatever is counted beyond a place and day is counted from them. Passes, and
-- what revokes them. Personal data stays in the ledger.

-- script: CHECKPOINTS_SCHEMA
CREATE TABLE passage (
	site BYTEA NOT NULL,
	at BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	incident BIGINT NOT NULL,
	vehicles BIGINT NOT NULL,
	people BIGINT NOT NULL,
	fevers BIGINT NOT NULL,
	turned_back BIGINT NOT NULL,
	referred BIGINT NOT NULL,
	follow_ups BIGINT NOT NULL,
	PRIMARY KEY (site, at, seq)
) /* clustered */;
CREATE TABLE pass (
	seq BIGINT /* rowid */ PRIMARY KEY,
	id BYTEA NOT NULL,
	subject BYTEA NOT NULL,
	area BIGINT NOT NULL,
	town BIGINT NOT NULL,
	at BIGINT NOT NULL,
	valid_from BIGINT NOT NULL,
	valid_to BIGINT NOT NULL,
	purpose TEXT NOT NULL,
	revoked BIGINT,
	revoked_by BIGINT
);
CREATE INDEX pass_subject ON pass (subject, seq);
CREATE INDEX pass_town ON pass (town, seq);
CREATE INDEX pass_revoked ON pass (valid_to, seq) WHERE revoked IS NOT NULL;
CREATE TABLE pass_revocation (
	subject BYTEA NOT NULL,
	at BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	area BIGINT NOT NULL,
	pass BYTEA,
	valid_from BIGINT,
	valid_to BIGINT,
	purpose TEXT,
	PRIMARY KEY (subject, at, seq)
) /* clustered */;

-- Checkpoints of a place, closed ones too.
-- name: checkpoint_sites
SELECT id, place, opened, closed, seq FROM site
WHERE place >= $1 AND place < $2 AND kind = $3 AND (place, id) > ($4, $5) ORDER BY place, id LIMIT $6;

-- name: passage_add
INSERT INTO passage (site, at, seq, incident, vehicles, people, fevers, turned_back, referred, follow_ups)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: passage_drop
DELETE FROM passage WHERE site = $1 AND at = $2 AND seq = $3;

-- name: passage_first
SELECT seq FROM passage WHERE site = $1 ORDER BY at, seq LIMIT 1;

-- name: passage_since
SELECT seq FROM passage WHERE site = $1 AND at >= $2 ORDER BY at, seq LIMIT 1;

-- name: passage_last
SELECT at FROM passage WHERE site = $1 ORDER BY at DESC, seq DESC LIMIT 1;

-- name: passage_before
SELECT at, seq FROM passage WHERE site = $1 AND at >= $2 AND (at, seq) < ($3, $4) ORDER BY at DESC, seq DESC LIMIT 1;

-- name: passage_after
SELECT at, seq, vehicles, people, fevers, turned_back, referred FROM passage
WHERE site = $1 AND at < $2 AND (at, seq) > ($3, $4) AND incident = $5 ORDER BY at, seq LIMIT $6;

-- name: passage_day
SELECT CAST(COALESCE(SUM(vehicles), 0) AS BIGINT), CAST(COALESCE(SUM(people), 0) AS BIGINT),
       CAST(COALESCE(SUM(fevers), 0) AS BIGINT), CAST(COALESCE(SUM(follow_ups), 0) AS BIGINT)
FROM passage WHERE site = $1 AND at >= $2 AND at < $3;

-- The last ones first; what was withdrawn is left out.
-- name: subject_records
SELECT l.seq FROM link l LEFT JOIN voided v ON v.seq = l.seq
WHERE l.thing = $1 AND v.seq IS NULL ORDER BY l.seq DESC LIMIT $2;

-- name: screening_voided
SELECT by_seq FROM voided WHERE seq = $1;

-- name: pass_add
INSERT INTO pass (seq, id, subject, area, town, at, valid_from, valid_to, purpose)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: pass_drop
DELETE FROM pass WHERE seq = $1;

-- name: pass_revoke
UPDATE pass SET revoked = $2, revoked_by = $3 WHERE seq = $1;

-- name: passes_of_subject
SELECT seq, id, subject, area, at, valid_from, valid_to, purpose, revoked, revoked_by FROM pass
WHERE subject = $1 ORDER BY seq;

-- name: passes_of_town
SELECT seq, id, subject, area, at, valid_from, valid_to, purpose, revoked, revoked_by FROM pass
WHERE town = $1 AND area >= $2 AND area < $3 AND seq < $4 ORDER BY seq DESC LIMIT $5;

-- name: passes_newest
SELECT seq, id, subject, area, at, valid_from, valid_to, purpose, revoked, revoked_by FROM pass
WHERE seq < $3 AND seq >= $4 AND area >= $1 AND area < $2 ORDER BY seq DESC LIMIT $5;

-- name: pass_seq_before
SELECT seq FROM pass WHERE seq < $1 ORDER BY seq DESC LIMIT 1;

-- name: passes_revoked
SELECT id FROM pass WHERE revoked IS NOT NULL AND valid_to > $1 ORDER BY valid_to DESC, seq LIMIT $2;

-- name: pass_revocation_add
INSERT INTO pass_revocation (subject, at, seq, area, pass, valid_from, valid_to, purpose)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: pass_revocation_drop
DELETE FROM pass_revocation WHERE subject = $1 AND at = $2 AND seq = $3;

-- name: pass_revocations
SELECT at, seq, area, pass, valid_from, valid_to, purpose FROM pass_revocation WHERE subject = $1 ORDER BY at, seq;
