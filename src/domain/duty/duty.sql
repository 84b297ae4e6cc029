-- Who reported what, the reserve, requests and assignments, shifts. Facts stand
-- by person and incident in fold order; what is folded from them is kept beside
-- for reading by place. What is personal stays in the ledger.

-- script: DUTY_SCHEMA
CREATE TABLE duty_fact (
	person BYTEA NOT NULL,
	incident BIGINT NOT NULL,
	at BIGINT NOT NULL,
	event BYTEA NOT NULL,
	status BIGINT NOT NULL,
	area BIGINT NOT NULL,
	site BYTEA,
	shift BYTEA,
	seq BIGINT NOT NULL,
	PRIMARY KEY (person, incident, at, event)
) /* clustered */;
CREATE TABLE duty_place (
	incident BIGINT NOT NULL,
	area BIGINT NOT NULL,
	person BYTEA NOT NULL,
	refs BIGINT NOT NULL,
	PRIMARY KEY (incident, area, person)
) /* clustered */;
CREATE TABLE duty_handover (
	site BYTEA NOT NULL,
	at BIGINT NOT NULL,
	event BYTEA NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (site, at, event)
) /* clustered */;
CREATE TABLE reserve_fact (
	person BYTEA NOT NULL,
	incident BIGINT NOT NULL,
	at BIGINT NOT NULL,
	rank BIGINT NOT NULL,
	event BYTEA NOT NULL,
	joins BIGINT NOT NULL,
	available_from BIGINT,
	area BIGINT NOT NULL,
	skills TEXT,
	seq BIGINT NOT NULL,
	PRIMARY KEY (person, incident, at, rank, event)
) /* clustered */;
CREATE TABLE reserve_span (
	incident BIGINT NOT NULL,
	area BIGINT NOT NULL,
	person BYTEA NOT NULL,
	since BIGINT NOT NULL,
	until BIGINT,
	first BIGINT NOT NULL,
	home BIGINT NOT NULL,
	available_from BIGINT NOT NULL,
	skills TEXT NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (incident, area, person, since)
) /* clustered */;
CREATE INDEX reserve_span_now ON reserve_span (incident, area, person) WHERE until IS NULL;
CREATE TABLE support_request (
	id BYTEA NOT NULL,
	area BIGINT NOT NULL,
	incident BIGINT NOT NULL,
	site BYTEA NOT NULL,
	headcount BIGINT NOT NULL,
	at BIGINT NOT NULL,
	needed_by BIGINT,
	taken BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (id)
) /* clustered */;
CREATE INDEX support_request_place ON support_request (incident, area, id);
CREATE INDEX support_request_site ON support_request (site, at);
CREATE INDEX support_request_open ON support_request (incident, area, id) WHERE taken < headcount;
CREATE TABLE support_fact (
	person BYTEA NOT NULL,
	incident BIGINT NOT NULL,
	at BIGINT NOT NULL,
	rank BIGINT NOT NULL,
	event BYTEA NOT NULL,
	request BYTEA NOT NULL,
	kind BIGINT NOT NULL,
	report_by BIGINT,
	again BIGINT,
	seq BIGINT NOT NULL,
	PRIMARY KEY (person, incident, at, rank, event)
) /* clustered */;
CREATE TABLE support_tenure (
	request BYTEA NOT NULL,
	person BYTEA NOT NULL,
	since BIGINT NOT NULL,
	until BIGINT,
	incident BIGINT NOT NULL,
	report_by BIGINT,
	arrived BIGINT,
	again BIGINT,
	seq BIGINT NOT NULL,
	PRIMARY KEY (request, person, since)
) /* clustered */;
CREATE INDEX support_tenure_person ON support_tenure (person, incident, since);
CREATE TABLE support_sent (
	incident BIGINT NOT NULL,
	area BIGINT NOT NULL,
	id BYTEA NOT NULL,
	at BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (incident, area, id)
) /* clustered */;
CREATE TABLE duty_shift (
	site BYTEA NOT NULL,
	since BIGINT NOT NULL,
	id BYTEA NOT NULL,
	until BIGINT NOT NULL,
	incident BIGINT NOT NULL,
	area BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (site, since, id)
) /* clustered */;
CREATE INDEX duty_shift_time ON duty_shift (incident, since, id);
CREATE TABLE duty_stand (
	person BYTEA NOT NULL,
	incident BIGINT NOT NULL,
	since BIGINT NOT NULL,
	shift BYTEA NOT NULL,
	until BIGINT NOT NULL,
	site BYTEA NOT NULL,
	area BIGINT NOT NULL,
	PRIMARY KEY (person, incident, since, shift)
) /* clustered */;

