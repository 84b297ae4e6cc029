/* One request and its answer: from libmicrohttpd's callbacks to a route's
 * handler, through other threads and back. Owns the spare list, the count of
 * body bytes held, and the list by which other threads hand exchanges back. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "http/server.h"

/* What a spare exchange may keep. */
#define KEEP_BODY  ((size_t)8 << 10)
#define KEEP_OUT   ((size_t)16 << 10)
#define KEEP_ARENA ((size_t)16 << 10)

#define TOLD_A_SECOND 5

/* ---- making, keeping, freeing ------------------------------------------------ */

static struct exchange *exchange_take(struct http *h)
{
	struct exchange *ex = h->spare;

	if (ex) {
		h->spare = ex->next;
		h->n_spare--;
		ex->next = NULL;
	} else {
		ex = calloc(1, sizeof(*ex));
		if (!ex)
			return NULL;
	}
	h->open++;
	return ex;
}

void exchange_free(struct exchange *ex)
{
	buf_finish(&ex->body);
	buf_finish(&ex->out);
	submission_destroy(ex->submission);
	free(ex);
}

static void keep_small(struct buf *b, size_t most)
{
	if (b->cap > most)
		buf_finish(b);
	*b = (struct buf){ .ptr = b->ptr, .cap = b->cap };
}

/* Back to an empty exchange, with its buffers and its submission if they are small. */
static void exchange_release(struct exchange *ex)
{
	struct http *h = ex->http;
	struct submission *s = ex->submission;
	struct buf body, out;

	if (ex->who)
		principal_release(ex->who);
	h->bodies -= ex->charged;
	h->answers -= ex->held;
	h->open--;
	if (h->n_spare >= HTTP_SPARE_EXCHANGES) {
		exchange_free(ex);
		return;
	}
	if (s && s->arena.used > KEEP_ARENA) {
		submission_destroy(s);
		s = NULL;
	}
	keep_small(&ex->body, KEEP_BODY);
	keep_small(&ex->out, KEEP_OUT);
	body = ex->body;
	out = ex->out;
	/* The parameters are the larger half and are counted by n_params. */
	memset(ex, 0, offsetof(struct exchange, params));
	ex->n_params = 0;
	ex->body = body;
	ex->out = out;
	ex->submission = s;
	ex->next = h->spare;
	h->spare = ex;
	h->n_spare++;
}

/* ---- between the threads -------------------------------------------------------- */

void exchange_suspend(struct exchange *ex)
{
	assert(ex->state == EXCHANGE_RECEIVING);
	ex->state = EXCHANGE_WAITING;
	ex->http->suspended++;
	MHD_suspend_connection(ex->connection);
}

void exchange_complete(struct exchange *ex)
{
	struct http *h = ex->http;
	struct exchange *head = atomic_load_explicit(&h->completed, memory_order_relaxed);
	uint64_t one = 1;

	do
		ex->next = head;
	while (!atomic_compare_exchange_weak_explicit(&h->completed, &head, ex, memory_order_release,
						      memory_order_relaxed));
	/* Only the first of a batch wakes: the network thread takes the whole list. */
	if (!head && write(h->wake, &one, sizeof(one)) < 0)
		assert(errno == EAGAIN);
}

void exchange_take_completed(struct http *h)
{
	struct exchange *newest, *oldest = NULL;

	if (!atomic_load_explicit(&h->completed, memory_order_relaxed))
		return;
	newest = atomic_exchange_explicit(&h->completed, NULL, memory_order_acquire);
	while (newest) {
		struct exchange *next = newest->next;

		newest->next = oldest;
		oldest = newest;
		newest = next;
	}
	while (oldest) {
		struct exchange *ex = oldest;

		oldest = ex->next;
		ex->next = NULL;
		if (ex->abandoned) {
			ex->state = EXCHANGE_DROPPED;
			h->counters.hung_up++;
		}
		if (ex->finish)
			ex->finish(ex);
		assert(ex->state == EXCHANGE_READY || ex->state == EXCHANGE_DROPPED);
		h->suspended--;
		MHD_resume_connection(ex->connection);
	}
}

bool exchange_left(const struct exchange *ex)
{
	struct pollfd p = { .fd = ex->slot->fd, .events = POLLRDHUP };

	return poll(&p, 1, 0) > 0 && p.revents & (POLLRDHUP | POLLHUP | POLLERR);
}

