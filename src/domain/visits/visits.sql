-- Visits, observations and contacts stand in the order they were recorded, so
-- that a commit appends to one page: a household's visits are found through the
-- core's links. A follow-up's row holds what its fold says now.

-- script: VISITS_SCHEMA
CREATE TABLE visit (
	seq BIGINT /* rowid */ PRIMARY KEY,
	at BIGINT NOT NULL,
	area BIGINT NOT NULL,
	incident BIGINT NOT NULL,
	result BIGINT NOT NULL
);
CREATE TABLE followup (
	place BIGINT NOT NULL,
	id BYTEA NOT NULL,
	subject BYTEA NOT NULL,
	incident BIGINT NOT NULL,
	category BIGINT NOT NULL,
	household_first BYTEA,
	household BYTEA,
	opened BIGINT NOT NULL,
	starts BIGINT NOT NULL,
	days_given BIGINT,
	per_day_given BIGINT,
	days BIGINT NOT NULL,
	per_day BIGINT NOT NULL,
	closed BIGINT,
	reason BIGINT,
	seq BIGINT NOT NULL,
	closed_seq BIGINT,
	last_seen BIGINT,
	last_temperature BIGINT,
	alert BIGINT NOT NULL,
	PRIMARY KEY (place, id)
) /* clustered */;
CREATE INDEX followup_subject ON followup (subject);
CREATE INDEX followup_household ON followup (household) WHERE household IS NOT NULL;
CREATE INDEX followup_seq ON followup (seq);
CREATE INDEX followup_open ON followup (place, id) WHERE closed IS NULL;
CREATE INDEX followup_closed ON followup (place, id) WHERE closed IS NOT NULL;
CREATE INDEX followup_alert ON followup (place, id) WHERE alert = 1;
CREATE TABLE observation (
	seq BIGINT /* rowid */ PRIMARY KEY,
	followup BYTEA NOT NULL,
	at BIGINT NOT NULL,
	event BYTEA NOT NULL,
	area BIGINT NOT NULL,
	incident BIGINT NOT NULL,
	present BIGINT NOT NULL,
	temperature BIGINT,
	unwell BIGINT NOT NULL,
	household BYTEA
);
CREATE INDEX observation_followup ON observation (followup, at);
CREATE TABLE followup_screening (
	followup BYTEA NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (followup, seq)
) /* clustered */;
CREATE INDEX followup_screening_seq ON followup_screening (seq);
CREATE TABLE contact (
	seq BIGINT /* rowid */ PRIMARY KEY,
	source BYTEA NOT NULL,
	target BYTEA NOT NULL,
	area BIGINT NOT NULL,
	day BIGINT
);
CREATE INDEX contact_source ON contact (source);
CREATE INDEX contact_target ON contact (target);

-- name: visit_add
INSERT INTO visit (seq, at, area, incident, result) VALUES ($1, $2, $3, $4, $5);

-- name: visit_drop
DELETE FROM visit WHERE seq = $1;

-- name: visit_page
SELECT seq, at, area, incident FROM visit WHERE seq > $1 ORDER BY seq LIMIT $2;

-- name: household_visited
SELECT MAX(v.at), MAX(CASE WHEN v.result = 0 THEN v.at END) FROM link l JOIN visit v ON v.seq = l.seq WHERE l.thing = $1;

-- name: household_visits
SELECT v.seq FROM link l JOIN visit v ON v.seq = l.seq WHERE l.thing = $1 ORDER BY v.at DESC, v.seq DESC LIMIT $2;

-- name: followup_add
INSERT INTO followup (place, id, subject, incident, category, household_first, household, opened, starts, days_given,
per_day_given, days, per_day, seq, alert) VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, $11, $12, $13, 0);

-- name: followup_drop
DELETE FROM followup WHERE place = $1 AND id = $2;

-- name: followup_close
UPDATE followup SET closed = $3, reason = $4, closed_seq = $5 WHERE place = $1 AND id = $2;

-- name: followup_settle
UPDATE followup SET household = $3, days = $4, per_day = $5, last_seen = $6, last_temperature = $7, alert = $8
WHERE place = $1 AND id = $2;

-- name: followup_get
SELECT place, id, subject, incident, category, household_first, household, opened, starts, days_given, per_day_given,
days, per_day, closed, reason, seq, closed_seq, last_seen, last_temperature, alert FROM followup
WHERE place = $1 AND id = $2;

-- name: followups_all
SELECT place, id, subject, incident, category, household_first, household, opened, starts, days_given, per_day_given,
days, per_day, closed, reason, seq, closed_seq, last_seen, last_temperature, alert FROM followup
WHERE place >= $1 AND place < $2 AND (place, id) > ($3, $4) ORDER BY place, id LIMIT $5;