-- name: duty_fact_add
INSERT INTO duty_fact (person, incident, at, event, status, area, site, shift, seq)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: duty_fact_drop
DELETE FROM duty_fact WHERE person = $1 AND incident = $2 AND at = $3 AND event = $4;

-- name: duty_facts
SELECT at, status, seq, area, event, site, shift FROM duty_fact WHERE person = $1 AND incident = $2 ORDER BY at, event;

-- name: duty_fact_last
SELECT at, status, seq, area, event, site, shift FROM duty_fact
WHERE person = $1 AND incident = $2 AND at <= $3 ORDER BY at DESC, event DESC LIMIT 1;

-- name: duty_fact_incidents
SELECT DISTINCT incident FROM duty_fact WHERE person = $1 ORDER BY incident;

-- name: duty_place_ref
INSERT INTO duty_place (incident, area, person, refs) VALUES ($1, $2, $3, $4)
ON CONFLICT (incident, area, person) DO UPDATE SET refs = duty_place.refs + excluded.refs;

-- name: duty_place_drop
DELETE FROM duty_place WHERE incident = $1 AND area = $2 AND person = $3 AND refs = 0;

-- name: duty_places
SELECT area, person FROM duty_place
WHERE incident = $1 AND area >= $2 AND area < $3 AND (area, person) > ($4, $5) ORDER BY area, person LIMIT $6;

-- name: duty_handover_add
INSERT INTO duty_handover (site, at, event, seq) VALUES ($1, $2, $3, $4);

-- name: duty_handover_drop
DELETE FROM duty_handover WHERE site = $1 AND at = $2 AND event = $3;

-- name: duty_handovers
SELECT at, event, seq FROM duty_handover WHERE site = $1 AND (at, event) < ($2, $3) ORDER BY at DESC, event DESC LIMIT $4;

-- name: reserve_fact_add
INSERT INTO reserve_fact (person, incident, at, rank, event, joins, available_from, area, skills, seq)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: reserve_fact_drop
DELETE FROM reserve_fact WHERE person = $1 AND incident = $2 AND at = $3 AND rank = $4 AND event = $5;

-- name: reserve_facts
SELECT at, rank, seq, event, joins, available_from, area, skills FROM reserve_fact
WHERE person = $1 AND incident = $2 ORDER BY at, rank, event;

-- name: reserve_fact_incidents
SELECT DISTINCT incident FROM reserve_fact WHERE person = $1 ORDER BY incident;

-- name: reserve_span_add
INSERT INTO reserve_span (incident, area, person, since, until, first, home, available_from, skills, seq)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: reserve_span_drop
DELETE FROM reserve_span WHERE incident = $1 AND area = $2 AND person = $3 AND since = $4;

-- name: reserve_now
SELECT area, person, since, home, available_from, skills, seq FROM reserve_span
WHERE incident = $1 AND area >= $2 AND area < $3 AND (area, person) > ($4, $5) AND until IS NULL
ORDER BY area, person LIMIT $6;

-- name: reserve_at
SELECT area, person, seq FROM reserve_span
WHERE incident = $1 AND area >= $2 AND area < $3 AND (area, person) > ($4, $5) AND since < $6
AND (until IS NULL OR until >= $6) ORDER BY area, person LIMIT $7;

-- name: reserve_first
SELECT area, person, seq FROM reserve_span
WHERE incident = $1 AND area >= $2 AND area < $3 AND (area, person) > ($4, $5) AND since < $6 AND first = 1
ORDER BY area, person LIMIT $7;

-- name: request_add
INSERT INTO support_request (id, area, incident, site, headcount, at, needed_by, taken, seq)
VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8);

-- name: request_drop
DELETE FROM support_request WHERE id = $1;

-- name: request_get
SELECT site, area, incident, headcount, at, needed_by, taken, seq FROM support_request WHERE id = $1;

-- name: request_take
UPDATE support_request SET taken = taken + $2 WHERE id = $1;

-- name: requests_of
SELECT id, site, area, headcount, at, needed_by, taken, seq FROM support_request
WHERE incident = $1 AND area >= $2 AND area < $3 AND (area, id) > ($4, $5) ORDER BY area, id LIMIT $6;

-- name: requests_open
SELECT id, site, area, headcount, at, needed_by, taken, seq FROM support_request
WHERE incident = $1 AND area >= $2 AND area < $3 AND (area, id) > ($4, $5) AND taken < headcount
ORDER BY area, id LIMIT $6;

