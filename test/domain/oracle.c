/* The naive model: every figure counted anew from the list of events, moment by
 * moment, with none of the program's shortcuts. See history.h. */
#include "domain/grid/grid.h"
#include "domain/teams/teams.h"
#include "history.h"

static int rank_of(enum op_kind k)
{
	switch (k) {
	case OP_REGISTER:
	case OP_FORM:
	case OP_ENROL:
	case OP_TEAM:
	case OP_SITE:
		return RANK_OPEN;
	case OP_RELEASE:
	case OP_UNSTAFF:
	case OP_QUIT:
		return RANK_RELEASE;
	case OP_ASSIGN:
	case OP_STAFF:
	case OP_JOIN:
		return RANK_ASSIGN;
	case OP_REMOVE:
	case OP_DISSOLVE:
	case OP_LEAVE:
	case OP_DISBAND:
	case OP_CLOSE:
		return RANK_CLOSE;
	default:
		return RANK_CHANGE;
	}
}

static int in_order(const void *a, const void *b)
{
	const struct op *x = *(const struct op *const *)a, *y = *(const struct op *const *)b;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (rank_of(x->kind) != rank_of(y->kind))
		return rank_of(x->kind) - rank_of(y->kind);
	return memcmp(x->id.b, y->id.b, 16);
}

/* Live events up to a moment in fold order. */
static size_t live_until(const struct history *h, int64_t moment, const struct op **out)
{
	size_t n = 0;
	for (size_t i = 1; i < h->n; i++) {
		const struct op *o = &h->ops[i];
		if (o->accepted && !o->voided && o->kind != OP_VOID && o->at <= moment)
			out[n++] = o;
	}
	qsort(out, n, sizeof *out, in_order);
	return n;
}

/* The world at one moment. */
struct world {
	struct {
		bool there;
		place_t place;
		int group; /* -1 */
	} households[32];
	struct {
		bool there;
		place_t place;
		int64_t model;
		bool held[STAFFING_ROLES_N][32]; /* by person */
	} groups[16];
	struct {
		bool there, left;
		place_t place;
		int64_t category;
	} people[32];
	struct {
		bool there;
		place_t place;
		int64_t kind;
	} teams[8], sites[8];
};

/* A tenure ends with its group: at that very moment the household is free, though closings are folded last. */
static bool dissolved_by(const struct history *h, int group, int64_t moment)
{
	for (size_t i = 1; i < h->n; i++) {
		const struct op *o = &h->ops[i];
		if (o->kind == OP_DISSOLVE && o->accepted && !o->voided && o->thing == group && o->at <= moment)
			return true;
	}
	return false;
}

static void apply_household(const struct history *h, struct world *w, const struct op *o)
{
	int *group = &w->households[o->thing].group;
	switch (o->kind) {
	case OP_REGISTER:
		w->households[o->thing].there = true;
		w->households[o->thing].place = rig_place(o->place);
		break;
	case OP_REMOVE:
		w->households[o->thing].there = false;
		break;
	case OP_ASSIGN:
		if (*group < 0 || dissolved_by(h, *group, o->at))
			*group = o->other;
		break;
	case OP_RELEASE:
		if (*group == o->other)
			*group = -1;
		break;
	default:
		break;
	}
}

static void apply_group(struct world *w, const struct op *o)
{
	switch (o->kind) {
	case OP_FORM:
		w->groups[o->thing].there = true;
		w->groups[o->thing].place = rig_place(o->place);
		w->groups[o->thing].model = o->role;
		break;
	case OP_DISSOLVE:
		w->groups[o->thing].there = false;
		for (size_t i = 0; i < ARRAY_LEN(w->households); i++) {
			if (w->households[i].group == o->thing)
				w->households[i].group = -1;
		}
		break;
	case OP_STAFF:
		w->groups[o->thing].held[o->role][o->other] = true;
		break;
	case OP_UNSTAFF:
		for (int64_t r = 0; r < STAFFING_ROLES_N; r++) {
			if (o->role < 0 || o->role == r)
				w->groups[o->thing].held[r][o->other] = false;
		}
		break;
	default:
		break;
	}
}

