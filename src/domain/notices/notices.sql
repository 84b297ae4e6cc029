-- Notices, whom they are addressed to, and what was acknowledged. A notice's row carries the counts of its units;
-- a unit's row what remains to be done there. notice_list tells for every place, newest first, what was issued in it or
-- is addressed to it; notice_audience what is addressed to people of a place.

-- script: NOTICES_SCHEMA
CREATE TABLE notice (
	id BYTEA NOT NULL,
	area BIGINT NOT NULL,
	at BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	incident BIGINT NOT NULL,
	kind BIGINT NOT NULL,
	number TEXT,
	title TEXT NOT NULL,
	issuer TEXT NOT NULL,
	due BIGINT NOT NULL,
	parent BYTEA,
	people BIGINT NOT NULL,
	units BIGINT NOT NULL,
	acknowledged BIGINT NOT NULL,
	late BIGINT NOT NULL,
	people_acknowledged BIGINT NOT NULL,
	withdrawn BIGINT,
	recall BIGINT NOT NULL,
	waiting BIGINT,
	PRIMARY KEY (id)
) /* clustered */;
CREATE INDEX notice_parent ON notice (parent, area);
CREATE INDEX notice_area ON notice (area, id);
CREATE INDEX notice_recall ON notice (area) WHERE recall = 1;
CREATE INDEX notice_waiting ON notice (area, waiting) WHERE waiting IS NOT NULL;
CREATE INDEX notice_falls_due ON notice (waiting) WHERE waiting IS NOT NULL;
CREATE TABLE notice_list (
	place BIGINT NOT NULL,
	at BIGINT NOT NULL,
	notice BYTEA NOT NULL,
	PRIMARY KEY (place, at, notice)
) /* clustered */;
CREATE TABLE notice_audience (
	area BIGINT NOT NULL,
	at BIGINT NOT NULL,
	notice BYTEA NOT NULL,
	PRIMARY KEY (area, at, notice)
) /* clustered */;
CREATE TABLE notice_unit (
	notice BYTEA NOT NULL,
	place BIGINT NOT NULL,
	incident BIGINT NOT NULL,
	due BIGINT NOT NULL,
	below BIGINT NOT NULL,
	acked BIGINT,
	ack_seq BIGINT,
	passed BIGINT NOT NULL,
	late BIGINT,
	todo BIGINT NOT NULL,
	PRIMARY KEY (notice, place)
) /* clustered */;
CREATE INDEX notice_unit_todo ON notice_unit (place, todo, due);
CREATE INDEX notice_unit_late ON notice_unit (place, notice) WHERE late IS NOT NULL;
CREATE TABLE notice_ack (
	notice BYTEA NOT NULL,
	unit BIGINT NOT NULL,
	person BYTEA NOT NULL,
	at BIGINT NOT NULL,
	event BYTEA NOT NULL,
	seq BIGINT NOT NULL,
	area BIGINT NOT NULL,
	incident BIGINT NOT NULL,
	first BIGINT NOT NULL,
	PRIMARY KEY (notice, unit, person, at, event)
) /* clustered */;
CREATE INDEX notice_ack_area ON notice_ack (area, event) WHERE first = 1;

-- name: notice_add
INSERT INTO notice (id, area, at, seq, incident, kind, number, title, issuer, due, parent, people, units,
acknowledged, late, people_acknowledged, recall)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, 0, 0, 0);

-- name: notice_drop
DELETE FROM notice WHERE id = $1;

-- name: notice_get
SELECT id, area, at, seq, incident, kind, number, title, issuer, due, parent, people, units, acknowledged, late,
people_acknowledged, withdrawn FROM notice WHERE id = $1;

-- name: notice_children
SELECT id, area, at, seq, incident, kind, number, title, issuer, due, parent, people, units, acknowledged, late,
people_acknowledged, withdrawn FROM notice WHERE parent = $1 LIMIT $2;

-- name: notice_child_by
SELECT at FROM notice WHERE parent = $1 AND area = $2 AND withdrawn IS NULL ORDER BY at LIMIT 1;

-- name: notice_withdraw
UPDATE notice SET withdrawn = $2 WHERE id = $1;

-- name: notice_count
UPDATE notice SET acknowledged = acknowledged + $2, late = late + $3, people_acknowledged = people_acknowledged + $4
WHERE id = $1;

-- name: notice_wait
UPDATE notice SET waiting = CASE WHEN withdrawn IS NULL AND due < 9223372036854775807 AND acknowledged < units
THEN due END WHERE id = $1;

