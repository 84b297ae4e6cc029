/* GET /api/v1/stream: server-sent events, what was just recorded in the caller's
 * scope. A stream keeps its place in the ledger and the text that it is sending,
 * no queue: whoever falls behind is told to read anew. Notes come from app/live.c,
 * so the network thread asks no database. */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/server.h"

#define PIECE    4096 /* bytes that libmicrohttpd takes at a time */
#define TEXT_MAX 384  /* of one event */

struct stream {
	struct exchange *ex;
	struct stream *next, **self; /* of http->streams */
	int64_t after;               /* told up to this seq */
	int64_t said;                /* ms: the last bytes went then */
	uint64_t turn;               /* when what is waiting was last counted */
	bool waiting;                /* suspended: all was told */
	bool ending, lost;
	char token[TOKEN_TEXT + 1];
	size_t len, sent;
	char text[TEXT_MAX];
};

static const struct err_kind ERR_STREAMS = {
	"too_many_streams", 429, "同一登录最多同时打开 4 个实时页面。请关闭不用的页面后重试。",
	"One sign-in may keep 4 live pages open at a time: close one and try again."
};
static const struct err_kind ERR_STREAMS_ALL = {
	"too_many_streams", 503, "实时页面已达服务器上限。页面仍可使用，请稍后重试或手动刷新。",
	"The server holds as many live pages as it can. Reload by hand, or try again later."
};

/* ---- what is new ------------------------------------------------------------------- */

/* Takes what the turn tells: everything up to the ledger's size now. */
static void turn_begin(struct http *h)
{
	struct app_metrics m;

	app_metrics(h->app, &m);
	h->live.upto = m.size;
	h->live.turn++;
}

/* Notes after a seq, the turn's own copy: fetched for the one furthest behind, shared by all others. Sets *ret to the
 * first and returns their number. */
static size_t notes_after(struct http *h, int64_t after, const struct note **ret)
{
	struct live_view *v = &h->live;
	size_t low = 0, high;
	bool ignored;

	if (v->fetched != v->turn || after < v->from) {
		v->n = app_notes(h->app, after, v->notes, HTTP_NOTES_MAX, &ignored);
		v->from = after;
		v->fetched = v->turn;
	}
	for (high = v->n; low < high;) {
		size_t mid = (low + high) / 2;

		if (v->notes[mid].seq > after)
			high = mid;
		else
			low = mid + 1;
	}
	*ret = v->notes + low;
	return v->n - low;
}

static bool in_scope(const struct stream *s, const struct note *n, int64_t now)
{
	return principal_may(s->ex->who, ROLES_BUT_ADMIN, n->area, now);
}

/* Finds the next note for this caller and passes over the others. What is no longer kept, or too much to be told one by
 * one, is lost. */
static bool next_note(struct stream *s, struct note *ret)
{
	struct live_view *v = &s->ex->http->live;
	const struct note *notes;
	int64_t now = clock_now();
	size_t n, mine = 0, first = 0;

	if (s->lost || s->after >= v->upto)
		return false;
	n = notes_after(s->ex->http, s->after, &notes);
	while (n && notes[n - 1].seq > v->upto)
		n--;
	s->lost = n ? notes[0].seq > s->after + 1 : s->after < v->upto;
	for (size_t i = 0; i < n && !s->lost; i++) {
		if (!in_scope(s, &notes[i], now))
			continue;
		if (!mine++)
			first = i;
		if (s->turn == v->turn)
			break; /* counted already */
		s->lost = mine > HTTP_STREAM_MOST;
	}
	s->turn = v->turn;
	if (s->lost)
		return false;
	if (!mine) {
		s->after = v->upto;
		return false;
	}
	*ret = notes[first];
	return true;
}

/* ---- what is sent ------------------------------------------------------------------ */

