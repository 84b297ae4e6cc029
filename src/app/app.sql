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

-- name: delivery_add_one
INSERT INTO delivery (message, channel, tries, next_try, dead) VALUES ($1, $2, 0, $3, 0);

-- name: channel_add
INSERT INTO channel (name, kind, url, secret, place, place_end, kinds, created, disabled)
VALUES ($1, 'webhook', $2, $3, $4, $5, $6, $7, 0) ON CONFLICT (name) DO NOTHING;

-- name: channel_count
SELECT COUNT(*) FROM channel;

-- name: channel_disable
UPDATE channel SET disabled = $2 WHERE name = $1;

-- name: channel_place
SELECT place FROM channel WHERE name = $1;

-- name: channel_list
SELECT name, url, place, kinds, created, disabled, secret FROM channel ORDER BY name;

-- name: outbox_waiting
SELECT d.message, m.created, m.kind, m.place, d.channel, d.tries, d.next_try, d.answer
FROM delivery d JOIN message m ON m.id = d.message
WHERE d.delivered IS NULL AND d.dead = 0 ORDER BY d.message, d.channel LIMIT $1;

-- name: outbox_dead
SELECT d.message, m.created, m.kind, m.place, d.channel, d.tries, d.next_try, d.answer
FROM delivery d JOIN message m ON m.id = d.message
WHERE d.dead = 1 ORDER BY d.message, d.channel LIMIT $1;

-- name: outbox_due
SELECT d.message, d.tries, m.body FROM delivery d JOIN message m ON m.id = d.message
WHERE d.channel = $1 AND d.delivered IS NULL AND d.dead = 0 AND d.next_try <= $2 ORDER BY d.next_try LIMIT $3;

-- name: outbox_count_waiting
SELECT COUNT(*) FROM delivery WHERE delivered IS NULL AND dead = 0;

-- name: outbox_count_dead
SELECT COUNT(*) FROM delivery WHERE dead = 1;

-- name: outbox_delivered
UPDATE delivery SET delivered = $3, tries = tries + 1, dead = 0, answer = $4
WHERE message = $1 AND channel = $2 AND delivered IS NULL;

-- name: outbox_failed
UPDATE delivery SET tries = $3, next_try = $4, dead = $5, answer = $6
WHERE message = $1 AND channel = $2 AND delivered IS NULL;

-- name: outbox_retry
UPDATE delivery SET tries = CASE WHEN dead = 1 THEN 0 ELSE tries END, dead = 0, next_try = $2
WHERE message = $1 AND delivered IS NULL;

-- name: outbox_retry_waiting
UPDATE delivery SET next_try = $1 WHERE delivered IS NULL AND dead = 0;

-- name: outbox_retry_dead
UPDATE delivery SET tries = 0, dead = 0, next_try = $1 WHERE dead = 1;
