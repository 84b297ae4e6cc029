/* Whose phone carries what: by the grants in force and the groups in which the
 * account's person stands now. */
#include "domain/sync/internal.h"

#include "domain/grid/grid.h"
#include "domain/places/places.h"

const char *const SYNC_KIND_NAMES[SYNC_KINDS] = { "division", "site",   "group",      "household",
						  "followup", "notice", "checkpoint", "revocations" };

#define OWN_GROUPS_MAX 32

/* Those who work on the rolls of a village; a group's members have their own. */
#define VILLAGE_ROLES (ROLE_OFFICER | ROLE_COMMANDER | ROLE_ORGANISATION)

static int add_part(struct work *w, struct sync_scope *s, enum sync_kind kind, place_t place, const struct uuid *group,
		    struct err *err)
{
	for (size_t i = 0; i < s->n; i++) {
		struct sync_part *p = &s->parts[i];
		/* Within one that is carried whole already. */
		if (p->kind == kind && kind != SYNC_DIVISION && uuid_is_nil(&p->group) && place_within(place, p->place))
			return 0;
		if (p->kind == kind && group && uuid_eq(&p->group, group))
			return 0;
	}
	s->parts = arena_grow(w->arena, s->parts, s->n, &s->cap, sizeof *s->parts);
	if (!s->parts)
		return err_kind_set(err, &ERR_NO_MEMORY);
	s->parts[s->n++] = (struct sync_part){ kind, place, group ? *group : (struct uuid){ { 0 } } };
	return 0;
}

static bool in_force(const struct work *w, const struct grant *g, unsigned roles)
{
	return (g->role & roles) && (g->until == FIELD_ABSENT || g->until > w->now);
}

/* Places of the grants with one of `roles` at `least` or below; wider ones first, so that what lies within is left
 * out. */
static int add_places(struct work *w, struct sync_scope *s, enum sync_kind kind, unsigned roles, int least,
		      struct err *err)
{
	for (int level = LEVEL_NATION; level <= LEVEL_GRID; level++) {
		for (size_t i = 0; i < w->who->n_grants; i++) {
			const struct grant *g = &w->who->grants[i];
			if (level < least || (int)place_level(g->place) != level || !in_force(w, g, roles))
				continue;
			if (add_part(w, s, kind, g->place, NULL, err) < 0)
				return -1;
		}
	}
	return 0;
}

static const enum sync_kind ROLLS[] = { SYNC_GROUP, SYNC_HOUSEHOLD, SYNC_FOLLOWUP };

/* A grid grant reaches the person's own groups within it; without any, its place up to a town. */
static int add_grid(struct work *w, struct sync_scope *s, const struct grant *g, const struct list *own,
		    struct err *err)
{
	const struct uuid *ids = own->items;
	bool any = false;
	for (size_t i = 0; i < own->n; i++) {
		struct thing t;
		int rc = thing_get(w, &ids[i], &t, err);
		if (rc < 0)
			return -1;
		if (!rc || !place_within(t.area, g->place))
			continue;
		any = true;
		for (size_t k = 0; k < ARRAY_LEN(ROLLS); k++) {
			if (add_part(w, s, ROLLS[k], t.area, &ids[i], err) < 0)
				return -1;
		}
	}
	for (size_t k = 0; !any && k < ARRAY_LEN(ROLLS) && place_level(g->place) >= LEVEL_TOWN; k++) {
		if (add_part(w, s, ROLLS[k], g->place, NULL, err) < 0)
			return -1;
	}
	return 0;
}

static uint64_t mix(uint64_t h, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 1099511628211u;
	return h;
}

static uint64_t hash_grants(const struct work *w, uint64_t h)
{
	for (size_t i = 0; i < w->who->n_grants; i++) {
		const struct grant *g = &w->who->grants[i];
		if (!in_force(w, g, ROLES_ALL_GRANTED))
			continue;
		h = mix(h, &g->role, sizeof g->role);
		h = mix(h, &g->place, sizeof g->place);
	}
	return h;
}

static int add_rolls(struct work *w, struct sync_scope *s, struct err *err)
{
	struct list own = { 0 };
	for (size_t k = 0; k < ARRAY_LEN(ROLLS); k++) {
		if (add_places(w, s, ROLLS[k], VILLAGE_ROLES, LEVEL_VILLAGE, err) < 0)
			return -1;
	}
	if (!uuid_is_nil(&w->who->person) && groups_now_of(w, &w->who->person, OWN_GROUPS_MAX, &own, err) < 0)
		return -1;
	s->seen = mix(hash_grants(w, 1469598103934665603u), own.items, own.n * sizeof(struct uuid));
	for (size_t i = 0; i < w->who->n_grants; i++) {
		if (in_force(w, &w->who->grants[i], ROLE_GRID) && add_grid(w, s, &w->who->grants[i], &own, err) < 0)
			return -1;
	}
	return 0;
}

struct towns {
	place_t codes[400];
	size_t n;
};

static int keep_town(void *ctx, const struct division *d, struct err *err)
{
	struct towns *t = ctx;
	(void)err;
	if (d->level <= LEVEL_TOWN && t->n < ARRAY_LEN(t->codes))
		t->codes[t->n++] = d->code;
	return 0;
}