static void put(struct stream *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void put(struct stream *s, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(s->text + s->len, TEXT_MAX - s->len, fmt, args);
	va_end(args);
	assert(len > 0 && (size_t)len < TEXT_MAX - s->len);
	s->len += (size_t)len;
}

static void put_note(struct stream *s, const struct note *n)
{
	char id[UUID_TEXT], at[TIME_TEXT_MAX], place[PLACE_TEXT];

	uuid_format(&n->id, id);
	time_format_local(n->at, at);
	put(s, "id: %lld\nevent: record\n", (long long)n->seq);
	put(s, "data: {\"seq\":%lld,\"id\":\"%.*s\",\"type\":\"%s\",\"at\":\"%s\",\"place\":\"%.*s\"}\n\n",
	    (long long)n->seq, UUID_TEXT, id, n->type, at, (int)place_format(n->area, place), place);
}

/* A line without a meaning of its own, and the place reached, so that coming back starts there. */
static void put_place(struct stream *s, const char *event)
{
	put(s, "%sid: %lld\n\n", event, (long long)s->after);
}

/* Fills the text with what is to be said now; false: nothing. */
static bool say(struct stream *s)
{
	struct http *h = s->ex->http;
	struct note n;

	s->len = s->sent = 0;
	if (next_note(s, &n)) {
		s->after = n.seq;
		put_note(s, &n);
	} else if (s->lost) {
		s->lost = false;
		s->after = h->live.upto;
		h->counters.resets++;
		put_place(s, "event: reset\ndata: {}\n");
	} else if (h->now - s->said >= HTTP_STREAM_QUIET_MS) {
		put_place(s, ":\n");
	}
	return s->len > 0;
}

/* libmicrohttpd's: fills a piece, or falls silent until the next turn. */
static ssize_t stream_read(void *ctx, uint64_t pos, char *out, size_t max)
{
	struct stream *s = ctx;
	size_t n = 0;

	(void)pos;
	while (n < max && !s->ending && (s->sent < s->len || say(s))) {
		size_t part = s->len - s->sent < max - n ? s->len - s->sent : max - n;

		memcpy(out + n, s->text + s->sent, part);
		s->sent += part;
		n += part;
		s->said = s->ex->http->now;
	}
	if (n)
		return (ssize_t)n;
	if (s->ending)
		return MHD_CONTENT_READER_END_OF_STREAM;
	s->waiting = true;
	MHD_suspend_connection(s->ex->connection);
	return 0;
}

struct MHD_Response *stream_response(struct exchange *ex)
{
	return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE, stream_read, ex->stream, NULL);
}

/* ---- a turn ------------------------------------------------------------------------- */

static void resume(struct stream *s)
{
	s->waiting = false;
	MHD_resume_connection(s->ex->connection);
}

/* As the caller may now; the end of the session is the stream's. */
static void ask_session(struct stream *s)
{
	struct exchange *ex = s->ex;
	const struct principal *who = session_principal(ex->http->app, str_of(s->token), clock_now(), &ex->expires);
	place_t home;

	if (who && principal_home(who, ROLES_BUT_ADMIN, clock_now(), &home)) {
		principal_release(ex->who);
		ex->who = who;
		return;
	}
	if (who)
		principal_release(who);
	s->ending = true;
}

/* Who has hung up is seen here: a suspended connection is not looked at by libmicrohttpd. */
static void find_gone(struct http *h)
{
	struct pollfd fds[HTTP_STREAMS_MAX];
	struct stream *of[HTTP_STREAMS_MAX];
	nfds_t n = 0;

	for (struct stream *s = h->streams; s && n < HTTP_STREAMS_MAX; s = s->next) {
		if (!s->waiting)
			continue;
		of[n] = s;
		fds[n++] = (struct pollfd){ .fd = s->ex->slot->fd, .events = POLLRDHUP };
	}
	if (!n || poll(fds, n, 0) <= 0)
		return;
	for (nfds_t i = 0; i < n; i++)
		if (fds[i].revents & (POLLRDHUP | POLLHUP | POLLERR))
			of[i]->ending = true;
}

static bool has_to_say(struct stream *s)
{
	struct note ignored;

	return s->ending || s->sent < s->len || next_note(s, &ignored) || s->lost ||
	       s->ex->http->now - s->said >= HTTP_STREAM_QUIET_MS;
}

int streams_wait(const struct http *h, int most)
{
	int64_t left = h->live.next - h->now;

	if (!h->n_streams || !atomic_load_explicit(&h->news, memory_order_relaxed))
		return most;
	return left < 0 ? 0 : left < most ? (int)left : most;
}

void streams_turn(struct http *h)
{
	bool news = atomic_load(&h->news);

	if (!h->n_streams || (!(news && h->now >= h->live.next) && h->now < h->live.look))
		return;
	if (news) {
		atomic_store(&h->news, false);
		h->live.next = h->now + HTTP_STREAM_TURN_MS;
	}
	h->live.look = h->now + HTTP_STREAM_LOOK_MS;
	find_gone(h);
	turn_begin(h);
	for (struct stream *s = h->streams; s; s = s->next) {
		ask_session(s);
		if (s->waiting && has_to_say(s))
			resume(s);
	}
}

/* On the writer's thread: the first news since the last turn wakes the loop. */
static void on_news(void *ctx)
{
	struct http *h = ctx;
	uint64_t one = 1;

	if (atomic_load_explicit(&h->streaming, memory_order_relaxed) && !atomic_exchange(&h->news, true) &&
	    write(h->wake, &one, sizeof(one)) < 0)
		assert(errno == EAGAIN);
}

