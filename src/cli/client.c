/* Speaks to a running server by its local socket: events are written as JSON
 * lines while refusals come back, so neither side waits for the other. */
#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/control.h"
#include "cli/client.h"

#define CLIENT_BATCH 500

static const struct err_kind ERR_GONE = {
	"server_gone", 503, "服务中断了，不知是否已记录；请查看后重试，已记录的会自动认出",
	"The server went away before it answered. Run the command again: what was recorded already is recognised"
};
static const struct err_kind ERR_REPLY = {
	"server_reply", 500, "服务的答复无法识别；请用同一版本的程序",
	"The server's reply is not understood: use the same version of the program"
};

struct client {
	int fd;
	struct control_lines lines;
	struct arena arena; /* of one reply */
	/* Of a bulk: */
	struct bulk *bulk;
	bool done;      /* the last reply has come */
	bool stopped;   /* `refused` wants no more */
	struct err end; /* why it failed */
};

int client_create(const char *url, const struct uuid *store_id, struct client **ret, struct err *err)
{
	struct client *c = calloc(1, sizeof(*c));

	if (!c)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (control_dial(url, store_id, &c->fd, err) < 0) {
		free(c);
		return -1;
	}
	control_lines_init(&c->lines, c->fd);
	arena_init(&c->arena, CONTROL_LINE_MAX);
	*ret = c;
	return 0;
}

void client_destroy(struct client *c)
{
	if (!c)
		return;
	close(c->fd);
	control_lines_finish(&c->lines);
	arena_finish(&c->arena);
	free(c);
}

static void wipe(struct buf *b)
{
	if (b->ptr)
		sodium_memzero(b->ptr, b->cap);
	buf_finish(b);
}

/* ---- replies ------------------------------------------------------------------------- */

struct reply {
	bool ok, has_index;
	int64_t index;
	int64_t recorded, duplicates, failed;
	bool counted;
	struct err err;
};

static int read_number(struct json_reader *r, int64_t *ret)
{
	struct str s;

	return json_number(r, &s) == 0 && str_to_i64(s, ret) ? 0 : -1;
}

static int read_member(struct json_reader *r, struct str name, struct reply *p)
{
	if (str_is(name, "ok"))
		return json_bool(r, &p->ok);
	if (str_is(name, "error"))
		return control_read_err(r, &p->err);
	if (str_is(name, "refused")) {
		p->has_index = true;
		return read_number(r, &p->index);
	}
	if (str_is(name, "recorded")) {
		p->counted = true;
		return read_number(r, &p->recorded);
	}
	if (str_is(name, "duplicates"))
		return read_number(r, &p->duplicates);
	return str_is(name, "failed") ? read_number(r, &p->failed) : json_skip(r, NULL);
}

static int read_reply(struct client *c, struct str line, struct reply *ret, struct err *err)
{
	struct json_reader r;
	struct str name;
	int more;

	*ret = (struct reply){ 0 };
	arena_reset(&c->arena);
	json_read_init(&r, line, &c->arena);
	if (json_object_begin(&r) < 0)
		return err_kind_set(err, &ERR_REPLY);
	while ((more = json_member(&r, &name)) == 1)
		if (read_member(&r, name, ret) < 0)
			return err_kind_set(err, &ERR_REPLY);
	return more < 0 || json_end(&r) < 0 ? err_kind_set(err, &ERR_REPLY) : 0;
}

/* ---- single requests --------------------------------------------------------------------- */

static int ask(struct client *c, struct buf *request, struct err *err)
{
	struct reply reply;
	struct str line;
	int r;

	buf_char(request, '\n');
	if (request->failed)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (control_send(c->fd, buf_view(request), -1, err) < 0)
		return -1;
	if ((r = control_line(&c->lines, -1, &line, err)) <= 0)
		return r < 0 ? -1 : err_kind_set(err, &ERR_GONE);
	if (read_reply(c, line, &reply, err) < 0)
		return -1;
	if (reply.ok)
		return 0;
	if (!reply.err.kind)
		return err_kind_set(err, &ERR_REPLY);
	*err = reply.err;
	return -1;
}

static void put_member(struct json_writer *w, const char *name, struct str value)
{
	json_key(w, name);
	json_put_str(w, value);
}

int client_account_add(struct client *c, struct str name, struct str password, const struct uuid *person,
		       struct err *err)
{
	_cleanup_(wipe) struct buf b = { 0 };
	struct json_writer w;
	char id[UUID_TEXT];

