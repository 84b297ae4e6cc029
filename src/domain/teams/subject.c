/* Members of the public under several ids: which ids name the same one. */
#include "domain/teams/internal.h"
#include "teams.sql.h"

/* More ids than this of one person are a fault, not a history. */
#define SUBJECT_IDS_MAX 200

int subject_root(struct work *w, const struct uuid *id, struct uuid *ret, struct err *err)
{
	struct uuid at = *id;
	/* Mergings never run in a circle: so following them ends. */
	for (;;) {
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		if (db_start(w->db, &SQL_SUBJECT_MERGE_GET, &st, err, "u", &at) < 0)
			return -1;
		int rc = stmt_step(st, err);
		if (rc < 0)
			return -1;
		if (!rc)
			break;
		at = stmt_uuid(st, 0);
	}
	*ret = at;
	return 0;
}

int subject_ids(struct work *w, const struct uuid *id, struct list *ret, struct err *err)
{
	size_t n = 1, cap = 1;
	struct uuid *ids = arena_alloc(w->arena, sizeof *ids);
	if (!ids)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (subject_root(w, id, &ids[0], err) < 0)
		return -1;
	for (size_t i = 0; i < n && n < SUBJECT_IDS_MAX; i++) {
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		int rc;
		if (db_start(w->db, &SQL_SUBJECT_MERGED_INTO, &st, err, "ui", &ids[i], (int64_t)(SUBJECT_IDS_MAX - n)) <
		    0)
			return -1;
		while ((rc = stmt_step(st, err)) == 1) {
			if (!(ids = arena_grow(w->arena, ids, n, &cap, sizeof *ids)))
				return err_kind_set(err, &ERR_NO_MEMORY);
			ids[n++] = stmt_uuid(st, 0);
		}
		if (rc < 0)
			return -1;
	}
	*ret = (struct list){ ids, n };
	return 0;
}
