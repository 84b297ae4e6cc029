/* The folds: staffing facts to complete spans, assignment facts to tenures.
 * Pure: facts in fold order go in, spans come out. */
#include "domain/grid/internal.h"
#include "grid.sql.h"

int group_get(struct work *w, const struct uuid *id, struct group *ret, struct err *err)
{
	struct thing t;
	int rc = thing_get(w, id, &t, err);
	if (rc <= 0 || !str_is(t.kind, THING_GROUP))
		return rc < 0 ? -1 : 0;
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_GROUP_GET, &st, err, "iu", t.area, id) < 0)
		return -1;
	rc = stmt_step(st, err);
	if (rc == 1)
		*ret = (struct group){ *id,
				       t.area,
				       stmt_i64(st, 0),
				       stmt_i64(st, 1),
				       stmt_i64(st, 2),
				       stmt_i64(st, 3) == 1,
				       stmt_i64(st, 4),
				       stmt_i64(st, 5) };
	return rc;
}

int64_t staffing_role_find(int64_t model, struct str role)
{
	for (int64_t i = 0; i < STAFFING_ROLES_N; i++) {
		if (STAFFING_ROLES[i].model == model && str_is(role, STAFFING_ROLES[i].role))
			return i;
	}
	return -1;
}

bool staffing_qualifies(const struct staffing_role *r, const struct standing *s)
{
	if (!r->categories && !r->party)
		return true;
	return (r->party && s->party_member) || (r->categories & (1u << s->category));
}

int staffing_read(struct work *w, const struct uuid *group, struct list *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct staffing *facts = NULL;
	size_t n = 0, cap = 0;
	int rc;
	if (db_start(w->db, &SQL_STAFFING_OF, &st, err, "u", group) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		if (!(facts = arena_grow(w->arena, facts, n, &cap, sizeof *facts)))
			return err_kind_set(err, &ERR_NO_MEMORY);
		facts[n++] = (struct staffing){ stmt_i64(st, 0), stmt_uuid(st, 1), stmt_i64(st, 2),
						stmt_i64(st, 3) == 1, stmt_i64(st, 4) };
	}
	*ret = (struct list){ facts, n };
	return rc < 0 ? -1 : 0;
}

/* The set of posts after one more fact; false when it changes nothing. */
static bool posts_apply(struct post_held *posts, size_t *n, const struct staffing *f)
{
	size_t i = 0;
	while (i < *n && !(posts[i].role == f->role && uuid_eq(&posts[i].person, &f->person)))
		i++;
	if (f->joins && i == *n) {
		posts[(*n)++] = (struct post_held){ f->person, f->role, f->at, f->seq };
		return true;
	}
	if (!f->joins && i < *n) {
		memmove(&posts[i], &posts[i + 1], (*n - i - 1) * sizeof *posts);
		(*n)--;
		return true;
	}
	return false;
}

int staffing_at(struct work *w, const struct uuid *group, int64_t at, struct list *ret, struct err *err)
{
	struct list facts = { 0 };
	size_t n = 0, kept = 0;
	if (staffing_read(w, group, &facts, err) < 0)
		return -1;
	const struct staffing *f = facts.items;
	struct post_held *posts = arena_alloc(w->arena, (facts.n + 1) * sizeof *posts);
	if (!posts)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < facts.n && f[i].at <= at; i++)
		posts_apply(posts, &n, &f[i]);
	for (size_t i = 0; i < n; i++) {
		int64_t left;
		if (person_left_at(w, &posts[i].person, &left, err) < 0)
			return -1;
		if (left > at)
			posts[kept++] = posts[i];
	}
	*ret = (struct list){ posts, kept };
	return 0;
}

static bool is_complete(int64_t model, const struct post_held *posts, size_t n)
{
	for (int64_t r = 0; r < STAFFING_ROLES_N; r++) {
		int64_t have = 0;
		if (STAFFING_ROLES[r].model != model)
			continue;
		for (size_t i = 0; i < n; i++)
			have += posts[i].role == r;
		if (have < STAFFING_ROLES[r].least)
			return false;
	}
	return true;
}

#define SEQ_LEAVER (-1) /* of a leaving that follows from the person's own */

/* In fold order: leavings stand before the joinings of their moment, unless they follow from the person's own. */
static void insert_fact(struct staffing *all, size_t *n, const struct staffing *f)
{
	size_t at = (*n)++;
	bool early = !f->joins && f->seq != SEQ_LEAVER;
	while (at > 0 && (all[at - 1].at > f->at || (early && all[at - 1].at == f->at && all[at - 1].joins))) {
		all[at] = all[at - 1];
		at--;
	}
	all[at] = *f;
}

