/* Channels that messages leave by: made, listed, switched off, tried. Their
 * secrets stand in the store only closed under the master key, bound to the
 * channel's name and address. */
#include <curl/curl.h>
#include <sodium.h>
#include <stdio.h>

#include "app.sql.h"
#include "app/courier.h"
#include "app/internal.h"

const struct err_kind ERR_CHANNEL_EXISTS = { "channel_exists", 409, "已有名为 {0} 的通道；请换一个名称",
					     "There is a channel {0} already: choose another name" };
const struct err_kind ERR_CHANNEL_UNKNOWN = { "channel_unknown", 404, "没有名为 {0} 的通道；channel list 列出全部通道",
					      "There is no channel {0}; `channel list` shows them" };
const struct err_kind ERR_CHANNEL_NAME = { "channel_name", 400, "通道名应为 1–32 个字符：a–z 0–9 . _ -",
					   "A channel's name has 1–32 of a–z 0–9 . _ -" };
const struct err_kind ERR_CHANNEL_URL = {
	"channel_url", 400, "地址应为 http:// 或 https:// 开头的完整网址，不含用户名、密码和 #：{0}",
	"An address is a whole http:// or https:// URL without user, password and #: {0}"
};
const struct err_kind ERR_CHANNEL_SECRET = { "channel_secret", 400, "密钥应为 16–256 个字节的一行文字",
					     "A secret is one line of 16–256 bytes" };
const struct err_kind ERR_CHANNEL_KINDS = { "channel_kinds", 400, "消息种类应以逗号分隔，如 notice.late,fever：{0}",
					    "Kinds are separated by commas, such as notice.late,fever: {0}" };
const struct err_kind ERR_CHANNELS_MOST = { "channels_most", 409, "通道最多 {0} 个", "At most {0} channels" };

#define KINDS_MAX 500

/* ---- what is given ----------------------------------------------------------------------- */

static bool of_letters(struct str s, const char *more, size_t most)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && !(c && strchr(more, c)))
			return false;
	}
	return s.len > 0 && s.len <= most;
}

static int url_error(struct str url, struct err *err)
{
	char text[128];
	return err_set(err, &ERR_CHANNEL_URL, "url", str_show(url, text, sizeof text), NULL);
}

static bool part_absent(CURLU *u, CURLUPart part)
{
	char *text = NULL;
	bool absent = curl_url_get(u, part, &text, 0) != CURLUE_OK;
	curl_free(text);
	return absent;
}

