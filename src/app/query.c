/* The one way out: views run on reader threads, each with its own connection,
 * in a snapshot; parameters are decoded by what the view says it takes. */
#include <stdio.h>
#include <stdlib.h>

#include "app/internal.h"
#include "base/log.h"
#include "domain/records/records.h"

struct reader {
	struct app *app;
	struct db *db;
	struct arena arena;
	struct work work;
	bool begun;
};

struct view_out {
	const struct view *view;
	struct json_writer w;
	struct str next;
	size_t n;
	/* Asked by another view: items go there. */
	view_take_fn take;
	void *ctx;
	struct buf *one;
};

int view_item(struct view_out *out, const void *item, struct err *err)
{
	out->n++;
	if (!out->take)
		return shape_write(out->view->shape, item, &out->w, NULL, NULL, err);
	buf_clear(out->one);
	json_write_init(&out->w, out->one);
	if (shape_write(out->view->shape, item, &out->w, NULL, NULL, err) < 0)
		return -1;
	if (out->one->failed)
		return err_kind_set(err, &ERR_NO_MEMORY);
	return out->take(out->ctx, out->view, item, buf_view(out->one), err);
}

void view_next(struct view_out *out, struct str next)
{
	out->next = next;
}

/* ---- readers ------------------------------------------------------------------------------ */

int reader_create(struct app *a, struct reader **ret, struct err *err)
{
	struct reader *r = calloc(1, sizeof *r);
	if (!r)
		return err_kind_set(err, &ERR_NO_MEMORY);
	r->app = a;
	arena_init(&r->arena, 0);
	if (store_connect(a->store, DB_READ, &r->db, err) < 0) {
		reader_destroy(r);
		return -1;
	}
	*ret = r;
	return 0;
}

void reader_destroy(struct reader *r)
{
	if (!r)
		return;
	reader_end(r);
	db_close(r->db);
	arena_finish(&r->arena);
	free(r);
}

int reader_begin(struct reader *r, struct err *err)
{
	arena_reset(&r->arena);
	if (db_begin(r->db, err) < 0)
		return -1;
	r->begun = true;
	return 0;
}

void reader_end(struct reader *r)
{
	if (r->begun)
		db_rollback(r->db);
	r->begun = false;
}

struct work *reader_work(struct reader *r, const struct principal *who, enum lang lang)
{
	work_init(&r->work, r->app, r->db, &r->arena, who);
	r->work.book = NULL;
	r->work.lang = lang;
	return &r->work;
}

/* ---- finding a view ---------------------------------------------------------------------------- */

static bool path_matches(const char *pattern, struct str path, struct str *ret_id)
{
	const char *hole = strstr(pattern, "{id}");
	struct str id = STR_NONE;
	if (!hole) {
		*ret_id = id;
		return str_is(path, pattern);
	}
	size_t before = (size_t)(hole - pattern);
	const char *rest = hole + 4;
	size_t after = strlen(rest);
	if (path.len <= before + after || memcmp(path.ptr, pattern, before) != 0 ||
	    memcmp(path.ptr + path.len - after, rest, after) != 0)
		return false;
	id = (struct str){ path.ptr + before, path.len - before - after };
	if (memchr(id.ptr, '/', id.len))
		return false;
	*ret_id = id;
	return true;
}

const struct view *app_find_view(struct str path, struct str *ret_id)
{
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_views; i++) {
			if (path_matches(MODULES[m]->views[i].path, path, ret_id))
				return &MODULES[m]->views[i];
		}
	}
	return NULL;
}

int view_within(const char *path, struct work *w, const struct view_query *q, view_take_fn take, void *ctx,
		struct str *ret_next, struct err *err)
{
	_cleanup_(buf_finish) struct buf one = { 0 };
	struct str id;
	const struct view *v = app_find_view(str_of(path), &id);
	struct view_out out = { .view = v, .take = take, .ctx = ctx, .one = &one };
	*ret_next = STR_NONE;
	place_t home;
	if (!v || (!w->who->local && !principal_home(w->who, v->roles, w->now, &home)))
		return 0;
	if (v->run(w, q, &out, err) < 0)
		return -1;
	*ret_next = out.next;
	return 0;
}