/* The county's towns and villages, for destinations, and the grids of the caller's villages. */
static int add_divisions(struct work *w, struct sync_scope *s, struct err *err)
{
	struct towns towns = { .n = 0 };
	if (add_part(w, s, SYNC_DIVISION, s->county, NULL, err) < 0)
		return -1;
	if (place_level(s->county) < LEVEL_COUNTY)
		return 0; /* wider than a county: what lies directly below */
	if (divisions_below(w, s->county, -1, (int64_t)ARRAY_LEN(towns.codes), keep_town, &towns, err) < 0)
		return -1;
	for (size_t i = 0; i < towns.n; i++) {
		if (add_part(w, s, SYNC_DIVISION, towns.codes[i], NULL, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < w->who->n_grants; i++) {
		place_t village = place_at(w->who->grants[i].place, LEVEL_VILLAGE);
		if (place_level(w->who->grants[i].place) >= LEVEL_VILLAGE &&
		    add_part(w, s, SYNC_DIVISION, village, NULL, err) < 0)
			return -1;
	}
	return 0;
}

/* Grants tell what is shown in full; parts what is carried. The form of what is sent has a number of its own. */
#define SYNC_FORM 1

static uint64_t hash_of(const struct work *w, const struct sync_scope *s)
{
	uint64_t h = mix(1469598103934665603u + SYNC_FORM, w->store_id.b, sizeof w->store_id.b);
	h = mix(h, w->who->person.b, sizeof w->who->person.b);
	h = hash_grants(w, h);
	for (size_t i = 0; i < s->n; i++) {
		int64_t kind = s->parts[i].kind;
		h = mix(h, &kind, sizeof kind);
		h = mix(h, &s->parts[i].place, sizeof s->parts[i].place);
		h = mix(h, s->parts[i].group.b, sizeof s->parts[i].group.b);
	}
	return h;
}

/* Kind by kind, each in the order found. */
static int sort_parts(struct work *w, struct sync_scope *s, struct err *err)
{
	struct sync_part *sorted = arena_alloc(w->arena, (s->n + 1) * sizeof *sorted);
	size_t n = 0;
	if (!sorted)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (int kind = 0; kind < SYNC_KINDS; kind++) {
		for (size_t i = 0; i < s->n; i++) {
			if ((int)s->parts[i].kind == kind)
				sorted[n++] = s->parts[i];
		}
	}
	s->parts = sorted;
	s->cap = s->n;
	return 0;
}

#define AT_CHECKPOINTS (ROLE_CHECKPOINT | ROLE_OFFICER | ROLE_COMMANDER)
#define ON_THE_SPOT    (ROLES_BUT_ADMIN & ~(unsigned)ROLE_AUDITOR)

int sync_scope_of(struct work *w, struct sync_scope *ret, struct err *err)
{
	struct sync_scope s = { .home = w->top };
	principal_home(w->who, ROLES_BUT_ADMIN, w->now, &s.home);
	s.county = place_level(s.home) < LEVEL_COUNTY ? s.home : place_at(s.home, LEVEL_COUNTY);
	if (add_divisions(w, &s, err) < 0 || add_places(w, &s, SYNC_SITE, ON_THE_SPOT, LEVEL_COUNTY, err) < 0 ||
	    add_rolls(w, &s, err) < 0 || add_places(w, &s, SYNC_NOTICE, ROLES_BUT_ADMIN, LEVEL_NATION, err) < 0 ||
	    add_places(w, &s, SYNC_CHECKPOINT, AT_CHECKPOINTS, LEVEL_COUNTY, err) < 0)
		return -1;
	place_t at;
	if (principal_home(w->who, AT_CHECKPOINTS, w->now, &at) && add_part(w, &s, SYNC_REVOCATIONS, at, NULL, err) < 0)
		return -1;
	if (sort_parts(w, &s, err) < 0)
		return -1;
	s.hash = hash_of(w, &s);
	*ret = s;
	return 0;
}

bool sync_concerns(const struct sync_scope *s, place_t area)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct sync_part *p = &s->parts[i];
		/* A grid's households may be another grid's group's, so long as the village is one. */
		place_t place = place_level(p->place) > LEVEL_VILLAGE ? place_at(p->place, LEVEL_VILLAGE) : p->place;
		if (p->kind != SYNC_DIVISION && (place_within(area, place) || place_within(place, area)))
			return true;
	}
	return false;
}

int sync_carries_group(const struct sync_scope *s, place_t place, const struct uuid *group)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct sync_part *p = &s->parts[i];
		if (p->kind == SYNC_GROUP &&
		    (uuid_is_nil(&p->group) ? place_within(place, p->place) : uuid_eq(&p->group, group)))
			return 1;
	}
	return 0;
}

bool sync_meets_group(const struct sync_scope *s, place_t place, const struct uuid *group)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct sync_part *p = &s->parts[i];
		if (p->kind == SYNC_HOUSEHOLD && uuid_is_nil(&p->group) && place_level(p->place) > LEVEL_VILLAGE &&
		    place_at(p->place, LEVEL_VILLAGE) == place_at(place, LEVEL_VILLAGE))
			return true;
	}
	return sync_carries_group(s, place, group);
}

int sync_carries_household(struct work *w, const struct sync_scope *s, place_t place, const struct uuid *household,
			   struct err *err)
{
	struct uuid group = { 0 };
	bool asked = false;
	for (size_t i = 0; i < s->n; i++) {
		const struct sync_part *p = &s->parts[i];
		if (p->kind != SYNC_HOUSEHOLD)
			continue;
		if (uuid_is_nil(&p->group)) {
			if (place_within(place, p->place))
				return 1;
			continue;
		}
		if (!asked && household_group_now(w, place, household, &group, err) < 0)
			return -1;
		asked = true;
		if (uuid_eq(&p->group, &group))
			return 1;
	}
	return 0;
}
