/* The one way in. Requests queue to one writer; whatever is waiting is checked,
 * appended and projected in one transaction, and answered once it is durable. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/internal.h"
#include "base/log.h"

static const struct err_kind ERR_ATOMIC = { "atomic_rolled_back", 409, "同一批里有记录被拒绝，整批没有记录",
					    "Another record of the same batch was refused: none was recorded" };
const struct err_kind ERR_KEYS_MISSING = { "keys_missing", 503, "找不到密钥文件，不能记录；请把密钥文件放回库文件旁边",
					   "The key file is missing: put it back beside the store to record" };

enum task_kind { TASK_SUBMISSION, TASK_BULK, TASK_CALL };

struct queued {
	enum task_kind kind;
	struct submission *submission;
	struct bulk *bulk;
	int (*call)(struct app *a, struct db *db, void *ctx, struct err *err);
	void *ctx;
	/* For those who wait: */
	pthread_mutex_t *lock;
	pthread_cond_t *done;
	bool finished;
	int rc;
	struct err *err;
	struct queued *next;
};

/* ---- a commit group ------------------------------------------------------------------------ */

struct group {
	struct ledger_mark start;
	uint64_t live;
	int64_t now, began;
	bool access_touched;
};

static int group_begin(struct app *a, struct group *g, struct err *err)
{
	g->began = clock_ticks();
	g->now = clock_now();
	g->access_touched = false;
	ledger_mark(a->ledger, &g->start);
	g->live = live_mark(a);
	return db_begin(a->writer, err);
}

/* Keys loaded or made in what is rolled back: neither the cache nor what was sealed with them may outlive it. */
static void forget_keys(struct app *a)
{
	keyring_forget_all(a->keys);
	atomic_fetch_add(&a->keys_lost, 1);
}

static void group_abort(struct app *a, struct group *g)
{
	db_rollback(a->writer);
	ledger_return(a->ledger, &g->start);
	live_return(a, g->live);
	figure_book_discard(a->book);
	forget_keys(a);
	memset(&a->places, 0, sizeof a->places);
}

static int group_commit(struct app *a, struct group *g, struct err *err)
{
	struct ledger_head head;
	if (figure_book_flush(a->book, a->writer, err) < 0 || (a->blind_added && blind_settle(a->writer, err) < 0))
		return -1;
	a->blind_added = false;
	if (ledger_size(a->ledger) > g->start.size) {
		char text[24];
		if (ledger_seal_head(a->ledger, a->writer, g->now, &head, err) < 0)
			return -1;
		snprintf(text, sizeof text, "%lld", (long long)head.size);
		if (meta_put(a->writer, "derived_seq", str_of(text), err) < 0)
			return -1;
	}
	if (db_commit(a->writer, err) < 0)
		return -1;
	if (g->access_touched || a->access_stale) {
		struct err problem = { 0 };
		a->access_stale = accounts_reload(a, a->writer, &problem) < 0; /* tried again with the next commit */
		if (a->access_stale)
			log_error("event=accounts_reload error=%s", problem.kind->code);
	}
	atomic_fetch_add(&a->commits, 1);
	atomic_fetch_add(&a->commit_us_sum, clock_ticks() - g->began);
	live_show(a, ledger_size(a->ledger));
	return 0;
}

static void mark_rolled_back(struct submission *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->results[i].status != RESULT_REFUSED) {
			s->results[i].status = RESULT_REFUSED;
			s->results[i].seq = 0;
			err_kind_set(&s->results[i].err, &ERR_ATOMIC);
		}
	}
	s->failed = true;
}

static bool any_refused(const struct submission *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->results[i].status == RESULT_REFUSED)
			return true;
	}
	return false;
}