/* ---- parameters ------------------------------------------------------------------------------------ */

static int form(const char *name, const char *example, struct err *err)
{
	return err_set(err, &ERR_FIELD_FORM, name, name, example, NULL);
}

typedef int (*param_fn)(struct view_query *q, struct str v, const struct work *w, struct err *err);

static int take_place(struct view_query *q, struct str v, const struct work *w, struct err *err)
{
	(void)w;
	q->place_given = true;
	return place_parse(v, &q->place) ? 0 : form("place", "610927100000", err);
}

static int take_as_of(struct view_query *q, struct str v, const struct work *w, struct err *err)
{
	char text[TIME_TEXT_MAX];
	if (!day_parse(v, &q->as_of))
		return form("as_of", "2020-02-08", err);
	q->as_of_given = true;
	day_format(q->as_of, text);
	return q->as_of > day_of(w->now) ? err_set(err, &ERR_DAY_FUTURE, "as_of", text, NULL) : 0;
}

static int take_known_at(struct view_query *q, struct str v, const struct work *w, struct err *err)
{
	(void)w;
	return time_parse(v, &q->known_at) ? 0 : form("known_at", "2020-02-08T18:00:00+08:00", err);
}

static int take_after(struct view_query *q, struct str v, const struct work *w, struct err *err)
{
	(void)w;
	q->after = v;
	return v.len && v.len <= 120 ? 0 : form("after", "next", err);
}

static int take_limit(struct view_query *q, struct str v, const struct work *w, struct err *err)
{
	(void)w;
	q->limit_given = true;
	if (str_to_i64(v, &q->limit) && q->limit >= 1 && q->limit <= 500)
		return 0;
	return err_set(err, &ERR_FIELD_RANGE, "limit", "limit", "1…500", NULL);
}

static int take_text(struct str v, struct str *out, const char *name, struct err *err)
{
	*out = v;
	if (!str_is_utf8(v) || v.len > 800)
		return form(name, "UTF-8, ≤ 800", err);
	return 0;
}

static int take_q(struct view_query *q, struct str v, const struct work *w, struct err *err)
{
	(void)w;
	return take_text(v, &q->q, "q", err);
}

static int take_kind(struct view_query *q, struct str v, const struct work *w, struct err *err)
{
	(void)w;
	return take_text(v, &q->kind, "kind", err);
}

static int take_reason(struct view_query *q, struct str v, const struct work *w, struct err *err)
{
	(void)w;
	return take_text(v, &q->reason, "reason", err);
}

static int take_group(struct view_query *q, struct str v, const struct work *w, struct err *err)
{
	(void)w;
	return uuid_parse(v, &q->group) ? 0 : form("group", "01936f2e-7b1c-7d3a-8f45-2c9e6a1b0d37", err);
}

static int take_about(struct view_query *q, struct str v, const struct work *w, struct err *err)
{
	(void)w;
	return uuid_parse(v, &q->about) ? 0 : form("about", "01936f2e-7b1c-7d3a-8f45-2c9e6a1b0d37", err);
}

static int take_incident(struct view_query *q, struct str v, const struct work *w, struct err *err)
{
	(void)w;
	return uuid_parse(v, &q->incident) ? 0 : form("incident", "01936f2e-7b1c-7d3a-8f45-2c9e6a1b0d37", err);
}

static int take_from(struct view_query *q, struct str v, const struct work *w, struct err *err)
{
	(void)w;
	return day_parse(v, &q->from) ? 0 : form("from", "2020-01-23", err);
}

static int take_to(struct view_query *q, struct str v, const struct work *w, struct err *err)
{
	(void)w;
	return day_parse(v, &q->to) ? 0 : form("to", "2020-02-08", err);
}

static int take_seq(struct str v, int64_t *out, const char *name, struct err *err)
{
	return str_to_i64(v, out) && *out >= 0 ? 0 : form(name, "1", err);
}

static int take_seq_(struct view_query *q, struct str v, const struct work *w, struct err *err)
{
	(void)w;
	return take_seq(v, &q->seq, "seq", err);
}

