/* A person's shifts as a calendar that any phone subscribes to: an address with
 * a token, since calendars can't sign in. It tells times and sites, nobody else. */
#include <stdio.h>

#include "base/clock.h"
#include "domain/duty/internal.h"
#include "duty.sql.h"
#include "format/ical.h"

#define AT(type, member) offsetof(struct type, member)
#define PURPOSE          "lianfang feed 1\n"
#define TOKEN_BYTES      32
#define BACK_MS          (7 * DAY_MS)
#define AHEAD_MS         (60 * DAY_MS)

static const struct err_kind ERR_NO_PERSON = { "no_person", 409, "这个账号没有绑定人员，请管理员先绑定",
					       "This account is of no enrolled person: ask the administrator to name "
					       "one" };

/* The person's id, then a keyed hash of it. */
static void token_bytes(struct work *w, const struct uuid *person, uint8_t out[TOKEN_BYTES])
{
	char bound[sizeof PURPOSE - 1 + 16];
	memcpy(bound, PURPOSE, sizeof PURPOSE - 1);
	memcpy(bound + sizeof PURPOSE - 1, person->b, 16);
	memcpy(out, person->b, 16);
	keyring_same(w->keys, (struct str){ bound, sizeof bound }, out + 16);
}

struct str duty_feed_token(struct work *w, const struct uuid *person)
{
	uint8_t bytes[TOKEN_BYTES];
	struct buf b = { 0 };
	token_bytes(w, person, bytes);
	buf_b64(&b, bytes, sizeof bytes);
	struct str s = arena_str(w->arena, buf_view(&b));
	buf_finish(&b);
	return s;
}

/* Every byte is looked at, so that time tells nothing. */
static bool token_opens(struct work *w, struct str token, struct uuid *ret)
{
	uint8_t given[TOKEN_BYTES], made[TOKEN_BYTES], differ = 0;
	if (!w->keys || !keyring_has_secrets(w->keys) || b64_decode(token, given, sizeof given) != TOKEN_BYTES)
		return false;
	memcpy(ret->b, given, 16);
	token_bytes(w, ret, made);
	for (size_t i = 0; i < TOKEN_BYTES; i++)
		differ |= given[i] ^ made[i];
	return differ == 0;
}

static int put_shift(struct work *w, const struct uuid *person, const struct uuid *shift, const struct site *site,
		     int64_t from, int64_t to, int64_t stamp, struct buf *out)
{
	char id[UUID_TEXT], summary[256], name[160], uid[2 * UUID_TEXT + 16], me[UUID_TEXT];
	uuid_format(shift, id);
	uuid_format(person, me);
	str_show(site->name, name, sizeof name);
	int n = snprintf(summary, sizeof summary, w->lang == LANG_ZH ? "值班：%s" : "Shift: %s", name);
	int k = snprintf(uid, sizeof uid, "%.*s-%.8s@lianfang", UUID_TEXT, id, me);
	const struct ical_event ev = { .uid = { uid, (size_t)k },
				       .stamp = stamp,
				       .start = from,
				       .end = to,
				       .summary = { summary, (size_t)n },
				       .location = site->name };
	ical_event(out, &ev);
	return 0;
}

struct feed_row {
	int64_t from, to;
	struct uuid shift, site;
};

static int read_rows(struct work *w, const struct uuid *person, struct list *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct feed_row *rows = NULL;
	size_t n = 0, cap = 0;
	int rc;
	if (db_start(w->db, &SQL_STANDS_EVERYWHERE, &st, err, "uii", person, w->now - BACK_MS, w->now + AHEAD_MS) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		if (!(rows = arena_grow(w->arena, rows, n, &cap, sizeof *rows)))
			return err_kind_set(err, &ERR_NO_MEMORY);
		rows[n++] = (struct feed_row){ stmt_i64(st, 0), stmt_i64(st, 1), stmt_uuid(st, 2), stmt_uuid(st, 3) };
	}
	*ret = (struct list){ rows, n };
	return rc < 0 ? -1 : 0;
}

int duty_feed(struct work *w, struct str token, struct buf *out, struct err *err)
{
	struct uuid person;
	struct standing s;
	struct list rows = { 0 };
	if (!token_opens(w, token, &person))
		return err_kind_set(err, &ERR_NOT_FOUND);
	int rc = person_standing(w, &person, w->now, &s, err);
	if (rc < 0)
		return -1;
	if (!rc || !s.there)
		return err_kind_set(err, &ERR_NOT_FOUND);
	if (read_rows(w, &person, &rows, err) < 0)
		return -1;
	const struct feed_row *r = rows.items;
	ical_begin(out, w->lang == LANG_ZH ? STR("联防值班") : STR("lianfang shifts"));
	for (size_t i = 0; i < rows.n; i++) {
		struct thing t;
		struct site site;
		struct event ev;
		if (thing_get(w, &r[i].shift, &t, err) <= 0 || work_event(w, t.seq, false, &ev, err) <= 0 ||
		    site_read(w, &r[i].site, w->now, &site, err) <= 0)
			return -1;
		put_shift(w, &person, &r[i].shift, &site, r[i].from, r[i].to, ev.received, out);
	}
	ical_end(out);
	return 0;
}

struct feed_item {
	struct str url;
};

static const struct field FEED_FIELDS[] = {
	{ "url", FIELD_TEXT, FIELD_NEEDED, AT(feed_item, url), .zh = "日历地址", .en = "Address of the calendar" },
};
struct shape FEED_ITEM = { .name = "DutyFeed", SHAPE_OF(FEED_FIELDS, struct feed_item) };

int feed_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct feed_item item;
	struct buf b = { 0 };
	(void)q;
	if (uuid_is_nil(&w->who->person))
		return err_kind_set(err, &ERR_NO_PERSON);
	if (!w->keys || !keyring_has_secrets(w->keys))
		return err_kind_set(err, &ERR_NOT_FOUND);
	struct str token = duty_feed_token(w, &w->who->person);
	buf_printf(&b, "/feed/%.*s.ics", STR_ARG(token));
	item.url = arena_str(w->arena, buf_view(&b));
	buf_finish(&b);
	return view_item(out, &item, err);
}
