/* The outbox: messages written in the same transaction as what they tell of,
 * or when a moment passes, and their deliveries by each channel that wants
 * them; what is waiting or was given up. Sending is courier.c's. */
#include "app.sql.h"
#include "app/courier.h"
#include "app/internal.h"

const struct err_kind ERR_DELIVERY_NONE = { "delivery_none", 404, "没有等待发送或已放弃的消息：{0}",
					    "Nothing waits to be delivered, nor was given up: {0}" };

/* ---- posting ------------------------------------------------------------------------- */

/* What makes a message one: found twice, it is the same. */
static struct uuid mark_of(const struct message *m)
{
	struct uuid none = { 0 };
	_cleanup_(buf_finish) struct buf text = { 0 };
	buf_cstr(&text, m->kind);
	buf_char(&text, 0);
	buf_add(&text, &m->place, sizeof m->place);
	buf_add(&text, m->about.b, sizeof m->about.b);
	buf_add(&text, &m->at, sizeof m->at);
	return uuid_derive(&none, buf_view(&text));
}

static void write_body(const struct work *w, const struct uuid *id, const struct message *m, struct buf *out)
{
	struct json_writer j;
	char text[64];
	json_write_init(&j, out);
	json_open(&j, '{');
	if (!uuid_is_nil(&m->about)) {
		uuid_format(&m->about, text);
		json_key(&j, "about");
		json_put_str(&j, (struct str){ text, UUID_TEXT });
	}
	time_format_utc(m->at, text);
	json_key(&j, "at");
	json_put_cstr(&j, text);
	uuid_format(id, text);
	json_key(&j, "id");
	json_put_str(&j, (struct str){ text, UUID_TEXT });
	json_key(&j, "kind");
	json_put_cstr(&j, m->kind);
	json_key(&j, "place");
	json_put_str(&j, (struct str){ text, place_format(m->place, text) });
	uuid_format(&w->store_id, text);
	json_key(&j, "store");
	json_put_str(&j, (struct str){ text, UUID_TEXT });
	json_key(&j, "text");
	json_open(&j, '{');
	json_key(&j, "en");
	json_put_str(&j, m->en);
	json_key(&j, "zh");
	json_put_str(&j, m->zh);
	json_close(&j, '}');
	json_close(&j, '}');
}

/* 1 a new message, its id in *ret; 0 known already; -1. */
static int add_message(struct work *w, const struct message *m, struct uuid *ret, struct err *err)
{
	struct uuid mark = mark_of(m), id = uuid_v7(w->now);
	_cleanup_(buf_finish) struct buf body = { 0 };
	write_body(w, &id, m, &body);
	if (body.failed)
		return err_kind_set(err, &ERR_NO_MEMORY);
	int64_t n =
	    db_run(w->db, &SQL_MESSAGE_ADD, err, "uuicis", &id, &mark, w->now, m->kind, m->place, buf_view(&body));
	*ret = id;
	return n < 0 ? -1 : n > 0;
}

int outbox_post(void *ctx, const struct message *m, struct err *err)
{
	struct work *w = ctx;
	struct uuid id;
	int rc = add_message(w, m, &id, err);
	if (rc <= 0)
		return rc;
	return db_run(w->db, &SQL_DELIVERY_ADD, err, "uici", &id, w->now, m->kind, m->place) < 0 ? -1 : 0;
}

int outbox_post_to(struct work *w, struct str channel, const struct message *m, struct err *err)
{
	struct uuid id;
	int rc = add_message(w, m, &id, err);
	if (rc <= 0)
		return rc;
	return db_run(w->db, &SQL_DELIVERY_ADD_ONE, err, "usi", &id, channel, w->now) < 0 ? -1 : 0;
}

/* ---- what time alone makes true --------------------------------------------------------- */

#define LAPSE_MOST DAY_MS /* of time gone by, looked at in one transaction */

static int put_lapsed(struct db *db, int64_t at, struct err *err)
{
	char text[TIME_TEXT_MAX];
	time_format_utc(at, text);
	return meta_put(db, "lapsed_at", str_of(text), err);
}

/* One stretch of time, with the note of how far it was looked at. A store that was never asked begins now. */
static int lapse_stretch(struct app *a, struct db *db, void *ctx, struct err *err)
{
	struct work w;
	struct str text = STR_NONE;
	bool *more = ctx;
	int64_t after, upto;
	arena_reset(&a->work_arena);
	work_init(&w, a, db, &a->work_arena, principal_system());
	w.book = NULL; /* figures are not its to move */
	int rc = meta_get(db, "lapsed_at", w.arena, &text, err);
	if (rc < 0)
		return -1;
	if (rc == 0 || !time_parse(text, &after))
		return put_lapsed(db, w.now, err);
	if (after >= w.now)
		return 0; /* the clock was put back: not again what was told */
	upto = w.now - after > LAPSE_MOST ? after + LAPSE_MOST : w.now;
	*more = upto < w.now;
	for (size_t m = 0; MODULES[m]; m++) {
		if (MODULES[m]->lapse && MODULES[m]->lapse(&w, after, upto, outbox_post, &w, err) < 0)
			return -1;
	}
	return put_lapsed(db, upto, err);
}

int outbox_lapse(struct app *a, struct err *err)
{
	bool more = false;
	return app_call(a, lapse_stretch, &more, err) < 0 ? -1 : more;
}

/* ---- what is waiting, what was given up -------------------------------------------------------- */

int outbox_list(struct db *db, bool dead, int64_t most, int (*each)(void *ctx, const struct delivery *d), void *ctx,
		struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int rc = db_start(db, dead ? &SQL_OUTBOX_DEAD : &SQL_OUTBOX_WAITING, &st, err, "i", most);
	while (rc == 0 && (rc = stmt_step(st, err)) == 1) {
		struct delivery d = { .message = stmt_uuid(st, 0),
				      .created = stmt_i64(st, 1),
				      .kind = stmt_text(st, 2),
				      .place = stmt_i64(st, 3),
				      .channel = stmt_text(st, 4),
				      .tries = stmt_i64(st, 5),
				      .next_try = stmt_i64(st, 6),
				      .answer = stmt_text(st, 7),
				      .dead = dead };
		rc = each(ctx, &d) < 0 ? -1 : 0;
	}
	return rc;
}

static int retry_rows(struct app *a, struct db *db, void *ctx, struct err *err)
{
	const struct uuid *message = ctx;
	char text[UUID_TEXT + 1] = "";
	int64_t now = clock_now(), n;
	(void)a;
	if (uuid_is_nil(message)) {
		n = db_run(db, &SQL_OUTBOX_RETRY_DEAD, err, "i", now);
		return n < 0 || db_run(db, &SQL_OUTBOX_RETRY_WAITING, err, "i", now) < 0 ? -1 : 0;
	}
	n = db_run(db, &SQL_OUTBOX_RETRY, err, "ui", message, now);
	if (n)
		return n < 0 ? -1 : 0;
	uuid_format(message, text);
	return err_set(err, &ERR_DELIVERY_NONE, NULL, text, NULL);
}

int outbox_retry(struct app *a, const struct uuid *message, struct err *err)
{
	struct uuid id = *message;
	return app_call(a, retry_rows, &id, err);
}