/* Decoding refused some already; an atomic request is lost then before it is begun. */
static int write_submission(struct app *a, struct submission *s, struct group *g, struct err *err)
{
	bool point = s->atomic && s->n > 1, touched = false;
	struct ledger_mark before;
	uint64_t live = live_mark(a);
	if (s->atomic && any_refused(s)) {
		mark_rolled_back(s);
		return 0;
	}
	if (point) {
		if (figure_book_flush(a->book, a->writer, err) < 0 || db_savepoint(a->writer, err) < 0)
			return -1;
		ledger_mark(a->ledger, &before);
	}
	for (size_t i = 0; i < s->n; i++) {
		if (s->results[i].status == RESULT_REFUSED)
			continue;
		if (record_event(a, s->who, s->server, &s->events[i], s->prepared ? &s->prepared[i] : NULL,
				 &s->results[i], &s->arena, g->now, &touched, err) < 0)
			return -1;
		if (s->atomic && s->results[i].status == RESULT_REFUSED)
			break;
	}
	if (s->atomic && any_refused(s)) {
		mark_rolled_back(s);
		if (!point)
			return 0;
		figure_book_discard(a->book);
		ledger_return(a->ledger, &before);
		live_return(a, live);
		forget_keys(a);
		memset(&a->places, 0, sizeof a->places);
		return db_savepoint_rollback(a->writer, err);
	}
	g->access_touched |= touched;
	return point ? db_savepoint_release(a->writer, err) : 0;
}

/* Back to how decoding left them, for another try. */
static void reset_results(struct submission *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct result *r = &s->results[i];
		if (r->malformed)
			continue;
		*r = (struct result){ .id = r->id, .has_id = r->has_id };
		s->events[i].area = FIELD_ABSENT;
		s->events[i].incident_no = 0;
	}
	s->failed = false;
}

static int commit_tasks(struct app *a, struct queued *first, struct queued *end, struct err *err)
{
	struct group g;
	int rc = group_begin(a, &g, err);
	for (struct queued *t = first; rc == 0 && t != end; t = t->next)
		rc = write_submission(a, t->submission, &g, err);
	if (rc == 0)
		rc = group_commit(a, &g, err);
	if (rc < 0)
		group_abort(a, &g);
	return rc;
}

static void count_results(struct app *a, const struct submission *s)
{
	int64_t n[3] = { 0 };
	for (size_t i = 0; i < s->n; i++)
		n[s->results[i].status]++;
	atomic_fetch_add(&a->recorded, n[RESULT_RECORDED]);
	atomic_fetch_add(&a->duplicates, n[RESULT_DUPLICATE]);
	atomic_fetch_add(&a->refused, n[RESULT_REFUSED]);
}

/* When the group fails, each request is tried alone, so that one can't spoil the others. */
static void run_submissions(struct app *a, struct queued *first, struct queued *end)
{
	struct err err = { 0 };
	if (commit_tasks(a, first, end, &err) < 0) {
		for (struct queued *t = first; t != end; t = t->next) {
			struct submission *s = t->submission;
			struct err alone = { 0 };
			reset_results(s);
			if (first->next == end)
				alone = err; /* it was alone */
			else if (commit_tasks(a, t, t->next, &alone) == 0)
				continue;
			s->failed = true;
			s->failure = alone;
			log_error("event=commit_failed error=%s detail=%s", alone.kind ? alone.kind->code : "?",
				  alone.arg[0]);
		}
	}
	for (struct queued *t = first; t != end; t = t->next) {
		if (!t->submission->failed)
			count_results(a, t->submission);
	}
}

/* ---- bulk and calls --------------------------------------------------------------------------- */

#define BULK_BATCH   500
#define BULK_FIGURES 20000

/* One pull of the stream within the open transaction. 1 more, 0 at the end, -1. */
static int bulk_pull(struct app *a, struct bulk *b, struct arena *arena, struct event *events, size_t *index,
		     struct group *g, struct err *err)
{
	arena_reset(arena);
	int n = b->next(b->ctx, arena, events, BULK_BATCH, err);
	if (n <= 0)
		return n;
	for (int i = 0; i < n; i++, (*index)++) {
		struct result res = { 0 };
		event_fill(&events[i], arena);
		if (record_event(a, b->who, false, &events[i], NULL, &res, NULL, g->now, &g->access_touched, err) < 0)
			return -1;
		b->recorded += res.status == RESULT_RECORDED;
		b->duplicates += res.status == RESULT_DUPLICATE;
		if (res.status != RESULT_REFUSED)
			continue;
		b->failed++;
		if (b->refused && b->refused(b->ctx, *index, &events[i], &res.err) < 0) {
			*err = res.err;
			return -1;
		}
	}
	return 1;
}