	if (!str_is_utf8(name) || !str_is_utf8(password))
		return err_fmt(err, &ERR_USAGE, "UTF-8");
	buf_reserve(&b, 8192); /* at once: growing would leave the password behind */
	json_write_init(&w, &b);
	json_open(&w, '{');
	put_member(&w, "op", STR("account_add"));
	put_member(&w, "name", name);
	put_member(&w, "password", password);
	if (person && !uuid_is_nil(person)) {
		uuid_format(person, id);
		put_member(&w, "person", (struct str){ id, UUID_TEXT });
	}
	json_close(&w, '}');
	return ask(c, &b, err);
}

/* What is said of one name: `disabled` 0 or 1, or -1 to leave it out. */
static int ask_of_name(struct client *c, const char *op, struct str name, int disabled, struct err *err)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	struct json_writer w;

	if (!str_is_utf8(name))
		return err_fmt(err, &ERR_USAGE, "UTF-8");
	json_write_init(&w, &b);
	json_open(&w, '{');
	put_member(&w, "op", str_of(op));
	put_member(&w, "name", name);
	if (disabled >= 0) {
		json_key(&w, "disabled");
		json_put_bool(&w, disabled);
	}
	json_close(&w, '}');
	return ask(c, &b, err);
}

int client_account_disable(struct client *c, struct str name, bool disabled, struct err *err)
{
	return ask_of_name(c, "account_disable", name, disabled, err);
}

int client_channel_disable(struct client *c, struct str name, bool disabled, struct err *err)
{
	return ask_of_name(c, "channel_disable", name, disabled, err);
}

int client_channel_test(struct client *c, struct str name, struct err *err)
{
	return ask_of_name(c, "channel_test", name, -1, err);
}

int client_channel_add(struct client *c, const struct channel *ch, struct err *err)
{
	_cleanup_(wipe) struct buf b = { 0 };
	struct json_writer w;
	char place[PLACE_TEXT];

	if (!str_is_utf8(ch->name) || !str_is_utf8(ch->url) || !str_is_utf8(ch->secret) || !str_is_utf8(ch->kinds))
		return err_fmt(err, &ERR_USAGE, "UTF-8");
	buf_reserve(&b, 16384); /* at once: growing would leave the secret behind */
	json_write_init(&w, &b);
	json_open(&w, '{');
	put_member(&w, "op", STR("channel_add"));
	put_member(&w, "name", ch->name);
	put_member(&w, "url", ch->url);
	put_member(&w, "secret", ch->secret);
	if (ch->kinds.ptr)
		put_member(&w, "kinds", ch->kinds);
	if (ch->place != FIELD_ABSENT)
		put_member(&w, "place", (struct str){ place, place_format(ch->place, place) });
	json_close(&w, '}');
	return ask(c, &b, err);
}

int client_outbox_retry(struct client *c, const struct uuid *message, struct err *err)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	struct json_writer w;
	char id[UUID_TEXT];

	json_write_init(&w, &b);
	json_open(&w, '{');
	put_member(&w, "op", STR("outbox_retry"));
	if (!uuid_is_nil(message)) {
		uuid_format(message, id);
		put_member(&w, "message", (struct str){ id, UUID_TEXT });
	}
	json_close(&w, '}');
	return ask(c, &b, err);
}

/* ---- a bulk -------------------------------------------------------------------------------- */

static int take_reply(struct client *c, struct str line, struct err *err)
{
	struct bulk *b = c->bulk;
	struct reply p;

	if (read_reply(c, line, &p, err) < 0)
		return -1;
	if (p.has_index) {
		if (!p.err.kind)
			return err_kind_set(err, &ERR_REPLY);
		b->failed++;
		if (!c->stopped && b->refused && b->refused(b->ctx, (size_t)p.index, NULL, &p.err) < 0) {
			c->stopped = true;
			c->end = p.err;
		}
		return 0;
	}
	if (!p.counted && !p.err.kind)
		return err_kind_set(err, &ERR_REPLY);
	c->done = true;
	if (p.err.kind) {
		c->end = p.err;
		return 0;
	}
	b->recorded = p.recorded;
	b->duplicates = p.duplicates;
	b->failed = p.failed;
	return 0;
}

/* What has come: 1, 0 when the server went away, -1. */
static int take_replies(struct client *c, struct err *err)
{
	struct str line;
	int r = control_lines_fill(&c->lines, err);

	while (r >= 0 && control_line_ready(&c->lines, &line))
		if (take_reply(c, line, err) < 0)
			return -1;
	return r;
}

