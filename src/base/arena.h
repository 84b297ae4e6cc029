/* A bounded bump allocator: one per request. Everything in it dies with it;
 * nothing is freed singly. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"

struct arena_block;

struct arena {
	struct arena_block *blocks;
	size_t used; /* bytes handed out */
	size_t max;  /* hard bound; 0: ARENA_DEFAULT_MAX */
};

#define ARENA_DEFAULT_MAX ((size_t)64 << 20)

void arena_init(struct arena *a, size_t max);
void arena_finish(struct arena *a);
/* Forgets everything but keeps the first block for the next use. */
void arena_reset(struct arena *a);
/* Zeroed memory aligned to 16; NULL when the bound or the heap is exhausted. */
void *arena_alloc(struct arena *a, size_t size);
/* Room for one more item after `n`: `items` itself, or a copy in an array twice as large (the old one stays until the
 * arena is reset). NULL as arena_alloc. */
void *arena_grow(struct arena *a, void *items, size_t n, size_t *cap, size_t size);
/* A terminated copy; STR_NONE stays STR_NONE. `ptr == NULL` for a present string means out of memory. */
struct str arena_str(struct arena *a, struct str s);

#endif