-- name: notice_recall_self
UPDATE notice SET recall = CASE WHEN withdrawn IS NULL AND (SELECT p.withdrawn FROM notice p WHERE p.id = notice.parent)
IS NOT NULL THEN 1 ELSE 0 END WHERE id = $1;

-- name: notice_recall_children
UPDATE notice SET recall = CASE WHEN withdrawn IS NULL AND (SELECT p.withdrawn FROM notice p WHERE p.id = notice.parent)
IS NOT NULL THEN 1 ELSE 0 END WHERE parent = $1;

-- name: notices_to_recall
SELECT id, title, at, parent FROM notice WHERE area = $1 AND recall = 1 LIMIT $2;

-- name: notices_past_hour
SELECT id, title, at, waiting, units, acknowledged FROM notice
WHERE area = $1 AND waiting <= $2 AND waiting IS NOT NULL ORDER BY waiting LIMIT $3;

-- name: notices_fell_due
SELECT id, area, title, waiting FROM notice WHERE waiting > $1 AND waiting <= $2 AND waiting IS NOT NULL ORDER BY waiting;

-- name: notice_list_add
INSERT INTO notice_list (place, at, notice) VALUES ($1, $2, $3) ON CONFLICT (place, at, notice) DO NOTHING;

-- name: notice_list_drop
DELETE FROM notice_list WHERE place = $1 AND at = $2 AND notice = $3;

-- name: notice_list_has
SELECT at FROM notice_list WHERE place = $1 AND at = $2 AND notice = $3;

-- name: notice_list_of
SELECT at, notice FROM notice_list WHERE place = $1 AND (at, notice) < ($2, $3) ORDER BY at DESC, notice DESC LIMIT $4;

-- name: notice_audience_add
INSERT INTO notice_audience (area, at, notice) VALUES ($1, $2, $3);

-- name: notice_audience_drop
DELETE FROM notice_audience WHERE area = $1 AND at = $2 AND notice = $3;

-- name: notice_audience_of
SELECT at, notice FROM notice_audience WHERE area = $1 AND (at, notice) < ($2, $3)
ORDER BY at DESC, notice DESC LIMIT $4;

-- name: notice_unit_add
INSERT INTO notice_unit (notice, place, incident, due, below, passed, todo) VALUES ($1, $2, $3, $4, $5, 0, -1);

-- name: notice_unit_drop
DELETE FROM notice_unit WHERE notice = $1;

-- name: notice_unit_get
SELECT place, below, acked, late, ack_seq, passed FROM notice_unit WHERE notice = $1 AND place = $2;

-- name: notice_units
SELECT place, below, acked, late, ack_seq, passed FROM notice_unit WHERE notice = $1 ORDER BY place;

-- name: notice_unit_set
UPDATE notice_unit SET acked = $3, ack_seq = $4, passed = $5, late = $6, todo = $7 WHERE notice = $1 AND place = $2;

-- name: notice_units_to_do
SELECT notice, due FROM notice_unit WHERE place = $1 AND todo = $2 ORDER BY due LIMIT $3;

-- name: notice_units_late
SELECT u.place, u.notice, n.seq, u.ack_seq FROM notice_unit u JOIN notice n ON n.id = u.notice
WHERE u.place >= $1 AND u.place < $2 AND (u.place, u.notice) > ($3, $4) AND u.late IS NOT NULL AND u.late < $5
AND u.incident = $6 ORDER BY u.place, u.notice LIMIT $7;

-- name: notice_ack_add
INSERT INTO notice_ack (notice, unit, person, at, event, seq, area, incident, first)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0);

-- name: notice_ack_drop
DELETE FROM notice_ack WHERE notice = $1 AND unit = $2 AND person = $3 AND at = $4 AND event = $5;

-- name: notice_ack_first
SELECT at, event, seq, area FROM notice_ack WHERE notice = $1 AND unit = $2 AND person = $3 ORDER BY at, event LIMIT 1;

-- name: notice_ack_mark
UPDATE notice_ack SET first = $6 WHERE notice = $1 AND unit = $2 AND person = $3 AND at = $4 AND event = $5;

-- name: notice_ack_by
SELECT seq FROM notice_ack WHERE notice = $1 AND unit = $2 AND person = $3 AND at <= $4 ORDER BY at, event LIMIT 1;

-- name: notice_acks_behind
SELECT area, event, seq FROM notice_ack WHERE area >= $1 AND area < $2 AND (area, event) > ($3, $4) AND first = 1
AND at < $5 AND incident = $6 ORDER BY area, event LIMIT $7;

-- name: notices_behind
SELECT area, id, seq FROM notice WHERE area >= $1 AND area < $2 AND (area, id) > ($3, $4) AND at < $5 AND incident = $6
ORDER BY area, id LIMIT $7;