/* Sends what stands in `b`, taking replies meanwhile. 0 all sent, or the bulk has ended (c->done, c->stopped); -1. */
static int send_all(struct client *c, struct buf *b, struct err *err)
{
	struct str text = buf_view(b);

	while (text.len && !c->done && !c->stopped) {
		struct pollfd p = { .fd = c->fd, .events = POLLIN | POLLOUT };
		ssize_t n;
		int r;

		if (poll(&p, 1, -1) < 0)
			continue; /* EINTR */
		if (p.revents & ~POLLOUT) {
			if ((r = take_replies(c, err)) <= 0)
				return c->done ? 0 : r < 0 ? -1 : err_kind_set(err, &ERR_GONE);
			continue;
		}
		n = send(c->fd, text.ptr, text.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0) {
			text.ptr += n;
			text.len -= (size_t)n;
		} else if (n < 0 && errno != EAGAIN && errno != EINTR && errno != EPIPE && errno != ECONNRESET) {
			return err_fmt(err, &ERR_FILE, "socket: %s", strerrordesc_np(errno));
		}
	}
	buf_clear(b);
	return 0;
}

/* {"id":…, and the rest as the codec writes what was sent. */
static int put_event(struct buf *out, const struct event *ev, struct err *err)
{
	size_t start = out->len;
	struct json_writer w;
	char id[UUID_TEXT];

	uuid_format(&ev->id, id);
	buf_printf(out, "{\"id\":\"%.*s\"", UUID_TEXT, id);
	json_write_init(&w, out);
	size_t at = out->len;
	if (event_write_sent(ev, &w, NULL, NULL, err) < 0)
		return -1;
	if (out->failed)
		return err_kind_set(err, &ERR_NO_MEMORY);
	out->ptr[at] = ','; /* the codec's opening bracket */
	buf_char(out, '\n');
	return out->len - start > CONTROL_LINE_MAX ? err_fmt(err, &ERR_TOO_LARGE, "%s", ev->form->type) : 0;
}

static int send_events(struct client *c, struct event *events, struct buf *out, struct err *err)
{
	struct arena arena;
	int n = 0, r = 0;

	arena_init(&arena, 0);
	while (r == 0 && !c->done && !c->stopped) {
		arena_reset(&arena);
		n = c->bulk->next(c->bulk->ctx, &arena, events, CLIENT_BATCH, err);
		if (n <= 0)
			break;
		for (int i = 0; i < n && r == 0; i++) {
			r = put_event(out, &events[i], err);
			if (r == 0 && out->len > CONTROL_BATCH_MAX / 4)
				r = send_all(c, out, err);
		}
		if (r == 0)
			r = send_all(c, out, err);
	}
	arena_finish(&arena);
	return r < 0 || n < 0 ? -1 : 0;
}

static int finish_bulk(struct client *c, struct buf *out, struct err *err)
{
	buf_cstr(out, "{}\n");
	if (send_all(c, out, err) < 0)
		return -1;
	while (!c->done && !c->stopped) {
		int r = take_replies(c, err);

		if (r <= 0 && !c->done)
			return r < 0 ? -1 : err_kind_set(err, &ERR_GONE);
	}
	if (!c->end.kind)
		return 0;
	*err = c->end;
	return -1;
}

int client_bulk(struct client *c, struct bulk *b, struct err *err)
{
	_cleanup_(wipe) struct buf out = { 0 };
	struct event *events = calloc(CLIENT_BATCH, sizeof(*events));
	int r;

	if (!events)
		return err_kind_set(err, &ERR_NO_MEMORY);
	c->bulk = b;
	c->done = c->stopped = false;
	c->end = (struct err){ 0 };
	b->recorded = b->duplicates = b->failed = 0;
	buf_printf(&out, "{\"op\":\"bulk\",\"atomic\":%s,\"dry_run\":%s}\n", b->atomic ? "true" : "false",
		   b->dry_run ? "true" : "false");
	r = send_all(c, &out, err);
	if (r == 0)
		r = send_events(c, events, &out, err);
	/* Ending the stream without {} makes the server drop what is not finished. */
	if (r < 0 || c->stopped)
		shutdown(c->fd, SHUT_WR);
	if (r == 0)
		r = finish_bulk(c, &out, err);
	free(events);
	return r;
}