static int insert_leaver(struct work *w, struct staffing *all, size_t *n, const struct staffing *joined,
			 const struct leaver *as_if, struct err *err)
{
	struct staffing leaves = *joined;
	int64_t left;
	if (as_if && uuid_eq(&as_if->person, &joined->person))
		left = as_if->left;
	else if (person_left_at(w, &joined->person, &left, err) < 0)
		return -1;
	if (left == INT64_MAX)
		return 0;
	leaves.at = left > joined->at ? left : joined->at;
	leaves.joins = false;
	leaves.seq = SEQ_LEAVER;
	insert_fact(all, n, &leaves);
	return 0;
}

/* Staffing facts with a leaving fact for everyone who left the organisation. */
static int staffing_with_leavers(struct work *w, const struct uuid *group, const struct staffing_trial *trial,
				 struct list *ret, struct err *err)
{
	static const struct staffing_trial AS_IS = { .without = FIELD_ABSENT };
	struct list facts;
	size_t n = 0;
	if (!trial)
		trial = &AS_IS;
	if (staffing_read(w, group, &facts, err) < 0)
		return -1;
	const struct staffing *f = facts.items;
	struct staffing *all = arena_alloc(w->arena, (2 * (facts.n + trial->n_extra) + 1) * sizeof *all);
	if (!all)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < facts.n + trial->n_extra; i++) {
		const struct staffing *one = i < facts.n ? &f[i] : &trial->extra[i - facts.n];
		if (one->seq == trial->without)
			continue;
		insert_fact(all, &n, one);
		if (one->joins && insert_leaver(w, all, &n, one, trial->as_if, err) < 0)
			return -1;
	}
	*ret = (struct list){ all, n };
	return 0;
}

static size_t count_over(int64_t model, const struct post_held *posts, size_t n)
{
	size_t over = 0;
	for (int64_t r = 0; r < STAFFING_ROLES_N; r++) {
		int64_t have = 0;
		for (size_t i = 0; i < n; i++)
			have += posts[i].role == r;
		over += STAFFING_ROLES[r].model == model && STAFFING_ROLES[r].most && have > STAFFING_ROLES[r].most;
	}
	return over;
}

/* An event that leaves several roles finds somebody when one of its facts does. */
static size_t count_idle(const struct staffing *f, const bool *hit, size_t n)
{
	size_t idle = 0;
	for (size_t i = 0; i < n; i++) {
		bool any = f[i].joins || f[i].seq == SEQ_LEAVER, first = true;
		for (size_t k = 0; k < n && !any; k++) {
			if (f[k].seq != f[i].seq || f[k].joins)
				continue;
			any |= hit[k];
			first &= k >= i;
		}
		idle += !any && first;
	}
	return idle;
}

int staffing_try(struct work *w, const struct group *g, const struct staffing_trial *trial, struct staffing_faults *ret,
		 struct err *err)
{
	struct list facts;
	size_t n = 0;
	if (staffing_with_leavers(w, &g->id, trial, &facts, err) < 0)
		return -1;
	const struct staffing *f = facts.items;
	struct post_held *posts = arena_alloc(w->arena, (facts.n + 1) * sizeof *posts);
	bool *hit = arena_alloc(w->arena, facts.n + 1);
	if (!posts || !hit)
		return err_kind_set(err, &ERR_NO_MEMORY);
	*ret = (struct staffing_faults){ 0 };
	for (size_t i = 0; i < facts.n; i++) {
		hit[i] = posts_apply(posts, &n, &f[i]);
		if (i + 1 == facts.n || f[i + 1].at != f[i].at)
			ret->over += count_over(g->model, posts, n);
	}
	ret->idle = count_idle(f, hit, facts.n);
	return 0;
}

int group_complete_spans(struct work *w, const struct group *g, struct spans *ret, struct err *err)
{
	return group_complete_spans_as_if(w, g, NULL, ret, err);
}

int group_complete_spans_as_if(struct work *w, const struct group *g, const struct leaver *as_if, struct spans *ret,
			       struct err *err)
{
	struct list facts = { 0 };
	int64_t end = g->dissolved == FIELD_ABSENT ? INT64_MAX : g->dissolved;
	const struct staffing_trial trial = { .without = FIELD_ABSENT, .as_if = as_if };
	if (staffing_with_leavers(w, &g->id, &trial, &facts, err) < 0)
		return -1;
	const struct staffing *f = facts.items;
	struct post_held *posts = arena_alloc(w->arena, (facts.n + 1) * sizeof *posts);
	struct span *spans = arena_alloc(w->arena, (facts.n + 1) * sizeof *spans);
	size_t n = 0, n_spans = 0;
	bool open = false;
	if (!posts || !spans)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < facts.n && f[i].at < end; i++) {
		posts_apply(posts, &n, &f[i]);
		if (i + 1 < facts.n && f[i + 1].at == f[i].at)
			continue; /* one moment, one state */
		bool complete = is_complete(g->model, posts, n);
		if (complete && !open)
			spans[n_spans++] = (struct span){ f[i].at, end };
		else if (!complete && open)
			spans[n_spans - 1].to = f[i].at;
		open = complete;
	}
	*ret = (struct spans){ spans, n_spans };
	return 0;
}

/* ---- assignments -------------------------------------------------------------------- */

