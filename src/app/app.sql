-- Accounts, sessions and what the app keeps in meta.

-- name: meta_get
SELECT value FROM meta WHERE name = $1;

-- name: meta_put
INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: account_add
INSERT INTO account (name, password, person, disabled, created, failed, locked_until) VALUES ($1, $2, $3, 0, $4, 0, 0)
ON CONFLICT (name) DO NOTHING;

-- name: account_get
SELECT password, person, disabled, failed, locked_until FROM account WHERE name = $1;

-- name: account_list
SELECT name, person, disabled, created, locked_until FROM account ORDER BY name;

-- name: account_disable
UPDATE account SET disabled = $2 WHERE name = $1;

-- name: account_failed
UPDATE account SET failed = $2, locked_until = $3 WHERE name = $1;

-- name: session_add
INSERT INTO session (token, account, created, expires, seen) VALUES ($1, $2, $3, $4, $3);

-- name: session_drop
DELETE FROM session WHERE token = $1;

-- name: session_drop_account
DELETE FROM session WHERE account = $1;

-- name: session_drop_old
DELETE FROM session WHERE expires <= $1;

-- name: session_list
SELECT token, account, expires FROM session WHERE expires > $1;

-- name: erasure_add
INSERT INTO erasure (subject, at, seq) VALUES ($1, $2, $3) ON CONFLICT (subject) DO NOTHING;

-- name: erasure_get
SELECT seq FROM erasure WHERE subject = $1;

-- name: message_add
INSERT INTO message (id, mark, created, kind, place, body) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (mark) DO NOTHING;

-- For every channel in use whose place holds the message's; `kinds` is '*' or a list like ' notice.late fever '.
-- name: delivery_add
INSERT INTO delivery (message, channel, tries, next_try, dead)
SELECT $1, name, 0, $2, 0 FROM channel
WHERE disabled = 0 AND (kinds = '*' OR kinds LIKE '% ' || $3 || ' %') AND place <= $4 AND $4 < place_end;
