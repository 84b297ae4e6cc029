/* Groups as other modules read them: what stands in the rows of now, without
 * the folds. */
#include "domain/grid/internal.h"
#include "grid.sql.h"

static int name_of(struct work *w, int64_t seq, struct str *ret, struct err *err)
{
	struct event ev;
	int rc = work_event(w, seq, false, &ev, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_fmt(err, &ERR_STORE_CORRUPT, "a group's record is missing");
	*ret = ((const struct group_formed *)ev.data)->name;
	return 0;
}

static int brief_of(struct work *w, const struct group *g, struct group_brief *ret, struct err *err)
{
	*ret = (struct group_brief){ .id = g->id,
				     .place = g->place,
				     .active = g->dissolved == FIELD_ABSENT,
				     .complete = g->complete,
				     .households = g->households };
	return name_of(w, g->seq, &ret->name, err);
}

int group_read(struct work *w, const struct uuid *id, struct group_brief *ret, struct err *err)
{
	struct group g;
	int rc = group_get(w, id, &g, err);
	if (rc <= 0)
		return rc;
	return brief_of(w, &g, ret, err) < 0 ? -1 : 1;
}

int groups_list(struct work *w, place_t place, place_t after, const struct uuid *after_id, int64_t limit,
		struct list *ret, struct err *err)
{
	struct group *groups = arena_alloc(w->arena, (size_t)(limit + 1) * sizeof *groups);
	struct group_brief *briefs = arena_alloc(w->arena, (size_t)(limit + 1) * sizeof *briefs);
	int64_t n = 0;
	if (!groups || !briefs)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (groups_read(w, place, false, after, after_id, limit, groups, &n, err) < 0)
		return -1;
	for (int64_t i = 0; i < n; i++) {
		if (brief_of(w, &groups[i], &briefs[i], err) < 0)
			return -1;
	}
	*ret = (struct list){ briefs, (size_t)n };
	return 0;
}

int groups_now_of(struct work *w, const struct uuid *person, size_t most, struct list *ret, struct err *err)
{
	struct list ever;
	size_t n = 0;
	if (groups_of_person(w, person, &ever, err) < 0)
		return -1;
	const struct uuid *ids = ever.items;
	struct uuid *now = arena_alloc(w->arena, (ever.n + 1) * sizeof *now);
	if (!now)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < ever.n && n < most; i++) {
		struct group g;
		int rc = group_get(w, &ids[i], &g, err);
		if (rc == 1 && (g.dissolved == FIELD_ABSENT || g.dissolved > w->now))
			rc = group_has(w, &ids[i], person, w->now, err);
		else if (rc == 1)
			rc = 0;
		if (rc < 0)
			return -1;
		if (rc)
			now[n++] = ids[i];
	}
	*ret = (struct list){ now, n };
	return 0;
}

int household_group_now(struct work *w, place_t place, const struct uuid *household, struct uuid *ret_group,
			struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_ASSIGNED_NOW_GET, &st, err, "iu", place, household) < 0)
		return -1;
	int rc = stmt_step(st, err);
	if (rc == 1)
		*ret_group = stmt_uuid(st, 0);
	return rc;
}

int group_households(struct work *w, const struct uuid *group, const struct uuid *after, int64_t limit,
		     struct list *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct uuid *ids = arena_alloc(w->arena, (size_t)(limit + 1) * sizeof *ids);
	size_t n = 0;
	int rc;
	if (!ids)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (db_start(w->db, &SQL_ASSIGNED_NOW_OF_GROUP, &st, err, "uui", group, after, limit) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1)
		ids[n++] = stmt_uuid(st, 1);
	*ret = (struct list){ ids, n };
	return rc;
}
