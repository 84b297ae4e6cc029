/* Shortest augmenting paths with potentials, a request's slots kept together:
 * for each slot the cheapest chain of changes that fills it is found. A slot may
 * stay empty at a price above all others, so that it does only when it must. */
#include "domain/duty/dispatch.h"

#define EMPTY ((int64_t)1 << 50)

struct search {
	const struct dispatch *d;
	int64_t *match;       /* of a person: request or -1 */
	int64_t *price;       /* potential of a request */
	int64_t *rebate;      /* potential of a person, ≤ 0 */
	int64_t *dist, *from; /* of a person: how far, from which request */
	int64_t *reach, *via; /* of a request: how far (-1: not reached), by which person it was freed */
	bool *settled;        /* persons */
};

/* A request comes within reach: those it holds could be freed at the same price, and all it could take are looked at.
 */
static void reach_request(struct search *s, size_t r, int64_t dist, int64_t via)
{
	const int64_t *cost = s->d->cost + r * s->d->persons;
	s->reach[r] = dist;
	s->via[r] = via;
	for (size_t p = 0; p < s->d->persons; p++) {
		if (s->settled[p])
			continue;
		if (s->match[p] == (int64_t)r) {
			s->settled[p] = true;
			s->dist[p] = dist;
		} else if (cost[p] != DISPATCH_NEVER) {
			int64_t far = dist + cost[p] - s->price[r] - s->rebate[p];
			if (far < s->dist[p]) {
				s->dist[p] = far;
				s->from[p] = (int64_t)r;
			}
		}
	}
}

static int64_t nearest_person(const struct search *s)
{
	int64_t best = -1;
	for (size_t p = 0; p < s->d->persons; p++) {
		if (s->settled[p] || s->dist[p] == INT64_MAX)
			continue;
		/* At one price somebody free is better: the search ends there. */
		if (best < 0 || s->dist[p] < s->dist[best] ||
		    (s->dist[p] == s->dist[best] && s->match[p] < 0 && s->match[best] >= 0))
			best = (int64_t)p;
	}
	return best;
}

/* The reached request that leaves a slot empty for the least. */
static int64_t cheapest_gap(const struct search *s, int64_t *ret_dist)
{
	int64_t best = -1;
	for (size_t r = 0; r < s->d->requests; r++) {
		int64_t far = s->reach[r] + EMPTY - s->price[r];
		if (s->reach[r] >= 0 && (best < 0 || far < *ret_dist)) {
			best = (int64_t)r;
			*ret_dist = far;
		}
	}
	return best;
}

static void settle_prices(struct search *s, int64_t total)
{
	for (size_t r = 0; r < s->d->requests; r++) {
		if (s->reach[r] >= 0)
			s->price[r] += total - s->reach[r];
	}
	for (size_t p = 0; p < s->d->persons; p++) {
		if (s->settled[p])
			s->rebate[p] -= total - s->dist[p];
	}
}

/* Hands each person along the chain to the request before, up to the one that lacked a slot. */
static void shift_chain(struct search *s, size_t start, int64_t person, int64_t gap)
{
	int64_t r = gap;
	if (person >= 0) {
		r = s->from[person];
		s->match[person] = r;
	}
	while (r != (int64_t)start) {
		int64_t p = s->via[r];
		r = s->from[p];
		s->match[p] = r;
	}
}

/* False when the slot had better stay empty: then so must all further ones of the request, which cost no less. */
static bool fill_slot(struct search *s, size_t start)
{
	for (size_t p = 0; p < s->d->persons; p++) {
		s->dist[p] = INT64_MAX;
		s->settled[p] = false;
	}
	for (size_t r = 0; r < s->d->requests; r++)
		s->reach[r] = -1;
	reach_request(s, start, 0, -1);
	for (;;) {
		int64_t gap_dist = 0, gap = cheapest_gap(s, &gap_dist), p = nearest_person(s);
		if (p < 0 || s->dist[p] > gap_dist) {
			settle_prices(s, gap_dist);
			shift_chain(s, start, -1, gap);
			return gap != (int64_t)start;
		}
		if (s->match[p] < 0) {
			settle_prices(s, s->dist[p]);
			shift_chain(s, start, p, -1);
			return true;
		}
		s->settled[p] = true;
		reach_request(s, (size_t)s->match[p], s->dist[p], p);
	}
}

int dispatch_solve(const struct dispatch *d, struct arena *arena, int64_t *ret, struct err *err)
{
	size_t r = d->requests + 1, p = d->persons + 1;
	struct search s = { .d = d,
			    .match = ret,
			    .price = arena_alloc(arena, r * sizeof *s.price),
			    .rebate = arena_alloc(arena, p * sizeof *s.rebate),
			    .dist = arena_alloc(arena, p * sizeof *s.dist),
			    .from = arena_alloc(arena, p * sizeof *s.from),
			    .reach = arena_alloc(arena, r * sizeof *s.reach),
			    .via = arena_alloc(arena, r * sizeof *s.via),
			    .settled = arena_alloc(arena, p * sizeof *s.settled) };
	if (!s.price || !s.rebate || !s.dist || !s.from || !s.reach || !s.via || !s.settled)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < d->persons; i++)
		ret[i] = -1;
	for (size_t i = 0; i < d->requests; i++) {
		/* More slots than persons stay empty without a search. */
		int64_t slots = d->slots[i] < (int64_t)d->persons ? d->slots[i] : (int64_t)d->persons;
		while (slots-- > 0 && fill_slot(&s, i))
			;
	}
	return 0;
}

static int64_t root(int64_t x)
{
	int64_t r = 0;
	for (int64_t bit = (int64_t)1 << 31; bit; bit >>= 1) {
		if ((r + bit) * (r + bit) <= x)
			r += bit;
	}
	return r;
}

/* A flat map about the middle: 111.2 m a thousandth of a degree, less along the parallels (cosine as a polynomial). */
int64_t dispatch_metres(int64_t lon1, int64_t lat1, int64_t lon2, int64_t lat2)
{
	double middle = ((double)lat1 + (double)lat2) / 2e6 * 0.017453292519943295, sq = middle * middle;
	double narrow = 1 - sq / 2 + sq * sq / 24 - sq * sq * sq / 720;
	int64_t x = (int64_t)((double)(lon1 - lon2) * narrow * 0.1112), y = (int64_t)((double)(lat1 - lat2) * 0.1112);
	return root(x * x + y * y);
}
