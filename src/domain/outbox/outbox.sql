-- The tables stand in store/schema_2.sql: messages can't be derived.

-- name: outbox_waiting
SELECT m.id, d.channel, m.created, m.kind, m.place, d.tries, d.next_try, d.delivered, d.dead, d.answer
FROM delivery d JOIN message m ON m.id = d.message
WHERE d.delivered IS NULL AND d.dead = 0 AND (d.message, d.channel) < ($3, $4) AND m.place >= $1 AND m.place < $2
ORDER BY d.message DESC, d.channel DESC LIMIT $5;

-- name: outbox_dead
SELECT m.id, d.channel, m.created, m.kind, m.place, d.tries, d.next_try, d.delivered, d.dead, d.answer
FROM delivery d JOIN message m ON m.id = d.message
WHERE d.dead = 1 AND (d.message, d.channel) < ($3, $4) AND m.place >= $1 AND m.place < $2
ORDER BY d.message DESC, d.channel DESC LIMIT $5;

-- A message that no channel takes stands here too.
-- name: outbox_all
SELECT m.id, d.channel, m.created, m.kind, m.place, d.tries, d.next_try, d.delivered, d.dead, d.answer
FROM message m LEFT JOIN delivery d ON d.message = m.id
WHERE m.id <= $3 AND (m.id < $3 OR coalesce(d.channel, '') < $4) AND m.place >= $1 AND m.place < $2
ORDER BY m.id DESC, d.channel DESC LIMIT $5;
