/* Kept figures: (place, day, name) → signed delta. Deltas gather in memory
 * while a commit group is projected and each touched row is written once. */
#include <assert.h>
#include <stdlib.h>

#include "core.sql.h"
#include "domain/domain.h"

#define NAME_MAX_LEN 64

struct entry {
	char name[NAME_MAX_LEN];
	int64_t incident, day, delta;
	place_t place;
	bool used;
	bool moment; /* `day` is a moment in ms: a row of figure_moment */
};

struct figure_book {
	struct entry *slots;
	size_t cap, n;
};

struct figure_book *figure_book_create(void)
{
	struct figure_book *b = calloc(1, sizeof *b);
	if (b) {
		b->cap = 1024;
		b->slots = calloc(b->cap, sizeof *b->slots);
		if (!b->slots) {
			free(b);
			return NULL;
		}
	}
	return b;
}

void figure_book_destroy(struct figure_book *b)
{
	if (!b)
		return;
	free(b->slots);
	free(b);
}

size_t figure_book_size(const struct figure_book *b)
{
	return b->n;
}

static uint64_t mix(uint64_t h, uint64_t v)
{
	h ^= v + 0x9e3779b97f4a7c15u + (h << 6) + (h >> 2);
	return h * 0xff51afd7ed558ccdu;
}

static struct entry *find_slot(struct entry *slots, size_t cap, const char *name, int64_t incident, place_t place,
			       int64_t day, bool moment)
{
	uint64_t h = mix(mix(mix(1469598103934665603u, (uint64_t)place), (uint64_t)day), (uint64_t)incident);
	for (const char *c = name; *c; c++)
		h = (h ^ (unsigned char)*c) * 1099511628211u;
	h ^= h >> 29;
	for (size_t i = h & (cap - 1);; i = (i + 1) & (cap - 1)) {
		struct entry *e = &slots[i];
		if (!e->used || (e->place == place && e->day == day && e->moment == moment && e->incident == incident &&
				 strcmp(e->name, name) == 0))
			return e;
	}
}

static int grow(struct figure_book *b, struct err *err)
{
	size_t cap = b->cap * 2;
	struct entry *slots = calloc(cap, sizeof *slots);
	if (!slots)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < b->cap; i++) {
		struct entry *e = &b->slots[i];
		if (e->used)
			*find_slot(slots, cap, e->name, e->incident, e->place, e->day, e->moment) = *e;
	}
	free(b->slots);
	b->slots = slots;
	b->cap = cap;
	return 0;
}

static int add(struct work *w, const char *name, int64_t incident_no, place_t place, int64_t day, bool moment,
	       int64_t delta, struct err *err)
{
	struct figure_book *b = w->book;
	assert(b && strlen(name) < NAME_MAX_LEN);
	if (!place_within(place, w->top))
		place = w->top;
	for (;; place = place_parent(place)) {
		if (b->n * 2 >= b->cap && grow(b, err) < 0)
			return -1;
		struct entry *e = find_slot(b->slots, b->cap, name, incident_no, place, day, moment);
		if (!e->used) {
			b->n++;
			*e = (struct entry){
				.incident = incident_no, .day = day, .place = place, .used = true, .moment = moment
			};
			memcpy(e->name, name, strlen(name) + 1);
		}
		e->delta += delta;
		if (place == w->top)
			return 0;
	}
}

int figure_add(struct work *w, const char *name, int64_t incident_no, place_t place, int64_t day, int64_t delta,
	       struct err *err)
{
	return add(w, name, incident_no, place, day, false, delta, err);
}

int figure_add_from(struct work *w, const char *name, int64_t incident_no, place_t place, int64_t moment, int64_t delta,
		    struct err *err)
{
	if (add(w, name, incident_no, place, day_of(moment), false, delta, err) < 0)
		return -1;
	return add(w, name, incident_no, place, moment, true, delta, err);
}

int figure_add_part(struct work *w, const char *name, const char *part, int64_t incident_no, place_t place, int64_t day,
		    int64_t delta, struct err *err)
{
	char whole[NAME_MAX_LEN];
	if (!part)
		return figure_add(w, name, incident_no, place, day, delta, err);
	size_t a = strlen(name), b = strlen(part);
	assert(a + b < sizeof whole);
	memcpy(whole, name, a);
	memcpy(whole + a, part, b + 1);
	return figure_add(w, whole, incident_no, place, day, delta, err);
}

void figure_book_discard(struct figure_book *b)
{
	if (b->cap > 65536) {
		struct entry *small = calloc(1024, sizeof *small);
		if (small) {
			free(b->slots);
			b->slots = small;
			b->cap = 1024;
			b->n = 0;
			return;
		}
	}
	if (b->n)
		memset(b->slots, 0, b->cap * sizeof *b->slots);
	b->n = 0;
}

static int by_key(const void *x, const void *y)
{
	const struct entry *a = *(struct entry *const *)x, *b = *(struct entry *const *)y;
	int64_t ca = place_county(a->place), cb = place_county(b->place);
	if (ca != cb)
		return ca < cb ? -1 : 1;
	if (a->incident != b->incident)
		return a->incident < b->incident ? -1 : 1;
	int c = strcmp(a->name, b->name);
	if (c)
		return c;
	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	return a->day < b->day ? -1 : a->day > b->day;
}

int figure_book_flush(struct figure_book *b, struct db *db, struct err *err)
{
	if (!b->n)
		return 0;
	struct entry **sorted = malloc(b->n * sizeof *sorted);
	if (!sorted)
		return err_kind_set(err, &ERR_NO_MEMORY);
	size_t n = 0;
	int rc = 0;
	for (size_t i = 0; i < b->cap; i++) {
		if (b->slots[i].used && b->slots[i].delta)
			sorted[n++] = &b->slots[i];
	}
	/* In key order, so that neighbours share a page. */
	qsort(sorted, n, sizeof *sorted, by_key);
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		struct entry *e = sorted[i];
		rc = (int)db_run(db, e->moment ? &SQL_FIGURE_MOMENT_PUT : &SQL_FIGURE_PUT, err, "iiciii",
				 place_county(e->place), e->incident, e->name, e->place, e->day, e->delta);
		if (rc >= 0 && e->moment)
			rc = (int)db_run(db, &SQL_FIGURE_MOMENT_CLEAR_ZERO, err, "iicii", place_county(e->place),
					 e->incident, e->name, e->place, e->day);
	}
	free(sorted);
	if (rc >= 0)
		rc = (int)db_run(db, &SQL_FIGURE_CLEAR_ZERO, err, "");
	figure_book_discard(b);
	return rc < 0 ? -1 : 0;
}

int figure_value(struct work *w, const char *name, int64_t incident_no, place_t place, int64_t day, int64_t *ret,
		 struct err *err)
{
	int64_t ahead = 0;
	int rc =
	    db_get_i64(w->db, &SQL_FIGURE_SUM, ret, err, "iicii", place_county(place), incident_no, name, place, day);
	/* Of today only what has come to be: no moment of an earlier day is ahead. */
	if (rc >= 0 && day_start(day + 1) > w->now)
		rc = db_get_i64(w->db, &SQL_FIGURE_AHEAD, &ahead, err, "iiciii", place_county(place), incident_no, name,
				place, w->now, day_start(day + 1));
	*ret -= ahead;
	return rc < 0 ? -1 : 0;
}
