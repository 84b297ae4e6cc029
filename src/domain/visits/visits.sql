-- Visits and follow-up.

-- script: VISITS_SCHEMA
CREATE TABLE visits_none (
	seq BIGINT NOT NULL,
	PRIMARY KEY (seq)
) /* clustered */;
