/* Time-ordered ids (UUID version 7) made by the hundred thousand, as devices
 * would make them: for the benchmarks only; the program's own are in base/uuid. */
#ifndef BENCH_IDS_H
#define BENCH_IDS_H

#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

struct ids {
	uint64_t random; /* splitmix64 */
	uint64_t ms;
	uint32_t count; /* within the millisecond: 26 bits */
};

static inline void ids_init(struct ids *g)
{
	*g = (struct ids){ 0 };
	if (getrandom(&g->random, sizeof(g->random), 0) != sizeof(g->random))
		abort();
}

static inline uint64_t ids_random(struct ids *g)
{
	uint64_t z = g->random += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* Strictly increasing within one generator; 48 random bits keep several apart. */
static inline void ids_next(struct ids *g, uint8_t out[16])
{
	struct timespec now;
	uint64_t ms, tail = ids_random(g);

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	if (ms > g->ms) {
		g->ms = ms;
		g->count = 0;
	} else {
		g->count++;
	}
	for (int i = 0; i < 6; i++)
		out[i] = (uint8_t)(g->ms >> (40 - 8 * i));
	out[6] = (uint8_t)(0x70 | (g->count >> 22 & 0x0f));
	out[7] = (uint8_t)(g->count >> 14);
	out[8] = (uint8_t)(0x80 | (g->count >> 8 & 0x3f));
	out[9] = (uint8_t)g->count;
	for (int i = 10; i < 16; i++, tail >>= 8)
		out[i] = (uint8_t)tail;
}

#endif