/* ---- answers ------------------------------------------------------------------ */

void exchange_answer(struct exchange *ex, int status, const char *type, unsigned flags)
{
	ex->status = status;
	ex->type = type;
	ex->flags = flags;
	if (ex->out.failed) {
		buf_finish(&ex->out);
		err_kind_set(&ex->err, &ERR_NO_MEMORY);
		exchange_refuse(ex);
		return;
	}
	ex->state = EXCHANGE_READY;
}

/* A failing store fails thousands a second: the first few of each second are told. */
static bool worth_telling(struct http *h)
{
	if (h->told_second != h->now / 1000) {
		h->told_second = h->now / 1000;
		h->told = 0;
	}
	return h->told++ < TOLD_A_SECOND;
}

void exchange_refuse(struct exchange *ex)
{
	int status = ex->err.kind->status;

	if (status == 503)
		ex->http->counters.over++;
	problem_hide_cause(&ex->err, status >= 500 && worth_telling(ex->http));
	buf_clear(&ex->out);
	ex->out.failed = false;
	problem_open(&ex->err, status, ex->lang, &ex->out);
	buf_char(&ex->out, '}');
	ex->status = status;
	ex->type = "application/problem+json";
	ex->flags = ANSWER_CACHE_NO;
	ex->state = EXCHANGE_READY;
}

void exchange_refuse_as(struct exchange *ex, const struct err_kind *kind)
{
	err_kind_set(&ex->err, kind);
	exchange_refuse(ex);
}

const char *exchange_header(const struct exchange *ex, const char *name)
{
	return MHD_lookup_connection_value(ex->connection, MHD_HEADER_KIND, name);
}

/* ---- receiving ------------------------------------------------------------------ */

/* A refusal known before the body has come: what comes is thrown away, within reason, so that the client
 * gets to read it. */
static void refuse_early(struct exchange *ex)
{
	size_t charged = ex->charged;

	exchange_refuse(ex);
	ex->state = EXCHANGE_DISCARDING;
	ex->charged = 0;
	ex->http->bodies -= charged;
	buf_finish(&ex->body);
}

/* Content-Length as sent; 0 when absent (libmicrohttpd has checked its form). */
static size_t announced(const struct exchange *ex)
{
	const char *text = exchange_header(ex, MHD_HTTP_HEADER_CONTENT_LENGTH);

	return text ? (size_t)strtoull(text, NULL, 10) : 0;
}

static void too_large(struct exchange *ex)
{
	char text[32];

	snprintf(text, sizeof(text), "> %zu KiB", ex->route->body_max >> 10);
	err_set(&ex->err, &ERR_TOO_LARGE, NULL, text, NULL);
	refuse_early(ex);
}

/* The headers are in. */
static struct exchange *exchange_begin(struct endpoint *end, struct MHD_Connection *c, const char *url,
				       const char *method)
{
	struct exchange *ex = exchange_take(end->http);
	size_t length;

	if (!ex)
		return NULL;
	ex->http = end->http;
	ex->inside = end->inside;
	ex->connection = c;
	ex->slot = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
	ex->began = clock_ticks();
	ex->method = method;
	ex->path = str_of(url);
	ex->lang = problem_language(exchange_header(ex, MHD_HTTP_HEADER_ACCEPT_LANGUAGE));
	ex->out.max = HTTP_ANSWER_MAX;
	listener_phase(ex->http, ex->slot, PHASE_BODY);
	if (ex->slot->params_cut)
		err_set(&ex->err, &ERR_PARAMS, NULL, "16", NULL);
	if (ex->err.kind || router_find(ex, method) < 0 ||
	    (ex->route->flags & ROUTE_SIGNED_IN && !ex->inside && session_authenticate(ex) < 0)) {
		refuse_early(ex);
	} else if (ex->route->body_max) {
		length = announced(ex);
		ex->early = length > HTTP_DISCARD_MAX;
		if (length > ex->route->body_max)
			too_large(ex);
	}
	/* A client that asks before it sends is answered before it sends. */
	if (ex->state == EXCHANGE_DISCARDING && exchange_header(ex, MHD_HTTP_HEADER_EXPECT))
		ex->early = true;
	return ex;
}