static int take_first(struct view_query *q, struct str v, const struct work *w, struct err *err)
{
	(void)w;
	return take_seq(v, &q->first, "first", err);
}

static int take_second(struct view_query *q, struct str v, const struct work *w, struct err *err)
{
	(void)w;
	return take_seq(v, &q->second, "second", err);
}

static int take_size(struct view_query *q, struct str v, const struct work *w, struct err *err)
{
	(void)w;
	return take_seq(v, &q->size, "size", err);
}

static int take_at(struct view_query *q, struct str v, const struct work *w, struct err *err)
{
	(void)w;
	return time_parse(v, &q->at) ? 0 : form("at", "2020-02-08T18:00:00+08:00", err);
}

static int take_site(struct view_query *q, struct str v, const struct work *w, struct err *err)
{
	(void)w;
	return uuid_parse(v, &q->site) ? 0 : form("site", "01936f2e-7b1c-7d3a-8f45-2c9e6a1b0d37", err);
}

static int take_hours(struct view_query *q, struct str v, const struct work *w, struct err *err)
{
	(void)w;
	if (str_to_i64(v, &q->hours) && q->hours >= 1 && q->hours <= 24)
		return 0;
	return err_set(err, &ERR_FIELD_RANGE, "hours", "hours", "1…24", NULL);
}

static int take_heads(struct view_query *q, struct str v, const struct work *w, struct err *err)
{
	(void)w;
	if (str_to_i64(v, &q->heads) && q->heads >= 1 && q->heads <= 20)
		return 0;
	return err_set(err, &ERR_FIELD_RANGE, "heads", "heads", "1…20", NULL);
}

/* Which parameter belongs to which bit, and who reads it. */
static const struct {
	const char *name;
	unsigned bit;
	param_fn take;
} PARAMS[] = {
	{ "place", PARAM_PLACE, take_place },
	{ "as_of", PARAM_AS_OF, take_as_of },
	{ "known_at", PARAM_KNOWN_AT, take_known_at },
	{ "after", PARAM_PAGE, take_after },
	{ "limit", PARAM_PAGE, take_limit },
	{ "q", PARAM_Q, take_q },
	{ "kind", PARAM_KIND, take_kind },
	{ "type", PARAM_KIND, take_kind },
	{ "category", PARAM_KIND, take_kind },
	{ "group", PARAM_GROUP, take_group },
	{ "about", PARAM_ABOUT, take_about },
	{ "incident", PARAM_INCIDENT, take_incident },
	{ "from", PARAM_DAYS, take_from },
	{ "to", PARAM_DAYS, take_to },
	{ "reason", PARAM_REASON, take_reason },
	{ "seq", PARAM_SEQ, take_seq_ },
	{ "first", PARAM_SEQ, take_first },
	{ "second", PARAM_SEQ, take_second },
	{ "size", PARAM_SEQ, take_size },
	{ "at", PARAM_AT, take_at },
	{ "site", PARAM_SITE, take_site },
	{ "hours", PARAM_ROSTER, take_hours },
	{ "heads", PARAM_ROSTER, take_heads },
};

static int take_params(const struct view_request *req, const struct work *w, struct view_query *q, struct err *err)
{
	for (size_t i = 0; req->param_name; i++) {
		struct str name = req->param_name(req->param_ctx, i);
		size_t k = 0;
		char text[64];
		if (!name.ptr)
			break;
		while (k < ARRAY_LEN(PARAMS) && !(str_is(name, PARAMS[k].name) && (PARAMS[k].bit & req->view->params)))
			k++;
		if (k == ARRAY_LEN(PARAMS)) {
			str_show(name, text, sizeof text);
			return err_set(err, &ERR_FIELD_UNKNOWN, text, text, NULL);
		}
		if (PARAMS[k].take(q, req->param(req->param_ctx, PARAMS[k].name), w, err) < 0)
			return -1;
	}
	return 0;
}