int assignments_read(struct work *w, const struct uuid *household, struct list *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct assignment *facts = NULL;
	size_t n = 0, cap = 0;
	int rc;
	if (db_start(w->db, &SQL_ASSIGNMENTS_OF, &st, err, "u", household) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		if (!(facts = arena_grow(w->arena, facts, n, &cap, sizeof *facts)))
			return err_kind_set(err, &ERR_NO_MEMORY);
		facts[n++] = (struct assignment){ stmt_i64(st, 0),  stmt_i64(st, 1),      stmt_uuid(st, 2),
						  stmt_uuid(st, 3), stmt_i64(st, 4) == 1, stmt_i64(st, 5) };
	}
	*ret = (struct list){ facts, n };
	return rc < 0 ? -1 : 0;
}

static bool comes_before(const struct assignment *a, const struct assignment *b)
{
	if (a->at != b->at)
		return a->at < b->at;
	if (a->rank != b->rank)
		return a->rank < b->rank;
	return memcmp(a->event.b, b->event.b, 16) < 0;
}

int assignment_with(struct work *w, const struct list *facts, const struct assignment *extra, struct list *ret,
		    struct err *err)
{
	const struct assignment *f = facts->items;
	struct assignment *all = arena_alloc(w->arena, (facts->n + 1) * sizeof *all);
	size_t n = 0, i = 0;
	if (!all)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (; i < facts->n && comes_before(&f[i], extra); i++)
		all[n++] = f[i];
	all[n++] = *extra;
	for (; i < facts->n; i++)
		all[n++] = f[i];
	*ret = (struct list){ all, n };
	return 0;
}

void assignment_without(struct list *facts, const struct uuid *event)
{
	struct assignment *f = facts->items;
	size_t n = 0;
	for (size_t i = 0; i < facts->n; i++) {
		if (!uuid_eq(&f[i].event, event))
			f[n++] = f[i];
	}
	facts->n = n;
}

static int dissolved_at(struct work *w, const struct uuid *group, int64_t *ret, struct err *err)
{
	struct group g = { 0 };
	int rc = group_get(w, group, &g, err);
	if (rc < 0)
		return -1;
	*ret = rc && g.dissolved != FIELD_ABSENT ? g.dissolved : INT64_MAX;
	return 0;
}

int assignment_fold(struct work *w, const struct list *facts, struct list *ret_tenures, enum conflict *ret_conflict,
		    struct uuid *ret_other, struct err *err)
{
	const struct assignment *f = facts->items;
	struct tenure *t = arena_alloc(w->arena, (facts->n + 1) * sizeof *t);
	enum conflict conflict = CONFLICT_NONE;
	size_t n = 0;
	if (!t)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < facts->n; i++) {
		struct tenure *open = n && f[i].at < t[n - 1].span.to ? &t[n - 1] : NULL;
		if (f[i].joins) {
			int64_t end;
			if (open) {
				if (!uuid_eq(&open->group, &f[i].group) && !conflict) {
					conflict = CONFLICT_ASSIGNED;
					if (ret_other)
						*ret_other = open->group;
				}
				continue; /* again to the same group changes nothing */
			}
			if (dissolved_at(w, &f[i].group, &end, err) < 0)
				return -1;
			t[n++] = (struct tenure){ { f[i].at, end }, f[i].group, f[i].seq, end != INT64_MAX };
		} else if (open && uuid_eq(&open->group, &f[i].group)) {
			open->span.to = f[i].at;
			open->cut = false;
			if (open->span.from == open->span.to)
				n--;
		} else if (n && t[n - 1].cut && t[n - 1].span.to == f[i].at && uuid_eq(&t[n - 1].group, &f[i].group)) {
			/* Released at the moment of the group's end: released. */
			t[n - 1].cut = false;
		} else if (!conflict) {
			conflict = CONFLICT_NOT_ASSIGNED;
		}
	}
	*ret_tenures = (struct list){ t, n };
	if (ret_conflict)
		*ret_conflict = conflict;
	return 0;
}

int household_group_at(struct work *w, const struct uuid *household, int64_t at, struct uuid *ret_group,
		       struct err *err)
{
	struct list facts, tenures;
	if (assignments_read(w, household, &facts, err) < 0 ||
	    assignment_fold(w, &facts, &tenures, NULL, NULL, err) < 0)
		return -1;
	const struct tenure *t = tenures.items;
	for (size_t i = 0; i < tenures.n; i++) {
		if (t[i].span.from <= at && at < t[i].span.to) {
			*ret_group = t[i].group;
			return 1;
		}
	}
	return 0;
}

int group_has(struct work *w, const struct uuid *group, const struct uuid *person, int64_t at, struct err *err)
{
	struct list posts;
	if (staffing_at(w, group, at, &posts, err) < 0)
		return -1;
	const struct post_held *p = posts.items;
	for (size_t i = 0; i < posts.n; i++) {
		if (uuid_eq(&p[i].person, person))
			return 1;
	}
	return 0;
}
