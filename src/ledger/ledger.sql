-- The ledger's statements: one text for both stores. The tables stand in store/schema.sql.

-- name: blind_new_add
INSERT INTO blind_new (n, entries) VALUES ((SELECT coalesce(max(n), 0) + 1 FROM blind_new), $1)

-- name: blind_new_count
SELECT coalesce(max(n), 0) FROM blind_new

-- name: blind_new_all
SELECT n, entries FROM blind_new WHERE n > $1 ORDER BY n LIMIT $2

-- name: blind_new_put
UPDATE blind_new SET entries = $2 WHERE n = $1

-- name: blind_new_clear
DELETE FROM blind_new

-- name: blind_runs
SELECT coalesce(max(run), 0) FROM blind_page

-- name: blind_page_add
INSERT INTO blind_page (page, run, first, entries) VALUES ((SELECT coalesce(max(page), 0) + 1 FROM blind_page), $1, $2, $3)

-- name: blind_page_of
SELECT first, entries FROM blind_page WHERE run = $1 AND first <= $2 ORDER BY first DESC, page DESC

-- name: blind_page_all
SELECT page, entries FROM blind_page WHERE page > $1 ORDER BY page LIMIT $2

-- name: blind_page_put
UPDATE blind_page SET entries = $2 WHERE page = $1

-- name: meta_add
INSERT INTO meta (name, value) VALUES ($1, $2)

-- name: meta
SELECT value FROM meta WHERE name = $1

-- name: append
INSERT INTO ledger (seq, id, type, town, hash, entry) VALUES ($1, $2, $3, $4, $5, $6)

-- name: node_add
INSERT INTO ledger_node (level, idx, hash) VALUES ($1, $2, $3)

-- name: head_add
INSERT INTO ledger_head (size, root, at, signature) VALUES ($1, $2, $3, $4) ON CONFLICT (size) DO NOTHING

-- name: last_seq
SELECT coalesce(max(seq), 0) FROM ledger

-- name: node
SELECT hash FROM ledger_node WHERE level = $1 AND idx = $2

-- name: leaves
SELECT seq, hash FROM ledger WHERE seq > $1 AND seq <= $2 ORDER BY seq

-- name: read
SELECT seq, id, entry FROM ledger WHERE seq = $1

-- name: find
SELECT seq, id, entry FROM ledger WHERE id = $1

-- name: find_seq
SELECT seq FROM ledger WHERE id = $1

-- name: scan
SELECT seq, id, entry FROM ledger WHERE seq > $1 ORDER BY seq LIMIT $2

-- name: scan_type
SELECT seq, id, entry FROM ledger WHERE seq > $1 AND type = $3 ORDER BY seq LIMIT $2

-- The plus keeps the planner on the order of seq: a range of towns has no index, so a caller bounds it by seq.
-- name: scan_town
SELECT seq, id, entry FROM ledger WHERE seq > $1 AND seq <= $5 AND +town >= $3 AND +town < $4 ORDER BY seq LIMIT $2

-- name: scan_type_town
SELECT seq, id, entry FROM ledger WHERE seq > $1 AND seq <= $6 AND type = $3 AND +town >= $4 AND +town < $5 ORDER BY seq LIMIT $2

-- name: head_latest
SELECT size, root, at, signature FROM ledger_head ORDER BY size DESC LIMIT 1

-- name: head_at
SELECT size, root, at, signature FROM ledger_head WHERE size = $1

-- name: heads
SELECT size, root, at, signature FROM ledger_head WHERE size > $1 AND size <= $2 ORDER BY size

-- name: extent
SELECT (SELECT coalesce(max(seq), 0) FROM ledger), (SELECT coalesce(max(size), 0) FROM ledger_head),
       (SELECT count(*) FROM ledger_node), (SELECT coalesce(min(seq), 1) FROM ledger),
       (SELECT coalesce(min(size), 1) FROM ledger_head)

-- name: rows
SELECT seq, id, type, town, hash, entry FROM ledger WHERE seq > $1 AND seq <= $2 ORDER BY seq

-- name: next_seq
SELECT min(seq) FROM ledger WHERE seq >= $1

-- name: nodes
SELECT level, idx FROM ledger_node WHERE level > $1 OR (level = $1 AND idx > $2) ORDER BY level, idx LIMIT 256

-- name: subject_key
SELECT wrapped FROM subject_key WHERE subject = $1

-- name: subject_key_add
INSERT INTO subject_key (subject, wrapped) VALUES ($1, $2) ON CONFLICT (subject) DO NOTHING

-- name: subject_key_erase
DELETE FROM subject_key WHERE subject = $1