static int check_url(struct str url, struct err *err)
{
	char text[CHANNEL_URL_MAX + 1], *scheme = NULL;
	bool web;
	const char *host = url.ptr ? memmem(url.ptr, url.len, "://", 3) : NULL;
	if (!host || host + 3 == url.ptr + url.len || host[3] == '/')
		return url_error(url, err); /* libcurl would take the path's first name for the host */
	for (size_t i = 0; i < url.len; i++) {
		if ((unsigned char)url.ptr[i] <= ' ' || (unsigned char)url.ptr[i] > '~')
			return url_error(url, err);
	}
	if (!str_copy(url, text, sizeof text))
		return url_error(url, err);
	CURLU *u = curl_url();
	if (!u)
		return err_kind_set(err, &ERR_NO_MEMORY);
	bool ok = curl_url_set(u, CURLUPART_URL, text, 0) == CURLUE_OK &&
		  curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK;
	web = ok && (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
	/* A password in an address would be shown by every list. */
	web = web && part_absent(u, CURLUPART_USER) && part_absent(u, CURLUPART_PASSWORD) &&
	      part_absent(u, CURLUPART_FRAGMENT);
	curl_free(scheme);
	curl_url_cleanup(u);
	return web ? 0 : url_error(url, err);
}

/* "a,b" → " a b ", absent → "*". */
static int write_kinds(struct str kinds, struct buf *out, struct err *err)
{
	char text[128];
	if (!kinds.ptr) {
		buf_char(out, '*');
		return 0;
	}
	buf_char(out, ' ');
	for (struct str rest = kinds; rest.ptr;) {
		const char *comma = memchr(rest.ptr, ',', rest.len);
		struct str one = { rest.ptr, comma ? (size_t)(comma - rest.ptr) : rest.len };
		if (!of_letters(one, "._", 64) || kinds.len > KINDS_MAX)
			return err_set(err, &ERR_CHANNEL_KINDS, "kinds", str_show(kinds, text, sizeof text), NULL);
		buf_str(out, one);
		buf_char(out, ' ');
		rest = comma ? (struct str){ comma + 1, rest.len - one.len - 1 } : STR_NONE;
	}
	return 0;
}

/* ---- secrets -------------------------------------------------------------------------------- */

static struct str bound_of(struct str name, struct str url, struct buf *b)
{
	buf_str(b, name);
	buf_char(b, 0);
	buf_str(b, url);
	return buf_view(b);
}

static int secret_close(struct app *a, const struct channel *c, struct buf *out, struct err *err)
{
	_cleanup_(buf_finish) struct buf bound = { 0 };
	struct subject_key key;
	keyring_derive(a->keys, "lianfang channel", &key);
	int rc = seal_box(&key, bound_of(c->name, c->url, &bound), c->secret, out, err);
	sodium_memzero(&key, sizeof key);
	return rc;
}

int channel_secret(struct app *a, struct str name, struct str url, struct str box, struct arena *arena, struct str *ret,
		   struct err *err)
{
	_cleanup_(buf_finish) struct buf bound = { 0 };
	struct subject_key key;
	keyring_derive(a->keys, "lianfang channel", &key);
	int rc = seal_open(&key, bound_of(name, url, &bound), box, arena, ret, err);
	sodium_memzero(&key, sizeof key);
	return rc;
}

/* ---- changes, on the writer ------------------------------------------------------------------ */

static int name_error(const struct err_kind *kind, struct str name, struct err *err)
{
	char text[CHANNEL_NAME_MAX * 4];
	return err_set(err, kind, "name", str_show(name, text, sizeof text), NULL);
}

struct adding {
	const struct channel *c;
	struct buf kinds, box;
};

static int add_row(struct app *a, struct db *db, void *ctx, struct err *err)
{
	const struct adding *g = ctx;
	const struct channel *c = g->c;
	place_t place = c->place == FIELD_ABSENT ? a->top : c->place;
	char text[PLACE_TEXT + 1];
	struct work w;
	int64_t n;
	arena_reset(&a->work_arena);
	work_init(&w, a, db, &a->work_arena, principal_system());
	int rc = place_listed(&w, place, INT64_MAX, err);
	text[place_format(place, text)] = 0;
	if (rc <= 0)
		return rc < 0 ? -1 : err_set(err, &ERR_PLACE_UNKNOWN, "place", text, NULL);
	if (db_get_i64(db, &SQL_CHANNEL_COUNT, &n, err, "") < 0)
		return -1;
	snprintf(text, sizeof text, "%d", CHANNELS_MAX);
	if (n >= CHANNELS_MAX)
		return err_set(err, &ERR_CHANNELS_MOST, NULL, text, NULL);
	n = db_run(db, &SQL_CHANNEL_ADD, err, "ssbiisi", c->name, c->url, buf_view(&g->box), place,
		   place + place_span(place), buf_view(&g->kinds), w.now);
	return n > 0 ? 0 : n < 0 ? -1 : name_error(&ERR_CHANNEL_EXISTS, c->name, err);
}

int channel_add(struct app *a, const struct channel *c, struct err *err)
{
	struct adding g = { .c = c };
	int rc = 0;
	if (!of_letters(c->name, "._-", CHANNEL_NAME_MAX))
		return err_set(err, &ERR_CHANNEL_NAME, "name", NULL);
	if (c->secret.len < CHANNEL_SECRET_MIN || c->secret.len > CHANNEL_SECRET_MAX)
		return err_set(err, &ERR_CHANNEL_SECRET, "secret", NULL);
	if (!keyring_has_secrets(a->keys))
		return err_kind_set(err, &ERR_KEYS_MISSING);
	if (check_url(c->url, err) < 0)
		return -1;
	if (write_kinds(c->kinds, &g.kinds, err) < 0 || secret_close(a, c, &g.box, err) < 0)
		rc = -1;
	else if (g.kinds.failed)
		rc = err_kind_set(err, &ERR_NO_MEMORY);
	else
		rc = app_call(a, add_row, &g, err);
	buf_finish(&g.kinds);
	buf_finish(&g.box);
	return rc;
}

struct disabling {
	struct str name;
	bool disabled;
};

static int disable_row(struct app *a, struct db *db, void *ctx, struct err *err)
{
	const struct disabling *d = ctx;
	(void)a;
	int64_t n = db_run(db, &SQL_CHANNEL_DISABLE, err, "si", d->name, (int64_t)d->disabled);
	return n > 0 ? 0 : n < 0 ? -1 : name_error(&ERR_CHANNEL_UNKNOWN, d->name, err);
}

int channel_disable(struct app *a, struct str name, bool disabled, struct err *err)
{
	struct disabling d = { name, disabled };
	return app_call(a, disable_row, &d, err);
}

static int test_row(struct app *a, struct db *db, void *ctx, struct err *err)
{
	const struct str *name = ctx;
	struct work w;
	place_t place;
	arena_reset(&a->work_arena);
	work_init(&w, a, db, &a->work_arena, principal_system());
	int rc = db_get_i64(db, &SQL_CHANNEL_PLACE, &place, err, "s", *name);
	if (rc <= 0)
		return rc < 0 ? -1 : name_error(&ERR_CHANNEL_UNKNOWN, *name, err);
	struct message m = { .kind = "channel.test",
			     .place = place,
			     .about = uuid_v7(w.now),
			     .at = w.now,
			     .zh = STR("这是一条测试消息。"),
			     .en = STR("This is a test message.") };
	return outbox_post_to(&w, *name, &m, err);
}

int channel_test(struct app *a, struct str name, struct err *err)
{
	return app_call(a, test_row, &name, err);
}

/* ---- reading ----------------------------------------------------------------------------------- */

int channel_list(struct db *db, int (*each)(void *ctx, const struct channel *c), void *ctx, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int rc = db_start(db, &SQL_CHANNEL_LIST, &st, err, "");
	while (rc == 0 && (rc = stmt_step(st, err)) == 1) {
		struct channel c = { .name = stmt_text(st, 0),
				     .url = stmt_text(st, 1),
				     .place = stmt_i64(st, 2),
				     .kinds = stmt_text(st, 3),
				     .created = stmt_i64(st, 4),
				     .disabled = stmt_i64(st, 5) != 0,
				     .secret = stmt_bytes(st, 6) };
		if (str_is(c.kinds, "*"))
			c.kinds = STR_NONE;
		rc = each(ctx, &c) < 0 ? -1 : 0;
	}
	return rc;
}