static void apply_person(struct world *w, const struct op *o)
{
	if (o->kind == OP_ENROL) {
		w->people[o->thing].there = true;
		w->people[o->thing].place = rig_place(o->place);
		w->people[o->thing].category = o->role;
	} else if (o->kind == OP_PERSON && w->people[o->thing].there && o->role != FIELD_ABSENT) {
		w->people[o->thing].category = o->role;
	} else if (o->kind == OP_LEAVE) {
		w->people[o->thing].there = false;
		w->people[o->thing].left = true;
	}
}

static void apply_other(struct world *w, const struct op *o)
{
	bool team = o->kind == OP_TEAM || o->kind == OP_DISBAND;
	if (o->kind == OP_TEAM || o->kind == OP_SITE) {
		(team ? w->teams : w->sites)[o->thing].there = true;
		(team ? w->teams : w->sites)[o->thing].place = rig_place(o->place);
		(team ? w->teams : w->sites)[o->thing].kind = o->role;
	} else if (o->kind == OP_DISBAND || o->kind == OP_CLOSE) {
		(team ? w->teams : w->sites)[o->thing].there = false;
	}
}

static const struct world *world_at(const struct history *h, int64_t moment)
{
	static struct world w;
	static const struct op *list[OPS_MAX];
	static const struct history *of;
	static int64_t of_moment;
	static size_t of_n;
	if (of == h && of_moment == moment && of_n == h->n)
		return &w; /* asked for figure after figure */
	memset(&w, 0, sizeof w);
	for (size_t i = 0; i < ARRAY_LEN(w.households); i++)
		w.households[i].group = -1;
	size_t n = live_until(h, moment, list);
	for (size_t i = 0; i < n; i++) {
		apply_household(h, &w, list[i]);
		apply_group(&w, list[i]);
		apply_person(&w, list[i]);
		apply_other(&w, list[i]);
	}
	of = h;
	of_moment = moment;
	of_n = h->n;
	return &w;
}

static bool complete(const struct world *w, int g)
{
	static const int LEAST[STAFFING_ROLES_N] = {
		1, 1, 2, 1, 1, 1, 1, 1, 1
	}; /* the catalogue's, written a second time */
	if (!w->groups[g].there)
		return false;
	for (int64_t r = w->groups[g].model * 3; r < w->groups[g].model * 3 + 3; r++) {
		int have = 0;
		for (int p = 0; p < 32; p++)
			have += w->groups[g].held[r][p] && !w->people[p].left;
		if (have < LEAST[r])
			return false;
	}
	return true;
}

int64_t naive_figure(const struct history *h, const char *name, place_t place, int64_t day)
{
	const struct world *w = world_at(h, day_start(day + 1) - 1);
	int64_t n = 0;
	for (int i = 0; i < 32; i++) {
		if (!w->households[i].there || !place_within(w->households[i].place, place))
			continue;
		n += strcmp(name, "households") == 0;
		n += strcmp(name, "households_covered") == 0 && w->households[i].group >= 0 &&
		     complete(w, w->households[i].group);
	}
	for (int i = 0; i < 16; i++) {
		if (!w->groups[i].there || !place_within(w->groups[i].place, place))
			continue;
		n += strcmp(name, "groups") == 0;
		n += strcmp(name, "groups_complete") == 0 && complete(w, i);
	}
	for (int i = 0; i < 32; i++)
		n += w->people[i].there && place_within(w->people[i].place, place) &&
		     strncmp(name, "people.", 7) == 0 && strcmp(name + 7, CATEGORY_NAMES[w->people[i].category]) == 0;
	for (int i = 0; i < 8; i++) {
		if (w->teams[i].there && place_within(w->teams[i].place, place))
			n += strcmp(name, w->teams[i].kind ? "teams.volunteer_team" : "teams.vanguard_team") == 0;
		if (w->sites[i].there && place_within(w->sites[i].place, place))
			n += w->sites[i].kind == 0 && strcmp(name, "checkpoints") == 0;
	}
	return n;
}