/* A piece of the body; false to give the connection up. */
static bool body_add(struct exchange *ex, const char *data, size_t size)
{
	struct http *h = ex->http;
	size_t charge;

	ex->received += size;
	ex->slot->bytes += size;
	if (ex->received > HTTP_DISCARD_MAX)
		return false;
	if (ex->state != EXCHANGE_RECEIVING || !ex->route->body_max)
		return true;
	if (ex->received > ex->route->body_max) {
		too_large(ex);
		return true;
	}
	buf_add(&ex->body, data, size);
	charge = ex->body.cap > KEEP_BODY ? ex->body.cap : 0;
	h->bodies += charge - ex->charged;
	ex->charged = charge;
	if (ex->body.failed || h->bodies > HTTP_BODIES_MAX) {
		ex->body.failed = false;
		err_kind_set(&ex->err, &ERR_BUSY);
		refuse_early(ex);
	}
	return true;
}

/* ---- libmicrohttpd's callbacks ---------------------------------------------------- */

/* libmicrohttpd 0.9.75 forgets its own error when the parameters outgrow the connection's memory and then waits for
 * ever, so too many are cut off before it reads them (`uri` lies in the connection's buffer), and refused later. */
static bool params_cut(const char *uri)
{
	char *query = strchr(uri, '?');
	size_t n = 1;

	for (const char *p = query; p && *p; p++)
		n += *p == '&';
	if (n <= HTTP_PARAMS_MAX)
		return false;
	query[1] = '\0';
	return true;
}

void *exchange_line(void *endpoint, const char *uri, struct MHD_Connection *c)
{
	struct http *h = ((struct endpoint *)endpoint)->http;
	struct slot *s = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;

	listener_phase(h, s, PHASE_HEADERS);
	s->params_cut = params_cut(uri);
	return NULL;
}

/* Called when the headers are in, with each piece of the body, when it is complete, and again after a suspension.
 * An answer given at the first of these makes libmicrohttpd close the connection, so it waits for the third. */
enum MHD_Result exchange_access(void *endpoint, struct MHD_Connection *c, const char *url, const char *method,
				const char *version, const char *data, size_t *size, void **context)
{
	struct exchange *ex = *context;

	(void)version;
	if (!ex) {
		ex = exchange_begin(endpoint, c, url, method);
		*context = ex;
		if (!ex)
			return MHD_NO;
		return ex->early ? answer_send(ex) : MHD_YES;
	}
	if (*size) {
		size_t n = *size;

		*size = 0;
		return body_add(ex, data, n) ? MHD_YES : MHD_NO;
	}
	if (ex->state == EXCHANGE_RECEIVING) {
		listener_phase(ex->http, ex->slot, PHASE_WORK);
		ex->route->run(ex);
	}
	if (ex->state == EXCHANGE_WAITING)
		return MHD_YES;
	if (ex->state == EXCHANGE_DROPPED)
		return MHD_NO;
	return answer_send(ex);
}

void exchange_ended(void *endpoint, struct MHD_Connection *c, void **context, enum MHD_RequestTerminationCode why)
{
	struct exchange *ex = *context;
	struct http *h = ((struct endpoint *)endpoint)->http;
	int64_t us;

	(void)c;
	(void)why;
	if (!ex)
		return;
	*context = NULL;
	assert(ex->state != EXCHANGE_WAITING);
	us = clock_ticks() - ex->began;
	if (ex->state == EXCHANGE_SENDING && ex->status < (int)ARRAY_LEN(h->counters.by_status)) {
		h->counters.by_status[ex->status]++;
		h->counters.us_sum += ex->stream ? 0 : us;
		h->counters.count += !ex->stream;
	}
	if (ex->stream)
		stream_close(ex);
	if (h->log_requests) {
		/* The address of a feed is its key. */
		struct str path = feed_is(ex->path) ? STR("/feed/*") : ex->path;

		log_info("request method=%s path=%.*s status=%d ms=%" PRId64 ".%03d", ex->method, STR_ARG(path),
			 ex->state == EXCHANGE_SENDING ? ex->status : 499, us / 1000, (int)(us % 1000));
	}
	listener_phase(h, ex->slot, PHASE_IDLE);
	exchange_release(ex);
}
