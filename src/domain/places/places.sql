-- Divisions and their later names, sites, households. What is personal stays in
-- the ledger. Households stand in the order they were recorded, so that a commit
-- appends to one page; household_block tells in which runs of 256 records a
-- village has any, so that its households are found without an index that every
-- commit would dirty in as many places as there are villages.

-- script: PLACES_SCHEMA
CREATE TABLE division (
	code BIGINT NOT NULL,
	level BIGINT NOT NULL,
	parent BIGINT,
	listed BIGINT NOT NULL,
	name TEXT NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (code)
) /* clustered */;
CREATE INDEX division_parent ON division (parent, code);
CREATE TABLE division_name (
	code BIGINT NOT NULL,
	since BIGINT NOT NULL,
	at BIGINT NOT NULL,
	event BYTEA NOT NULL,
	name TEXT NOT NULL,
	PRIMARY KEY (code, since, at, event)
) /* clustered */;
CREATE TABLE site (
	id BYTEA NOT NULL,
	kind BIGINT NOT NULL,
	place BIGINT NOT NULL,
	opened BIGINT NOT NULL,
	closed BIGINT,
	seq BIGINT NOT NULL,
	PRIMARY KEY (id)
) /* clustered */;
CREATE INDEX site_place ON site (place, id);
CREATE TABLE site_change (
	site BYTEA NOT NULL,
	since BIGINT NOT NULL,
	at BIGINT NOT NULL,
	event BYTEA NOT NULL,
	name TEXT,
	lon BIGINT,
	lat BIGINT,
	PRIMARY KEY (site, since, at, event)
) /* clustered */;
CREATE TABLE household (
	seq BIGINT /* rowid */ PRIMARY KEY,
	id BYTEA NOT NULL,
	place BIGINT NOT NULL,
	registered BIGINT NOT NULL,
	removed BIGINT,
	changes BIGINT NOT NULL
);
CREATE TABLE household_block (
	block BIGINT NOT NULL,
	village BIGINT NOT NULL,
	PRIMARY KEY (block, village)
) /* clustered */;

-- name: division_add
INSERT INTO division (code, level, parent, listed, name, seq) VALUES ($1, $2, $3, $4, $5, $6);

-- name: division_drop
DELETE FROM division WHERE code = $1;

-- name: division_get
SELECT level, parent, listed, name FROM division WHERE code = $1;

-- name: divisions_below
SELECT d.code, d.level, d.listed, COALESCE((SELECT n.name FROM division_name n
WHERE n.code = d.code AND n.since <= $4 ORDER BY n.since DESC, n.at DESC, n.event DESC LIMIT 1), d.name)
FROM division d WHERE d.parent = $1 AND d.code > $2 ORDER BY d.code LIMIT $3;

-- name: divisions_within
SELECT d.code, d.level, d.parent, d.listed, COALESCE((SELECT n.name FROM division_name n
WHERE n.code = d.code AND n.since <= $5 ORDER BY n.since DESC, n.at DESC, n.event DESC LIMIT 1), d.name)
FROM division d WHERE d.code >= $1 AND d.code < $2 AND d.code > $3 ORDER BY d.code LIMIT $4;

-- name: division_has_below
SELECT code FROM division WHERE code > $1 AND code < $2 ORDER BY code LIMIT 1;

-- name: division_name_add
INSERT INTO division_name (code, since, at, event, name) VALUES ($1, $2, $3, $4, $5);

-- name: division_name_drop
DELETE FROM division_name WHERE code = $1 AND since = $2 AND at = $3 AND event = $4;

-- name: division_name_at
SELECT name FROM division_name WHERE code = $1 AND since <= $2 ORDER BY since DESC, at DESC, event DESC LIMIT 1;

-- name: divisions_of_level
SELECT code, seq FROM division WHERE code >= $1 AND code < $2 AND level = $3 AND listed < $4 AND code > $5 ORDER BY code LIMIT $6;

-- name: site_add
INSERT INTO site (id, kind, place, opened, seq) VALUES ($1, $2, $3, $4, $5);

-- name: site_drop
DELETE FROM site WHERE id = $1;

-- name: site_get
SELECT kind, place, opened, closed, seq FROM site WHERE id = $1;

-- name: site_close
UPDATE site SET closed = $2 WHERE id = $1;

-- name: sites_of
SELECT id, kind, place, opened, closed, seq FROM site
WHERE place >= $1 AND place < $2 AND (place, id) > ($3, $4) ORDER BY place, id LIMIT $5;

-- name: sites_open_of_kind
SELECT place, id, seq FROM site
WHERE place >= $1 AND place < $2 AND kind = $3 AND opened < $4 AND (closed IS NULL OR closed >= $4)
AND (place, id) > ($5, $6) ORDER BY place, id LIMIT $7;

-- name: site_change_add
INSERT INTO site_change (site, since, at, event, name, lon, lat) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: site_change_drop
DELETE FROM site_change WHERE site = $1 AND since = $2 AND at = $3 AND event = $4;

-- name: site_changes
SELECT name, lon, lat FROM site_change WHERE site = $1 AND since <= $2 ORDER BY since, at, event;

-- name: household_add
INSERT INTO household (seq, id, place, registered, changes) VALUES ($1, $2, $3, $4, 0);

-- name: household_block_add
INSERT INTO household_block (block, village) VALUES ($1, $2) ON CONFLICT (block, village) DO NOTHING;

-- name: household_drop
DELETE FROM household WHERE seq = $1;

-- name: household_get
SELECT registered, removed, changes FROM household WHERE seq = $1;

-- name: household_remove
UPDATE household SET removed = $2 WHERE seq = $1;

-- name: household_count_change
UPDATE household SET changes = changes + $2 WHERE seq = $1;

-- name: household_blocks
SELECT block FROM household_block WHERE block >= $1 AND village = $2 ORDER BY block LIMIT $3;

-- name: household_range
SELECT seq, id, place, registered, removed, changes FROM household
WHERE seq > $1 AND seq < $2 AND place >= $3 AND place < $4 ORDER BY seq LIMIT $5;
