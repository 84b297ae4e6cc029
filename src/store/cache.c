/* Prepared statements of one connection, found by the address of their text
 * (and the types bound). It owns the table, not the statements. */
#include "store/impl.h"

#include <stdlib.h>

static size_t slot_of(const struct cache *c, const struct sql *q, uint64_t sort)
{
	uint64_t h = ((uint64_t)(uintptr_t)q >> 4) * 0x9e3779b97f4a7c15 ^ sort * 0xc2b2ae3d27d4eb4f;
	size_t i = (size_t)(h >> 32) & (c->size - 1);

	while (c->slots[i] && (c->slots[i]->q != q || c->slots[i]->sort != sort))
		i = (i + 1) & (c->size - 1);
	return i;
}

struct run *cache_find(const struct cache *c, const struct sql *q, uint64_t sort)
{
	return c->size ? c->slots[slot_of(c, q, sort)] : NULL;
}

static bool cache_grow(struct cache *c)
{
	struct cache wider = { .size = c->size ? c->size * 2 : 128, .used = c->used };

	wider.slots = calloc(wider.size, sizeof(*wider.slots));
	if (!wider.slots)
		return false;
	for (size_t i = 0; i < c->size; i++) {
		if (c->slots[i])
			wider.slots[slot_of(&wider, c->slots[i]->q, c->slots[i]->sort)] = c->slots[i];
	}
	free(c->slots);
	*c = wider;
	return true;
}

bool cache_add(struct cache *c, struct run *r)
{
	if ((c->used + 1) * 2 > c->size && !cache_grow(c))
		return false;
	c->slots[slot_of(c, r->q, r->sort)] = r;
	c->used++;
	return true;
}
