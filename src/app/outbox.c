/* The outbox: messages written in the same transaction as what they tell of,
 * and their deliveries by each channel that wants them. Sending is courier.c's. */
#include "app.sql.h"
#include "app/internal.h"

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

int outbox_post(void *ctx, const struct message *m, struct err *err)
{
	struct work *w = ctx;
	struct uuid mark = mark_of(m), id = uuid_v7(w->now);
	_cleanup_(buf_finish) struct buf body = { 0 };
	write_body(w, &id, m, &body);
	if (body.failed)
		return err_kind_set(err, &ERR_NO_MEMORY);
	int64_t n =
	    db_run(w->db, &SQL_MESSAGE_ADD, err, "uuicis", &id, &mark, w->now, m->kind, m->place, buf_view(&body));
	if (n <= 0)
		return n < 0 ? -1 : 0; /* known already */
	return db_run(w->db, &SQL_DELIVERY_ADD, err, "uici", &id, w->now, m->kind, m->place) < 0 ? -1 : 0;
}
