-- What cannot be derived, version 2: whose id number or phone it is, by a keyed
-- hash; messages on their way out and the channels they take.

-- Whose goes with the subject's key when the subject is erased. New entries stand in rows of a record each, later in
-- pages of sorted runs (ledger/blind.c).
CREATE TABLE blind_new (
	n BIGINT /* rowid */ PRIMARY KEY,
	entries BYTEA NOT NULL
);

CREATE TABLE blind_page (
	page BIGINT /* rowid */ PRIMARY KEY,
	run BIGINT NOT NULL,
	first BYTEA NOT NULL,
	entries BYTEA NOT NULL
);

CREATE INDEX blind_page_run ON blind_page (run, first, page);

-- One row a message; `mark` makes it one however often it is found.
CREATE TABLE message (
	id BYTEA PRIMARY KEY,
	mark BYTEA NOT NULL,
	created BIGINT NOT NULL,
	kind TEXT NOT NULL,
	place BIGINT NOT NULL,
	body TEXT NOT NULL
) /* clustered */;

CREATE UNIQUE INDEX message_mark ON message (mark);

CREATE INDEX message_created ON message (created);

-- The secret is wrapped by the master key.
CREATE TABLE channel (
	name TEXT PRIMARY KEY,
	kind TEXT NOT NULL,
	url TEXT NOT NULL,
	secret BYTEA NOT NULL,
	place BIGINT NOT NULL,
	place_end BIGINT NOT NULL,
	kinds TEXT NOT NULL,
	created BIGINT NOT NULL,
	disabled BIGINT NOT NULL
) /* clustered */;

-- A message on its way by a channel; `delivered` once taken, `dead` when given up.
CREATE TABLE delivery (
	message BYTEA NOT NULL,
	channel TEXT NOT NULL,
	tries BIGINT NOT NULL,
	next_try BIGINT NOT NULL,
	delivered BIGINT,
	dead BIGINT NOT NULL,
	answer TEXT,
	PRIMARY KEY (message, channel)
) /* clustered */;

CREATE INDEX delivery_due ON delivery (channel, next_try) WHERE delivered IS NULL AND dead = 0;

CREATE INDEX delivery_waiting ON delivery (message, channel) WHERE delivered IS NULL AND dead = 0;

CREATE INDEX delivery_dead ON delivery (message, channel) WHERE dead = 1;
