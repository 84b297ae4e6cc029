/* Who belongs to a site by a team: for those who plan its shifts. */
#include "domain/teams/internal.h"

/* The members now of one team, added to the list unless they are in it. */
static int add_members(struct work *w, const struct uuid *team, int64_t at, struct uuid **people, size_t *n,
		       size_t *cap, struct err *err)
{
	struct team t;
	struct list members;
	int rc = team_get(w, team, &t, err);
	if (rc <= 0 || (t.dissolved != FIELD_ABSENT && at >= t.dissolved))
		return rc < 0 ? -1 : 0;
	if (team_members_at(w, team, at, &members, err) < 0)
		return -1;
	const struct team_member *m = members.items;
	for (size_t i = 0; i < members.n; i++) {
		size_t k = 0;
		while (k < *n && !uuid_eq(&(*people)[k], &m[i].person))
			k++;
		if (k < *n)
			continue;
		if (!(*people = arena_grow(w->arena, *people, *n, cap, sizeof **people)))
			return err_kind_set(err, &ERR_NO_MEMORY);
		(*people)[(*n)++] = m[i].person;
	}
	return 0;
}

/* Teams name their site when they are formed, so the site's history has them. */
int people_of_site(struct work *w, const struct uuid *site, int64_t at, struct list *ret, struct err *err)
{
	struct list history;
	struct uuid *people = NULL;
	size_t n = 0, cap = 0;
	if (thing_history(w, site, &history, err) < 0)
		return -1;
	const struct history_item *h = history.items;
	for (size_t i = 0; i < history.n; i++) {
		struct event ev;
		if (h[i].voided == 1 || !str_is(h[i].type, "team.formed"))
			continue;
		if (work_event(w, h[i].seq, false, &ev, err) <= 0)
			return -1;
		const struct team_formed *d = ev.data;
		if (uuid_eq(&d->site, site) && add_members(w, &d->id, at, &people, &n, &cap, err) < 0)
			return -1;
	}
	*ret = (struct list){ people, n };
	return 0;
}