-- name: support_fact_add
INSERT INTO support_fact (person, incident, at, rank, event, request, kind, report_by, again, seq)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: support_fact_drop
DELETE FROM support_fact WHERE person = $1 AND incident = $2 AND at = $3 AND rank = $4 AND event = $5;

-- name: support_facts
SELECT at, rank, seq, kind, report_by, again, event, request FROM support_fact
WHERE person = $1 AND incident = $2 ORDER BY at, rank, event;

-- name: support_fact_incidents
SELECT DISTINCT incident FROM support_fact WHERE person = $1 ORDER BY incident;

-- name: tenure_add
INSERT INTO support_tenure (request, person, since, until, incident, report_by, arrived, again, seq)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: tenure_drop
DELETE FROM support_tenure WHERE request = $1 AND person = $2 AND since = $3;

-- name: tenures_of_request
SELECT request, person, since, until, report_by, arrived, again, seq, incident FROM support_tenure
WHERE request = $1 ORDER BY person, since;

-- name: tenures_of_person
SELECT request, person, since, until, report_by, arrived, again, seq, incident FROM support_tenure
WHERE person = $1 AND incident = $2 ORDER BY since;

-- name: tenures_of_reserve
SELECT t.request, t.person, t.since, t.until, t.report_by, t.arrived, t.again, t.seq, t.incident
FROM reserve_span r JOIN support_tenure t ON t.person = r.person AND t.incident = r.incident
WHERE r.incident = $1 AND r.area >= $2 AND r.area < $3 AND r.until IS NULL ORDER BY r.area, r.person, t.since;

-- name: sent_add
INSERT INTO support_sent (incident, area, id, at, seq) VALUES ($1, $2, $3, $4, $5);

-- name: sent_drop
DELETE FROM support_sent WHERE incident = $1 AND area = $2 AND id = $3;

-- name: sent_before
SELECT area, id, seq FROM support_sent
WHERE incident = $1 AND area >= $2 AND area < $3 AND (area, id) > ($4, $5) AND at < $6 ORDER BY area, id LIMIT $7;

-- name: shift_add
INSERT INTO duty_shift (site, since, id, until, incident, area, seq) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: shift_drop
DELETE FROM duty_shift WHERE site = $1 AND since = $2 AND id = $3;

-- name: shifts_of_site
SELECT since, id, until, area, site, seq, incident FROM duty_shift
WHERE site = $1 AND since >= $2 AND since < $3 AND (since, id) > ($4, $5) ORDER BY since, id LIMIT $6;

-- name: shifts_of_time
SELECT since, id, until, area, site, seq, incident FROM duty_shift
WHERE incident = $1 AND since >= $2 AND since < $3 AND (since, id) > ($4, $5) ORDER BY since, id LIMIT $6;

-- name: stand_add
INSERT INTO duty_stand (person, incident, since, shift, until, site, area) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: stand_drop
DELETE FROM duty_stand WHERE person = $1 AND incident = $2 AND since = $3 AND shift = $4;

-- name: stands_of
SELECT since, until, shift, site, area FROM duty_stand
WHERE person = $1 AND incident = $2 AND since > $3 AND since < $4 ORDER BY since, shift;

-- name: stands_of_reserve
SELECT s.since, s.until, s.shift, s.site, s.area, s.person
FROM reserve_span r JOIN duty_stand s ON s.person = r.person AND s.incident = r.incident
WHERE r.incident = $1 AND r.area >= $2 AND r.area < $3 AND r.until IS NULL AND s.since > $4 AND s.since < $5
ORDER BY r.area, r.person, s.since, s.shift;

-- name: stands_everywhere
SELECT since, until, shift, site, area, incident FROM duty_stand
WHERE person = $1 AND since > $2 AND since < $3 ORDER BY since, shift LIMIT 500;

-- name: last_of_reserve
SELECT r.person, f.at, f.status, f.area, f.site FROM reserve_span r
JOIN duty_fact f ON f.person = r.person AND f.incident = r.incident AND f.at =
(SELECT MAX(g.at) FROM duty_fact g WHERE g.person = r.person AND g.incident = r.incident AND g.at <= $4)
WHERE r.incident = $1 AND r.area >= $2 AND r.area < $3 AND r.until IS NULL ORDER BY r.area, r.person, f.event;

-- name: support_of_site_since
SELECT seq FROM support_request WHERE site = $1 AND at >= $2
UNION ALL SELECT t.seq FROM support_request r JOIN support_tenure t ON t.request = r.id
WHERE r.site = $1 AND t.since >= $2 LIMIT 1;
