/* The roster is made slot by slot: of those who may stand, the one with the
 * least duty so far, then the one longest at rest. */
#include "domain/duty/roster.h"

static bool touches(const struct spans *s, int64_t from, int64_t to)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->items[i].from < to && s->items[i].to > from)
			return true;
	}
	return false;
}

static bool better(const struct roster_person *a, const struct roster_person *b)
{
	if (a->minutes != b->minutes)
		return a->minutes < b->minutes;
	if (a->last_ended != b->last_ended)
		return a->last_ended < b->last_ended;
	return memcmp(a->id.b, b->id.b, sizeof a->id.b) < 0;
}

void roster_plan(struct roster_person *people, size_t n, struct roster_slot *slots, size_t n_slots, int64_t rest)
{
	for (size_t i = 0; i < n_slots; i++) {
		struct roster_slot *slot = &slots[i];
		while ((int64_t)slot->n < slot->heads) {
			struct roster_person *best = NULL;
			for (size_t k = 0; k < n; k++) {
				struct roster_person *p = &people[k];
				if (p->busy.n < p->room && !touches(&p->busy, slot->from - rest, slot->to + rest) &&
				    !touches(&p->away, slot->from, slot->to) && (!best || better(p, best)))
					best = p;
			}
			if (!best)
				break;
			best->busy.items[best->busy.n++] = (struct span){ slot->from, slot->to };
			best->minutes += (slot->to - slot->from) / 60000;
			best->last_ended = slot->to;
			slot->who[slot->n++] = (size_t)(best - people);
		}
	}
}