-- name: followups_open
SELECT place, id, subject, incident, category, household_first, household, opened, starts, days_given, per_day_given,
days, per_day, closed, reason, seq, closed_seq, last_seen, last_temperature, alert FROM followup
WHERE closed IS NULL AND place >= $1 AND place < $2 AND (place, id) > ($3, $4) ORDER BY place, id LIMIT $5;

-- name: followups_closed
SELECT place, id, subject, incident, category, household_first, household, opened, starts, days_given, per_day_given,
days, per_day, closed, reason, seq, closed_seq, last_seen, last_temperature, alert FROM followup
WHERE closed IS NOT NULL AND place >= $1 AND place < $2 AND (place, id) > ($3, $4) ORDER BY place, id LIMIT $5;

-- name: followups_alert
SELECT place, id, subject, incident, category, household_first, household, opened, starts, days_given, per_day_given,
days, per_day, closed, reason, seq, closed_seq, last_seen, last_temperature, alert FROM followup
WHERE alert = 1 AND place >= $1 AND place < $2 AND (place, id) > ($3, $4) ORDER BY place, id LIMIT $5;

-- name: followups_by_parameter
SELECT place, id, subject, incident, category, household_first, household, opened, starts, days_given, per_day_given,
days, per_day, closed, reason, seq, closed_seq, last_seen, last_temperature, alert FROM followup
WHERE (days_given IS NULL OR per_day_given IS NULL) AND place >= $1 AND place < $2 AND (place, id) > ($3, $4)
ORDER BY place, id LIMIT $5;

-- name: followups_of_household
SELECT place, id, subject, incident, category, household_first, household, opened, starts, days_given, per_day_given,
days, per_day, closed, reason, seq, closed_seq, last_seen, last_temperature, alert FROM followup
WHERE household = $1 ORDER BY opened, id LIMIT 200;

-- name: followups_of_subject
SELECT place, id, subject, incident, category, household_first, household, opened, starts, days_given, per_day_given,
days, per_day, closed, reason, seq, closed_seq, last_seen, last_temperature, alert FROM followup
WHERE subject = $1 ORDER BY opened, id LIMIT 200;

-- name: followups_by_seq
SELECT place, id, subject, incident, category, household_first, household, opened, starts, days_given, per_day_given,
days, per_day, closed, reason, seq, closed_seq, last_seen, last_temperature, alert FROM followup
WHERE seq >= $1 ORDER BY seq LIMIT $2;

-- name: followup_open_from
SELECT id, opened FROM followup WHERE subject = $1 AND (closed IS NULL OR closed > $2) ORDER BY opened, id;

-- name: followups_opened_before
SELECT place, id, seq FROM followup WHERE place >= $1 AND place < $2 AND incident = $3 AND opened < $4
AND (place, id) > ($5, $6) ORDER BY place, id LIMIT $7;

-- name: followups_open_before
SELECT place, id, seq FROM followup WHERE place >= $1 AND place < $2 AND incident = $3 AND opened < $4
AND (closed IS NULL OR closed >= $4) AND (place, id) > ($5, $6) ORDER BY place, id LIMIT $7;

-- name: observation_add
INSERT INTO observation (seq, followup, at, event, area, incident, present, temperature, unwell, household)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: observation_drop
DELETE FROM observation WHERE seq = $1;

-- name: observations_of
SELECT at, seq, present, temperature, unwell, household FROM observation
WHERE followup = $1 AND at >= $2 ORDER BY at, event;

-- name: observation_after
SELECT at FROM observation WHERE followup = $1 AND at > $2 LIMIT 1;

-- name: observation_page
SELECT seq, at, area, incident FROM observation WHERE seq > $1 ORDER BY seq LIMIT $2;

-- name: screening_link_add
INSERT INTO followup_screening (followup, seq) VALUES ($1, $2) ON CONFLICT (followup, seq) DO NOTHING;

-- name: screening_link_drop
DELETE FROM followup_screening WHERE seq = $1;

-- name: screening_link_drop_of
DELETE FROM followup_screening WHERE followup = $1;

-- name: screening_links
SELECT seq FROM followup_screening WHERE followup = $1 ORDER BY seq LIMIT 200;

-- name: contact_add
INSERT INTO contact (seq, source, target, area, day) VALUES ($1, $2, $3, $4, $5);

-- name: contact_drop
DELETE FROM contact WHERE seq = $1;

-- name: contacts_of
SELECT seq, source, target, area, day FROM contact WHERE source = $1
UNION ALL SELECT seq, source, target, area, day FROM contact WHERE target = $1 AND source <> $1 ORDER BY 1 LIMIT $2;
