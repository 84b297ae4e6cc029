/* Text made for one caller and good for many, kept in memory for a minute: bounded,
 * shared by threads, emptied when anything in it is to be forgotten. */
#include "domain/memo.h"

#include <pthread.h>
#include <stdlib.h>

#define SLOTS     2048
#define BYTES_MAX ((size_t)16 << 20)
#define AGE_MS    60000

struct slot {
	struct uuid key;
	int64_t made, seq;
	char *text;
	size_t len;
};

struct memo {
	pthread_mutex_t lock;
	struct slot slots[SLOTS];
	size_t bytes, hand;
	int64_t floor; /* what was read before this record may hold what is forgotten */
};

struct memo *memo_create(void)
{
	struct memo *m = calloc(1, sizeof *m);
	if (m)
		pthread_mutex_init(&m->lock, NULL);
	return m;
}

static void empty(struct memo *m, struct slot *s)
{
	m->bytes -= s->len;
	free(s->text);
	*s = (struct slot){ 0 };
}

void memo_forget(struct memo *m, int64_t seq)
{
	pthread_mutex_lock(&m->lock);
	for (size_t i = 0; i < SLOTS; i++)
		empty(m, &m->slots[i]);
	if (seq > m->floor)
		m->floor = seq;
	pthread_mutex_unlock(&m->lock);
}

void memo_destroy(struct memo *m)
{
	if (!m)
		return;
	memo_forget(m, 0);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

static struct slot *slot_of(struct memo *m, const struct uuid *key)
{
	uint32_t h;
	memcpy(&h, key->b, sizeof h);
	return &m->slots[h % SLOTS];
}

bool memo_find(struct memo *m, const struct uuid *key, int64_t now, struct arena *arena, struct str *ret,
	       int64_t *ret_seq)
{
	bool found = false;
	pthread_mutex_lock(&m->lock);
	struct slot *s = slot_of(m, key);
	if (s->text && uuid_eq(&s->key, key)) {
		if (now < s->made || now - s->made > AGE_MS) {
			empty(m, s);
		} else {
			*ret = arena_str(arena, (struct str){ s->text, s->len });
			*ret_seq = s->seq;
			found = ret->ptr != NULL;
		}
	}
	pthread_mutex_unlock(&m->lock);
	return found;
}

void memo_keep(struct memo *m, const struct uuid *key, int64_t now, int64_t seq, struct str text)
{
	if (!text.len || text.len > BYTES_MAX / 16)
		return;
	char *copy = malloc(text.len);
	if (!copy)
		return;
	memcpy(copy, text.ptr, text.len);
	pthread_mutex_lock(&m->lock);
	struct slot *s = slot_of(m, key);
	if (seq < m->floor) {
		free(copy);
	} else {
		empty(m, s);
		for (size_t i = 0; i < SLOTS && m->bytes + text.len > BYTES_MAX; i++)
			empty(m, &m->slots[m->hand++ % SLOTS]);
		*s = (struct slot){ *key, now, seq, copy, text.len };
		m->bytes += text.len;
	}
	pthread_mutex_unlock(&m->lock);
}
