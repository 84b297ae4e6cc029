-- Duty and support.

-- script: DUTY_SCHEMA
CREATE TABLE duty_none (
	seq BIGINT NOT NULL,
	PRIMARY KEY (seq)
) /* clustered */;
