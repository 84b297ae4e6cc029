/* One event on the writer's thread: known already, checked, sealed, appended and
 * projected, with what the server records beside it and what leaves by the
 * outbox. The transaction around it is pipeline.c's. */
#include <stdio.h>

#include "app.sql.h"
#include "app/internal.h"
#include "domain/records/records.h"

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

int record_event(struct app *a, const struct principal *who, bool server, struct event *ev, struct prepared *p,
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