/* The place asked for must lie in the caller's territory; what does not reads as absent. */
static int settle_place(const struct view_request *req, const struct work *w, struct view_query *q, struct err *err)
{
	place_t home = w->top;
	char text[PLACE_TEXT + 1];
	if (!req->who->local && !principal_home(req->who, req->view->roles, w->now, &home))
		return err_kind_set(err, &ERR_FORBIDDEN);
	if (!q->place_given)
		q->place = home;
	text[place_format(q->place, text)] = 0;
	if (!principal_may(req->who, req->view->roles, q->place, w->now))
		return err_set(err, &ERR_PLACE_UNKNOWN, "place", text, NULL);
	int rc = q->place_given ? place_listed((struct work *)w, q->place, INT64_MAX, err) : 1;
	return rc < 0 ? -1 : rc ? 0 : err_set(err, &ERR_PLACE_UNKNOWN, "place", text, NULL);
}

/* ---- running one -------------------------------------------------------------------------------------- */

/* Opened personal data is recorded before the answer leaves. */
static int record_viewing(struct app *a, const struct work *w, struct err *err)
{
	struct submission *s = submission_create(65536);
	struct personal_viewed *d;
	int rc = -1;
	if (!s || !(s->events = arena_alloc(&s->arena, sizeof *s->events)) ||
	    !(s->results = arena_alloc(&s->arena, sizeof *s->results)) || !(d = arena_alloc(&s->arena, sizeof *d))) {
		err_kind_set(err, &ERR_NO_MEMORY);
		goto out;
	}
	*d = (struct personal_viewed){ w->opened, w->opened_reason };
	s->events[0] = (struct event){ .id = uuid_v7(w->now),
				       .form = registry_form(STR("personal.viewed")),
				       .at = w->now,
				       .place = FIELD_ABSENT,
				       .area = FIELD_ABSENT,
				       .data = d };
	s->results[0] = (struct result){ .id = s->events[0].id, .has_id = true };
	s->n = 1;
	s->who = w->who;
	s->server = true;
	rc = app_submit_wait(a, s, err);
	if (rc == 0 && s->results[0].status != RESULT_RECORDED) {
		*err = s->results[0].err;
		rc = -1;
	}
out:
	submission_destroy(s);
	return rc;
}

static int run_view(const struct view_request *req, struct work *w, const struct view_query *q, struct buf *out,
		    struct err *err)
{
	const struct view *v = req->view;
	struct view_out o = { .view = v };
	json_write_init(&o.w, out);
	if (v->list) {
		json_open(&o.w, '{');
		json_key(&o.w, v->list);
		json_open(&o.w, '[');
	}
	if (v->run(w, q, &o, err) < 0)
		return -1;
	if (v->list) {
		json_close(&o.w, ']');
		if (o.next.ptr) {
			json_key(&o.w, "next");
			json_put_str(&o.w, o.next);
		}
		json_close(&o.w, '}');
	}
	return out->failed ? err_kind_set(err, &ERR_NO_MEMORY) : 0;
}

/* As the ledger stood at a moment: what had arrived by then is replayed into a scratch store. */
static int run_as_known(struct reader *r, const struct view_request *req, struct work *w, const struct view_query *q,
			struct buf *out, struct err *err)
{
	struct store *scratch = NULL;
	struct db *db = NULL;
	int rc = store_open(":memory:", STORE_SCRATCH | STORE_CREATE, &scratch, err);
	if (rc == 0)
		rc = store_connect(scratch, DB_WRITE, &db, err);
	if (rc == 0)
		rc = app_replay(r->db, db, r->app->top, r->app->keys, INT64_MAX, q->known_at, NULL, NULL, err);
	if (rc == 0) {
		/* Nor had anything fallen due after then. */
		int64_t now = w->now;
		w->db = db;
		w->now = q->known_at;
		rc = run_view(req, w, q, out, err);
		w->now = now;
	}
	db_close(db);
	store_close(scratch);
	return rc;
}

/* A view says no more than that there is nothing, or that it is not the caller's: what, its label tells. */
static void say_what(const struct view_request *req, struct err *err)
{
	if ((err->kind == &ERR_NOT_FOUND || err->kind == &ERR_FORBIDDEN) && !err->arg[0][0])
		snprintf(err->arg[0], sizeof err->arg[0], "%s", req->lang == LANG_EN ? req->view->en : req->view->zh);
}

