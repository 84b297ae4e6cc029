-- Notices.

-- script: NOTICES_SCHEMA
CREATE TABLE notices_none (
	seq BIGINT NOT NULL,
	PRIMARY KEY (seq)
) /* clustered */;