static int run_bulk(struct app *a, struct bulk *b, struct err *err)
{
	struct event *events = calloc(BULK_BATCH, sizeof *events);
	struct arena arena;
	struct group g;
	size_t index = 0;
	int rc = events ? group_begin(a, &g, err) : err_kind_set(err, &ERR_NO_MEMORY);
	arena_init(&arena, 0);
	b->recorded = b->duplicates = b->failed = 0;
	if (rc < 0)
		goto out;
	while ((rc = bulk_pull(a, b, &arena, events, &index, &g, err)) == 1) {
		/* A nation's figures would not fit in memory: they go to the transaction in parts. */
		if (figure_book_size(a->book) > BULK_FIGURES && figure_book_flush(a->book, a->writer, err) < 0) {
			rc = -1;
			break;
		}
		if (b->atomic || b->dry_run)
			continue;
		if (group_commit(a, &g, err) < 0 || group_begin(a, &g, err) < 0) {
			rc = -1;
			break;
		}
	}
	if (rc == 0 && !b->dry_run && !(b->atomic && b->failed)) {
		rc = group_commit(a, &g, err);
		if (rc == 0)
			atomic_fetch_add(&a->recorded, b->recorded);
		else
			group_abort(a, &g);
	} else {
		group_abort(a, &g);
	}
out:
	arena_finish(&arena);
	free(events);
	return rc;
}

static int run_call(struct app *a, struct queued *t)
{
	if (db_begin(a->writer, t->err) < 0)
		return -1;
	if (t->call(a, a->writer, t->ctx, t->err) < 0 || db_commit(a->writer, t->err) < 0) {
		db_rollback(a->writer);
		return -1;
	}
	return 0;
}

static void run_single(struct app *a, struct queued *t)
{
	t->rc = t->kind == TASK_BULK ? run_bulk(a, t->bulk, t->err) : run_call(a, t);
}

/* ---- the queue ------------------------------------------------------------------------------------ */

static void finish(struct queued *t)
{
	if (t->kind == TASK_SUBMISSION && !t->done) {
		struct submission *s = t->submission;
		free(t);
		s->done(s);
		return;
	}
	pthread_mutex_lock(t->lock);
	t->finished = true;
	pthread_cond_signal(t->done);
	pthread_mutex_unlock(t->lock);
}

/* The first run of submissions up to the group's size, or one other task. */
static struct queued *cut_run(struct queued *first)
{
	size_t events = 0;
	struct queued *t = first;
	if (first->kind != TASK_SUBMISSION)
		return first->next;
	while (t && t->kind == TASK_SUBMISSION && (t == first || events + t->submission->n <= GROUP_EVENTS_MAX)) {
		events += t->submission->n;
		t = t->next;
	}
	return t;
}

static void run_tasks(struct app *a, struct queued *first)
{
	while (first) {
		struct queued *end = cut_run(first);
		if (first->kind == TASK_SUBMISSION)
			run_submissions(a, first, end);
		else
			run_single(a, first);
		while (first != end) {
			struct queued *next = first->next;
			finish(first);
			first = next;
		}
	}
}