int reader_view(struct reader *r, const struct view_request *req, struct buf *out, struct err *err)
{
	struct view_query q = { .as_of = FIELD_ABSENT,
				.known_at = FIELD_ABSENT,
				.limit = 50,
				.from = FIELD_ABSENT,
				.to = FIELD_ABSENT,
				.seq = FIELD_ABSENT,
				.first = FIELD_ABSENT,
				.second = FIELD_ABSENT,
				.size = FIELD_ABSENT,
				.hours = 8,
				.heads = 2,
				.id = req->id };
	int64_t began = clock_ticks();
	if (reader_begin(r, err) < 0)
		return -1;
	struct work *w = reader_work(r, req->who, req->lang);
	q.as_of = day_of(w->now);
	q.at = w->now;
	int rc = take_params(req, w, &q, err);
	if (rc == 0)
		rc = settle_place(req, w, &q, err);
	if (rc == 0 && q.known_at != FIELD_ABSENT && q.known_at < w->now)
		rc = run_as_known(r, req, w, &q, out, err);
	else if (rc == 0)
		rc = run_view(req, w, &q, out, err);
	if (rc == 0 && !uuid_is_nil(&w->opened))
		rc = record_viewing(r->app, w, err);
	if (rc < 0)
		say_what(req, err);
	reader_end(r);
	atomic_fetch_add(&r->app->reads, 1);
	atomic_fetch_add(&r->app->read_us_sum, clock_ticks() - began);
	return rc;
}

/* ---- the pool --------------------------------------------------------------------------------------------- */

#define JOBS_MAX 4096

struct job {
	void (*run)(struct reader *r, void *ctx);
	void *ctx;
	struct job *next;
};

struct readers {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct job *head, **tail;
	size_t n;
	bool stopping;
	pthread_t threads[16];
	struct reader *readers[16];
	size_t n_threads;
};

static void *reader_main(void *arg)
{
	struct reader *r = arg;
	struct readers *p = r->app->readers;
	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (!p->head && !p->stopping)
			pthread_cond_wait(&p->wake, &p->lock);
		struct job *j = p->head;
		if (!j)
			break;
		p->head = j->next;
		if (!p->head)
			p->tail = &p->head;
		p->n--;
		pthread_mutex_unlock(&p->lock);
		j->run(r, j->ctx);
		free(j);
		pthread_mutex_lock(&p->lock);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

int readers_start(struct app *a, struct err *err)
{
	struct readers *p = calloc(1, sizeof *p);
	if (!p)
		return err_kind_set(err, &ERR_NO_MEMORY);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->wake, NULL);
	p->tail = &p->head;
	a->readers = p;
	for (size_t i = 0; i < a->n_readers && i < ARRAY_LEN(p->threads); i++) {
		if (reader_create(a, &p->readers[i], err) < 0)
			return -1;
		if (pthread_create(&p->threads[i], NULL, reader_main, p->readers[i])) {
			reader_destroy(p->readers[i]);
			return err_fmt(err, &ERR_INTERNAL, "a reader thread could not start");
		}
		p->n_threads++;
	}
	return 0;
}

void readers_stop(struct app *a)
{
	struct readers *p = a->readers;
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	pthread_cond_broadcast(&p->wake);
	pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < p->n_threads; i++) {
		pthread_join(p->threads[i], NULL);
		reader_destroy(p->readers[i]);
	}
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->wake);
	free(p);
	a->readers = NULL;
}

bool app_read(struct app *a, void (*job)(struct reader *r, void *ctx), void *ctx)
{
	struct readers *p = a->readers;
	struct job *j = malloc(sizeof *j);
	bool ok = false;
	if (!j)
		return false;
	*j = (struct job){ job, ctx, NULL };
	pthread_mutex_lock(&p->lock);
	if (!p->stopping && p->n < JOBS_MAX) {
		*p->tail = j;
		p->tail = &j->next;
		p->n++;
		ok = true;
		pthread_cond_signal(&p->wake);
	}
	pthread_mutex_unlock(&p->lock);
	if (!ok)
		free(j);
	return ok;
}
