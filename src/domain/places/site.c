/* What other modules may ask of a site: where it is, whether it is open, what it
 * is called as of a moment. */
#include "domain/places/places.h"
#include "places.sql.h"

int site_get(struct work *w, const struct uuid *id, struct site *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_SITE_GET, &st, err, "u", id) < 0)
		return -1;
	int rc = stmt_step(st, err);
	if (rc == 1)
		*ret = (struct site){ .id = *id,
				      .kind = stmt_i64(st, 0),
				      .place = stmt_i64(st, 1),
				      .opened = stmt_i64(st, 2),
				      .closed = stmt_i64(st, 3),
				      .seq = stmt_i64(st, 4),
				      .lon = FIELD_ABSENT,
				      .lat = FIELD_ABSENT };
	return rc;
}

int site_read(struct work *w, const struct uuid *id, int64_t at, struct site *ret, struct err *err)
{
	struct event ev;
	int rc = site_get(w, id, ret, err);
	if (rc <= 0)
		return rc;
	rc = work_event(w, ret->seq, false, &ev, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_fmt(err, &ERR_STORE_CORRUPT, "a site's record is missing");
	const struct site_opened *d = ev.data;
	ret->name = d->name;
	ret->lon = d->lon;
	ret->lat = d->lat;
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_SITE_CHANGES, &st, err, "ui", id, at) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		if (stmt_text(st, 0).ptr)
			ret->name = arena_str(w->arena, stmt_text(st, 0));
		if (stmt_i64(st, 1) != FIELD_ABSENT)
			ret->lon = stmt_i64(st, 1);
		if (stmt_i64(st, 2) != FIELD_ABSENT)
			ret->lat = stmt_i64(st, 2);
	}
	return rc < 0 ? -1 : 1;
}
