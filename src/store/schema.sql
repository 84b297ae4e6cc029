-- What cannot be derived, version 1. Types BIGINT, TEXT, BYTEA only; the marks
-- "clustered" and "rowid" in comments tell a store how to lay a table out.

CREATE TABLE meta (
	name TEXT PRIMARY KEY,
	value TEXT NOT NULL
) /* clustered */;

CREATE TABLE ledger (
	seq BIGINT /* rowid */ PRIMARY KEY,
	id BYTEA NOT NULL,
	type TEXT NOT NULL,
	town BIGINT NOT NULL,
	hash BYTEA NOT NULL,
	entry BYTEA NOT NULL
);

CREATE UNIQUE INDEX ledger_id ON ledger (id);

CREATE INDEX ledger_type ON ledger (type, seq);

CREATE TABLE ledger_node (
	level BIGINT NOT NULL,
	idx BIGINT NOT NULL,
	hash BYTEA NOT NULL,
	PRIMARY KEY (level, idx)
) /* clustered */;

CREATE TABLE ledger_head (
	size BIGINT /* rowid */ PRIMARY KEY,
	root BYTEA NOT NULL,
	at BIGINT NOT NULL,
	signature BYTEA NOT NULL
);

CREATE TABLE subject_key (
	subject BYTEA PRIMARY KEY,
	wrapped BYTEA NOT NULL
) /* clustered */;

CREATE TABLE account (
	name TEXT PRIMARY KEY,
	password TEXT NOT NULL,
	person BYTEA,
	disabled BIGINT NOT NULL,
	created BIGINT NOT NULL,
	failed BIGINT NOT NULL,
	locked_until BIGINT NOT NULL,
	totp TEXT
) /* clustered */;

-- The token is kept as its hash.
CREATE TABLE session (
	token BYTEA PRIMARY KEY,
	account TEXT NOT NULL,
	created BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	seen BIGINT NOT NULL
) /* clustered */;

CREATE TABLE erasure (
	subject BYTEA PRIMARY KEY,
	at BIGINT NOT NULL,
	seq BIGINT NOT NULL
) /* clustered */;