void streams_start(struct http *h)
{
	app_listen(h->app, on_news, h);
}

void streams_end(struct http *h)
{
	app_listen(h->app, NULL, NULL);
	for (struct stream *s = h->streams; s; s = s->next) {
		s->ending = true;
		if (s->waiting)
			resume(s);
		else
			shutdown(s->ex->slot->fd, SHUT_RDWR); /* it does not read what it is sent */
	}
}

/* ---- opening and closing ---------------------------------------------------------------- */

static int take_after(struct exchange *ex, const char *text, int64_t *ret)
{
	return str_to_i64(str_of(text), ret) && *ret >= 0
		   ? 0
		   : err_set(&ex->err, &ERR_FIELD_FORM, "after", "after", "1", NULL);
}

static enum MHD_Result see_param(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct exchange *ex = ctx;
	char text[64];

	(void)kind;
	(void)value;
	if (!strcmp(name, "after"))
		return MHD_YES;
	if (!str_is_utf8(str_of(name)) || !str_copy(str_of(name), text, sizeof(text)))
		text[0] = '\0';
	err_set(&ex->err, &ERR_FIELD_UNKNOWN, text, text, NULL);
	return MHD_NO;
}

/* Where to go on from; *ret stays as it is when nothing is said. A browser that comes back says so in the header and
 * repeats the address as it was. */
static int read_place(struct exchange *ex, int64_t *ret)
{
	const char *last = exchange_header(ex, "Last-Event-ID");
	const char *after = MHD_lookup_connection_value(ex->connection, MHD_GET_ARGUMENT_KIND, "after");

	MHD_get_connection_values(ex->connection, MHD_GET_ARGUMENT_KIND, see_param, ex);
	if (ex->err.kind)
		return -1;
	if (last && *last)
		return take_after(ex, last, ret);
	return after ? take_after(ex, after, ret) : 0;
}

static size_t own_streams(const struct exchange *ex)
{
	size_t n = 0;

	for (const struct stream *s = ex->http->streams; s; s = s->next)
		n += !s->ending && str_is(ex->token, s->token);
	return n;
}

static int make_room(struct exchange *ex)
{
	struct http *h = ex->http;

	if (own_streams(ex) >= HTTP_STREAMS_OWN)
		find_gone(h); /* a page that was loaded again */
	if (own_streams(ex) >= HTTP_STREAMS_OWN)
		return err_kind_set(&ex->err, &ERR_STREAMS);
	return h->n_streams >= HTTP_STREAMS_MAX || h->draining ? err_kind_set(&ex->err, &ERR_STREAMS_ALL) : 0;
}

static int stream_open(struct exchange *ex)
{
	struct http *h = ex->http;
	struct stream *s;
	const int buffer = HTTP_STREAM_BUFFER;
	uint16_t jitter;
	place_t home;

	if (!principal_home(ex->who, ROLES_BUT_ADMIN, clock_now(), &home))
		return err_kind_set(&ex->err, &ERR_FORBIDDEN);
	if (make_room(ex) < 0)
		return -1;
	turn_begin(h);
	s = calloc(1, sizeof(*s));
	if (!s)
		return err_kind_set(&ex->err, &ERR_NO_MEMORY);
	s->after = h->live.upto;
	if (read_place(ex, &s->after) < 0 || !str_copy(ex->token, s->token, sizeof(s->token))) {
		free(s);
		return -1;
	}
	s->lost = s->after > h->live.upto; /* of a ledger that went further: the store was brought back */
	s->ex = ex;
	s->said = h->now;
	/* Coming back after the server's end they do not come all at once. */
	random_bytes(&jitter, sizeof(jitter));
	put(s, "retry: %d\n", 2000 + jitter % 3000);
	put_place(s, "");
	/* What a page does not read must not pile up in the kernel either. */
	setsockopt(ex->slot->fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	s->next = h->streams;
	s->self = &h->streams;
	if (s->next)
		s->next->self = &s->next;
	h->streams = s;
	h->n_streams++;
	atomic_store(&h->streaming, true);
	ex->stream = s;
	return 0;
}

void stream_get(struct exchange *ex)
{
	if (strcmp(ex->method, "HEAD") && stream_open(ex) < 0)
		exchange_refuse(ex);
	else
		exchange_answer(ex, 200, "text/event-stream", ANSWER_CACHE_NO);
}

void stream_close(struct exchange *ex)
{
	struct stream *s = ex->stream;
	struct http *h = ex->http;

	*s->self = s->next;
	if (s->next)
		s->next->self = s->self;
	atomic_store(&h->streaming, --h->n_streams > 0);
	explicit_bzero(s->token, sizeof(s->token));
	free(s);
	ex->stream = NULL;
}
