-- Checkpoints.

-- script: CHECKPOINTS_SCHEMA
CREATE TABLE checkpoints_none (
	seq BIGINT NOT NULL,
	PRIMARY KEY (seq)
) /* clustered */;
