/* What was just recorded, for live pages: the last few thousand notes in
 * memory, shown only once durable. No personal data, no store: a reader that
 * fell behind is told to read anew. */
#include <stdlib.h>

#include "app/internal.h"

#define NOTES_KEPT 4096

struct live {
	pthread_mutex_t lock;
	struct note notes[NOTES_KEPT];
	uint64_t first;          /* the oldest kept: what was rolled back may have stood over older ones */
	uint64_t written, shown; /* counted from the start; what lies between is not durable yet */
	void (*wake)(void *ctx);
	void *ctx;
};

int live_start(struct app *a, struct err *err)
{
	a->live = calloc(1, sizeof *a->live);
	if (!a->live)
		return err_kind_set(err, &ERR_NO_MEMORY);
	pthread_mutex_init(&a->live->lock, NULL);
	return 0;
}

void live_stop(struct app *a)
{
	if (!a->live)
		return;
	pthread_mutex_destroy(&a->live->lock);
	free(a->live);
	a->live = NULL;
}

void app_listen(struct app *a, void (*wake)(void *ctx), void *ctx)
{
	pthread_mutex_lock(&a->live->lock);
	a->live->wake = wake;
	a->live->ctx = ctx;
	pthread_mutex_unlock(&a->live->lock);
}

void live_note(struct app *a, const struct event *ev)
{
	struct live *l = a->live;
	if (!l)
		return;
	pthread_mutex_lock(&l->lock);
	l->notes[l->written++ % NOTES_KEPT] = (struct note){ ev->seq, ev->at, ev->area, ev->id, ev->form->type };
	if (l->written > l->first + NOTES_KEPT)
		l->first = l->written - NOTES_KEPT;
	pthread_mutex_unlock(&l->lock);
}

uint64_t live_mark(struct app *a)
{
	return a->live ? a->live->written : 0; /* the writer's own */
}

void live_return(struct app *a, uint64_t mark)
{
	struct live *l = a->live;
	if (!l)
		return;
	pthread_mutex_lock(&l->lock);
	l->written = mark;
	if (l->first > mark)
		l->first = mark;
	pthread_mutex_unlock(&l->lock);
}

void live_show(struct app *a, int64_t size)
{
	struct live *l = a->live;
	if (!l) {
		atomic_store(&a->size, size);
		return;
	}
	pthread_mutex_lock(&l->lock);
	bool any = l->shown != l->written;
	l->shown = l->written;
	/* After the notes, so that whoever knows the size finds them; before anyone is woken by them. */
	atomic_store(&a->size, size);
	if (any && l->wake)
		l->wake(l->ctx);
	pthread_mutex_unlock(&l->lock);
}

size_t app_notes(struct app *a, int64_t after, struct note *out, size_t most, bool *ret_lost)
{
	struct live *l = a->live;
	size_t n = 0;
	*ret_lost = false;
	pthread_mutex_lock(&l->lock);
	/* What is being written may stand over the oldest ones already, even over all that were shown. */
	uint64_t first = l->first < l->shown ? l->first : l->shown, i = l->shown;
	while (i > first && l->notes[(i - 1) % NOTES_KEPT].seq > after)
		i--;
	if (i == first && after < atomic_load(&a->size))
		*ret_lost = i == l->shown || l->notes[i % NOTES_KEPT].seq > after + 1;
	for (; i < l->shown && n < most; i++)
		out[n++] = l->notes[i % NOTES_KEPT];
	pthread_mutex_unlock(&l->lock);
	return n;
}