static void *writer_main(void *arg)
{
	struct app *a = arg;
	pthread_mutex_lock(&a->lock);
	for (;;) {
		while (!a->head && !a->stopping)
			pthread_cond_wait(&a->wake, &a->lock);
		struct queued *first = a->head;
		if (!first)
			break; /* stopping, and nothing left */
		a->head = NULL;
		a->tail = &a->head;
		a->queued = a->queued_events = 0;
		pthread_mutex_unlock(&a->lock);
		run_tasks(a, first);
		pthread_mutex_lock(&a->lock);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

int pipeline_start(struct app *a, struct err *err)
{
	a->tail = &a->head;
	if (pthread_create(&a->thread, NULL, writer_main, a))
		return err_fmt(err, &ERR_INTERNAL, "the writer thread could not start");
	a->started = true;
	return 0;
}

void pipeline_stop(struct app *a)
{
	if (!a->started)
		return;
	pthread_mutex_lock(&a->lock);
	a->stopping = true;
	pthread_cond_signal(&a->wake);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->thread, NULL);
	a->started = false;
}

static bool enqueue(struct app *a, struct queued *t, size_t events)
{
	bool ok = false;
	pthread_mutex_lock(&a->lock);
	if (!a->stopping && (t->done || (a->queued < QUEUE_MAX && a->queued_events + events <= QUEUE_EVENTS_MAX))) {
		bool was_empty = !a->head;
		t->next = NULL;
		*a->tail = t;
		a->tail = &t->next;
		a->queued++;
		a->queued_events += events;
		ok = true;
		if (was_empty)
			pthread_cond_signal(&a->wake);
	}
	pthread_mutex_unlock(&a->lock);
	if (!ok)
		atomic_fetch_add(&a->queue_full, 1);
	return ok;
}

/* Seals what needs no look-up while still on the submitter's thread. */
static void prepare_all(struct app *a, struct submission *s)
{
	s->prepared = arena_alloc(&s->arena, s->n * sizeof *s->prepared);
	for (size_t i = 0; s->prepared && i < s->n; i++) {
		struct err ignored = { 0 };
		if (s->results[i].status != RESULT_REFUSED &&
		    prepare_event(a, NULL, &s->events[i], &s->arena, &s->prepared[i], &ignored) < 0)
			s->prepared[i].ready = false; /* the writer meets the error again and reports it */
	}
}

bool app_submit(struct app *a, struct submission *s)
{
	struct queued *t = calloc(1, sizeof *t);
	if (!t)
		return false;
	assert(s->done && s->who);
	prepare_all(a, s);
	t->kind = TASK_SUBMISSION;
	t->submission = s;
	if (enqueue(a, t, s->n))
		return true;
	free(t);
	return false;
}

/* Runs on the writer thread and waits, or inline when it is not started. */
static int wait_for(struct app *a, struct queued *t)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t done = PTHREAD_COND_INITIALIZER;
	if (!a->started) {
		if (t->kind == TASK_SUBMISSION)
			run_submissions(a, t, NULL);
		else
			run_single(a, t);
		return t->rc;
	}
	t->lock = &lock;
	t->done = &done;
	if (enqueue(a, t, 0)) {
		pthread_mutex_lock(&lock);
		while (!t->finished)
			pthread_cond_wait(&done, &lock);
		pthread_mutex_unlock(&lock);
	} else {
		t->rc = err_kind_set(t->err, &ERR_BUSY);
	}
	t->lock = NULL;
	t->done = NULL;
	return t->rc;
}

int app_submit_wait(struct app *a, struct submission *s, struct err *err)
{
	struct queued t = { .kind = TASK_SUBMISSION, .submission = s, .err = err };
	prepare_all(a, s);
	if (wait_for(a, &t) < 0)
		return -1;
	if (s->failure.kind) {
		*err = s->failure;
		return -1;
	}
	return 0;
}

int app_bulk(struct app *a, struct bulk *b, struct err *err)
{
	struct queued t = { .kind = TASK_BULK, .bulk = b, .err = err };
	return wait_for(a, &t);
}

int app_call(struct app *a, int (*fn)(struct app *a, struct db *db, void *ctx, struct err *err), void *ctx,
	     struct err *err)
{
	struct queued t = { .kind = TASK_CALL, .call = fn, .ctx = ctx, .err = err };
	return wait_for(a, &t);
}
