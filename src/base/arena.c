/* The bump allocator behind a request: a chain of blocks, newest first. Owns
 * all that it hands out; not thread-safe, one arena belongs to one thread. */
#include "base/arena.h"

#include <stdlib.h>

#define BLOCK_FIRST ((size_t)16 << 10)
#define BLOCK_MOST  ((size_t)1 << 20)
#define ALIGNMENT   16

struct arena_block {
	struct arena_block *older;
	size_t size, at;
	_Alignas(ALIGNMENT) char data[];
};

void arena_init(struct arena *a, size_t max)
{
	*a = (struct arena){ .max = max };
}

static void blocks_free(struct arena_block *b)
{
	while (b) {
		struct arena_block *older = b->older;

		free(b);
		b = older;
	}
}

void arena_finish(struct arena *a)
{
	blocks_free(a->blocks);
	a->blocks = NULL;
	a->used = 0;
}

void arena_reset(struct arena *a)
{
	struct arena_block *b = a->blocks;

	while (b && b->older) {
		struct arena_block *older = b->older;

		free(b);
		b = older;
	}
	if (b && b->size > BLOCK_MOST) { /* one huge request must not be kept for ever */
		free(b);
		b = NULL;
	}
	if (b)
		b->at = 0;
	a->blocks = b;
	a->used = 0;
}

static struct arena_block *block_add(struct arena *a, size_t size)
{
	size_t n = a->blocks ? a->blocks->size * 2 : BLOCK_FIRST;
	struct arena_block *b;

	if (n > BLOCK_MOST)
		n = BLOCK_MOST;
	if (n < size)
		n = size;
	b = malloc(sizeof(*b) + n);
	if (!b)
		return NULL;
	*b = (struct arena_block){ .older = a->blocks, .size = n };
	a->blocks = b;
	return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t max = a->max ? a->max : ARENA_DEFAULT_MAX;
	struct arena_block *b = a->blocks;
	size_t n;
	void *p;

	if (size > max)
		return NULL;
	n = size ? (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1) : ALIGNMENT;
	if (n > max - a->used)
		return NULL;
	if (!b || b->size - b->at < n)
		b = block_add(a, n);
	if (!b)
		return NULL;
	p = b->data + b->at;
	b->at += n;
	a->used += n;
	return memset(p, 0, n);
}

void *arena_grow(struct arena *a, void *items, size_t n, size_t *cap, size_t size)
{
	size_t room = *cap ? *cap * 2 : 8;
	void *bigger;

	if (n < *cap)
		return items;
	bigger = arena_alloc(a, room * size);
	if (!bigger)
		return NULL;
	if (n)
		memcpy(bigger, items, n * size);
	*cap = room;
	return bigger;
}

struct str arena_str(struct arena *a, struct str s)
{
	char *copy;

	if (!s.ptr)
		return STR_NONE;
	copy = arena_alloc(a, s.len + 1);
	if (!copy)
		return STR_NONE;
	memcpy(copy, s.ptr, s.len);
	return (struct str){ copy, s.len };
}
