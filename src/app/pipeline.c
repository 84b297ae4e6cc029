/* The one way in. Requests queue to one writer; whatever is waiting is checked,
 * appended and projected in one transaction, and answered once it is durable. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "app.sql.h"
#include "app/internal.h"
#include "base/log.h"
#include "domain/records/records.h"

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

/* ---- one event -------------------------------------------------------------------------- */

static bool touches_access(const struct event_form *form)
{
	return strcmp(form->type, "role.granted") == 0 || strcmp(form->type, "role.revoked") == 0;
}

/* An id met before: the same record again, or another under a used id. */
static int known_id(struct app *a, int64_t seq, const struct event *ev, struct result *res, struct err *err)
{
	struct ledger_row row;
	struct event old;
	int rc = ledger_read(a->writer, seq, &a->work_arena, &row, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_fmt(err, &ERR_STORE_CORRUPT, "entry %lld is missing", (long long)seq);
	if (event_read_entry(row.entry, registry_form, NULL, NULL, &a->work_arena, &old, err) < 0)
		return -1;
	/* The envelope in the clear: the hash can't tell once a subject's key is gone. */
	bool alike = old.form == ev->form && old.at + old.skew == ev->at + ev->skew && old.place == ev->place &&
		     uuid_eq(&old.place_site, &ev->place_site) && uuid_eq(&old.incident, &ev->incident);
	struct event again = *ev;
	again.at = old.at; /* the same moment as sent, however each sending was corrected */
	rc = alike ? prepare_same(a, a->writer, &again, old.same, &a->work_arena, err) : 0;
	if (rc < 0)
		return -1;
	res->seq = seq;
	res->status = rc ? RESULT_DUPLICATE : RESULT_REFUSED;
	if (!rc)
		err_set(&res->err, &ERR_ID_REUSED, "id", NULL);
	return 0;
}

static int erase_subject(struct app *a, const struct event *ev, struct err *err)
{
	const struct subject_erased *d = ev->data;
	if (subject_key_erase(a->keys, a->writer, &d->subject, err) < 0)
		return -1;
	memo_forget(a->memo, ev->seq);
	return db_run(a->writer, &SQL_ERASURE_ADD, err, "uii", &d->subject, ev->at, ev->seq) < 0 ? -1 : 0;
}

/* Keys first: a subject may have one already from a record since withdrawn; then the event is sealed anew with it.
 * That goes into `made`: what was prepared before outlives this try, and should it fail is used by the next. */
static int store_keys(struct app *a, const struct event *ev, struct prepared **p, struct prepared *made,
		      struct err *err)
{
	for (size_t i = 0; i < (*p)->n_fresh; i++) {
		struct fresh_key *f = &(*p)->fresh[i];
		int rc = subject_key_store(a->keys, a->writer, &f->subject, &f->key, f->wrapped, err);
		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		if (prepare_event(a, a->writer, ev, &a->work_arena, made, err) < 0)
			return -1;
		*p = made;
		i = (size_t)-1; /* from the start with what is still fresh */
	}
	return 0;
}

struct lookups {
	struct app *a;
	struct err *err;
	struct blind *entries; /* in the work arena */
	size_t n, cap;
};

static int add_lookup(void *ctx, const struct field *f, const struct uuid *owner, struct str value)
{
	struct lookups *k = ctx;
	struct str normal = lookup_normal(&k->a->work_arena, f->kind, value);
	if (k->n == BLIND_ADD_MOST)
		return err_fmt(k->err, &ERR_TOO_LARGE, "%d", BLIND_ADD_MOST);
	if (!(k->entries = arena_grow(&k->a->work_arena, k->entries, k->n, &k->cap, sizeof *k->entries)))
		return err_kind_set(k->err, &ERR_NO_MEMORY);
	keyring_blind(k->a->keys, f->kind == FIELD_IDNO ? "idno" : "phone", normal, k->entries[k->n].hash);
	k->entries[k->n++].subject = *owner;
	return 0;
}

/* Sealed, into the ledger, and into the derived tables. */
static int append_event(struct app *a, struct work *w, struct event *ev, struct prepared *p, bool *access_touched,
			struct err *err)
{
	struct prepared made;
	struct lookups lookups = { .a = a, .err = err };
	if (!p || !p->ready || p->lost != atomic_load(&a->keys_lost)) {
		p = &made;
		if (prepare_event(a, a->writer, ev, &a->work_arena, p, err) < 0)
			return -1;
	}
	if (store_keys(a, ev, &p, &made, err) < 0 || shape_lookups(ev->form->shape, ev->data, add_lookup, &lookups) ||
	    (lookups.n && blind_add(a->writer, lookups.entries, lookups.n, err) < 0))
		return -1;
	a->blind_added |= lookups.n > 0;
	ev->seq = ledger_size(a->ledger) + 1;
	ev->received = w->now;
	ev->actor = w->server || !w->who->local ? w->who->account : STR("system");
	memcpy(ev->same, p->same, sizeof ev->same);
	buf_clear(&a->entry);
	event_write_entry(ev, p->middle, &a->entry);
	if (a->entry.failed)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (ledger_append(a->ledger, a->writer, &ev->id, ev->form->type, place_at(ev->area, LEVEL_TOWN),
			  buf_view(&a->entry), err) < 0 ||
	    domain_project(w, ev, err) < 0)
		return -1;
	if (ev->form->shape == &SUBJECT_ERASED && erase_subject(a, ev, err) < 0)
		return -1;
	*access_touched |= touches_access(ev->form);
	live_note(a, ev);
	return domain_tell(w, ev, outbox_post, w, err);
}

/* What is to be recorded beside an event. */
#define FOLLOWING_MAX 64

struct following {
	struct work *w;
	struct event events[FOLLOWING_MAX];
	size_t n;
};

static int take_following(void *ctx, const struct event *ev, struct err *err)
{
	struct following *f = ctx;
	int64_t seq;
	if (f->n == FOLLOWING_MAX)
		return err_fmt(err, &ERR_TOO_LARGE, "%d", FOLLOWING_MAX);
	int rc = ledger_find_seq(f->w->db, &ev->id, &seq, err);
	if (rc)
		return rc < 0 ? -1 : err_set(err, &ERR_ID_TAKEN, "id", NULL);
	f->events[f->n] = *ev;
	event_fill(&f->events[f->n], f->w->arena);
	bool server = f->w->server;
	f->w->server = true;
	rc = domain_check(f->w, &f->events[f->n++], err);
	f->w->server = server;
	return rc;
}

/* A refusal of the event; what is wrong with the store loses the transaction. */
static int refused(struct result *res, struct err *err)
{
	if (res->err.kind && res->err.kind->status >= 500) {
		*err = res->err;
		return -1;
	}
	res->status = RESULT_REFUSED;
	return 0;
}

static const struct err_kind CLOCK_SKEW = {
	"clock_skew", 200, "您手机的时钟{0}{1}，记录时间已按服务器时间校正；请校准手机时间",
	"Your device's clock is {1} {2}: the record's time was corrected. Please set the clock right"
};

static void warn_skew(struct work *w, int64_t skew)
{
	struct err warning = { 0 };
	char much[48];
	int64_t s = (skew < 0 ? -skew : skew) / 1000;
	snprintf(much, sizeof much, "%lld:%02lld:%02lld", (long long)(s / 3600), (long long)(s / 60 % 60),
		 (long long)(s % 60));
	err_set(&warning, &CLOCK_SKEW, "at", skew > 0 ? "快了" : "慢了", much, skew > 0 ? "fast" : "slow", NULL);
	work_warn(w, &warning);
}

static int check_event(struct work *w, struct event *ev, struct following *f, struct err *err)
{
	f->w = w;
	f->n = 0;
	if (ev->skew)
		warn_skew(w, ev->skew);
	if (domain_check(w, ev, err) < 0)
		return -1;
	return w->already ? 0 : domain_follow(w, ev, take_following, f, err);
}

/* 0: res says what became of it; -1: the store failed and the transaction is lost. */
static int write_event(struct app *a, const struct principal *who, bool server, struct event *ev, struct prepared *p,
		       struct result *res, struct arena *warnings, int64_t now, bool *access_touched, struct err *err)
{
	struct work w;
	struct following f;
	struct err noted[WARNINGS_MAX];
	int64_t seq;
	arena_reset(&a->work_arena);
	work_init(&w, a, a->writer, &a->work_arena, who);
	w.now = now;
	w.server = server;
	w.places = &a->places;
	w.warnings = noted;
	int rc = ledger_find_seq(a->writer, &ev->id, &seq, err);
	if (rc)
		return rc < 0 ? -1 : known_id(a, seq, ev, res, err);
	if (check_event(&w, ev, &f, &res->err) < 0)
		return refused(res, err);
	if (w.already) {
		res->seq = w.already;
		res->status = RESULT_DUPLICATE;
		return 0;
	}
	if (append_event(a, &w, ev, p, access_touched, err) < 0)
		return -1;
	w.server = true;
	for (size_t i = 0; i < f.n; i++) {
		if (append_event(a, &w, &f.events[i], NULL, access_touched, err) < 0)
			return -1;
	}
	res->seq = ev->seq;
	res->status = RESULT_RECORDED;
	if (w.n_warnings && warnings && (res->warnings = arena_alloc(warnings, w.n_warnings * sizeof *noted))) {
		memcpy(res->warnings, noted, w.n_warnings * sizeof *noted);
		res->n_warnings = w.n_warnings;
	}
	return 0;
}

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
		if (write_event(a, s->who, s->server, &s->events[i], s->prepared ? &s->prepared[i] : NULL,
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
		if (write_event(a, b->who, false, &events[i], NULL, &res, NULL, g->now, &g->access_touched, err) < 0)
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
