/* Writing: N kept-alive connections that register households, or screen three
 * people at a checkpoint, one event or one batch a request, each sent when the
 * last was answered. Bodies are made ahead and only their ids and people's
 * numbers patched, so that the generator costs little. Every answer is checked:
 * 200, and each event recorded; anything else ends its connection. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "ids.h"
#include "load.h"

#define VARIANTS 256 /* bodies of single events */
#define DRAIN_US 15000000
#define ID_TEXT  36
#define PEOPLE   3 /* of a screening */

/* What is made anew in each sending; an event's own id comes first. */
enum patch_kind { PATCH_ID, PATCH_NUMBER, PATCH_PHONE };

struct patch {
	enum patch_kind kind;
	size_t at;
};
#define PATCHES_MAX (1 + 3 * PEOPLE)

/* A request ready to send, with what is patched in it: for every event as many. */
struct request {
	char *ptr;
	size_t len;
	struct patch *patches;
	int events, each;
};

struct conn {
	int fd;
	struct request *request; /* a batch's own, or one of the shared ones copied to `own` */
	char *own;               /* single events: the copy being sent */
	const char *out;
	size_t len, sent;
	int64_t at; /* when sending began */
	bool open;
	struct answer answer;
};

struct load {
	const struct options *o;
	struct ids ids;
	struct request *requests;
	int n_requests;
	struct conn *conns;
	int epoll, waiting;        /* connections with a request on its way */
	int64_t from, until, last; /* the measured time; the last answer within it */
	int64_t sent, recorded, counted, answers;
	int64_t refused, busy, failed;
	struct hist hist;
	char error[400];
};

/* ---- requests ------------------------------------------------------------- */

static void id_put(struct load *l, char *out)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t id[16];

	ids_next(&l->ids, id);
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = digits[id[i] >> 4];
		*out++ = digits[id[i] & 15];
	}
}

/* A citizen id number of no region, with its check digit. */
static void number_put(struct load *l, char *out)
{
	static const int weights[] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
	uint64_t r = ids_random(&l->ids);
	char text[20];
	int sum = 0;

	snprintf(text, sizeof(text), "99%04u%04u%02u%02u%03u", (unsigned)(r % 10000), 1940 + (unsigned)(r >> 16) % 70,
		 1 + (unsigned)(r >> 28) % 12, 1 + (unsigned)(r >> 36) % 28, (unsigned)(r >> 48) % 1000);
	for (int i = 0; i < 17; i++)
		sum += (text[i] - '0') * weights[i];
	text[17] = "10X98765432"[sum % 11];
	memcpy(out, text, 18);
}

static void phone_put(struct load *l, char *out)
{
	char text[12];

	snprintf(text, sizeof(text), "139%08u", (unsigned)(ids_random(&l->ids) % 100000000));
	memcpy(out, text, 11);
}

static void request_patch(struct load *l, const struct request *r, char *into)
{
	for (int i = 0; i < r->each * r->events; i++) {
		char *out = into + r->patches[i].at;

		if (r->patches[i].kind == PATCH_ID)
			id_put(l, out);
		else if (r->patches[i].kind == PATCH_NUMBER)
			number_put(l, out);
		else
			phone_put(l, out);
	}
}

/* An event being written, from `begin` of the body. */
struct writing {
	char *out;
	size_t size, len, begin;
	struct patch *patches;
	int n;
};

static void put(struct writing *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct writing *w, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	w->len += (size_t)vsnprintf(w->out + w->len, w->size - w->len, format, args);
	va_end(args);
}

static void put_patched(struct writing *w, enum patch_kind kind)
{
	static const char *const SAMPLES[] = { "00000000-0000-7000-8000-000000000000", "11010519491231002X",
					       "13900000000" };

	w->patches[w->n++] = (struct patch){ kind, w->begin + w->len };
	put(w, "%s", SAMPLES[kind]);
}

/* Names are made up and say so. */
static void household_write(struct load *l, struct writing *w)
{
	static const char *const tags[] = { "[]", "[\"poor\"]", "[\"elderly_alone\",\"chronic_illness\"]",
					    "[\"infant\"]" };
	uint64_t r = ids_random(&l->ids);

	put(w, "{\"id\":\"");
	put_patched(w, PATCH_ID);
	put(w,
	    "\",\"address\":\"第%u组%u号\",\"head\":{\"name\":\"模拟户主%03u\",\"phone\":\"139%08u\"},\"members\":%u,"
	    "\"tags\":%s}",
	    (unsigned)(r % 9 + 1), (unsigned)(r >> 4 & 255) + 1, (unsigned)(r >> 12 & 511), (unsigned)(r % 100000000),
	    (unsigned)(r >> 20 & 7) + 1, tags[r >> 24 & 3]);
}

/* Nobody was met before: of each a new subject, found again by number and by phone. */
static void screening_write(struct load *l, struct writing *w)
{
	uint64_t r = ids_random(&l->ids);

	put(w, "{\"direction\":\"in\",\"vehicle\":{\"plate\":\"陕G%05u\",\"kind\":\"car\"},\"people\":[",
	    (unsigned)(r % 100000));
	for (int i = 0; i < PEOPLE; i++) {
		put(w, "%s{\"subject\":\"", i ? "," : "");
		put_patched(w, PATCH_ID);
		put(w, "\",\"person\":{\"name\":\"模拟旅客%03u\",\"id_number\":\"", (unsigned)(r >> (8 * i) & 511));
		put_patched(w, PATCH_NUMBER);
		put(w, "\",\"phone\":\"");
		put_patched(w, PATCH_PHONE);
		put(w,
		    "\"},\"origin\":\"安康\",\"destination\":{\"place\":\"610927100201\",\"text\":\"%u组\"},"
		    "\"temperature\":36.%u,\"decision\":\"pass\"}",
		    (unsigned)(r >> 20 & 7) + 1, (unsigned)(r >> (3 * i) & 7));
	}
	put(w, "]}");
}

/* Appends one event at `begin` of the body; what it has patched is noted. Returns its length. */
static size_t event_write(struct load *l, char *out, size_t size, size_t begin, struct patch *patches, int *ret_patches)
{
	struct writing w = { out, size, 0, begin, patches, 0 };
	const char *place = l->o->list[ids_random(&l->ids) % (uint64_t)l->o->n_list];
	char at[32];
	time_t now = time(NULL);
	struct tm tm;

	strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	put(&w, "{\"id\":\"");
	put_patched(&w, PATCH_ID);
	put(&w, "\",\"type\":\"%s\",\"at\":\"%s\",\"place\":\"%s\",\"data\":",
	    l->o->screenings ? "screening.recorded" : "household.registered", at, place);
	if (l->o->screenings)
		screening_write(l, &w);
	else
		household_write(l, &w);
	put(&w, "}");
	*ret_patches = w.n;
	return w.len;
}

static int request_make(struct load *l, struct request *r, int events)
{
	size_t room = (size_t)events * 2048 + 64, len = 0, head;
	char *body = malloc(room);

	r->ptr = malloc(room + 512);
	r->patches = calloc((size_t)events * PATCHES_MAX, sizeof(*r->patches));
	r->events = events;
	if (!body || !r->ptr || !r->patches)
		return -1;
	if (events > 1)
		len += (size_t)sprintf(body, "{\"events\":[");
	for (int i = 0; i < events; i++) {
		if (i)
			body[len++] = ',';
		len += event_write(l, body + len, room - len, len, r->patches + (size_t)i * (size_t)r->each, &r->each);
	}
	if (events > 1)
		len += (size_t)sprintf(body + len, "]}");
	head = (size_t)snprintf(r->ptr, 512,
				"POST /api/v1/events HTTP/1.1\r\nHost: %s:%d\r\nAuthorization: Bearer %s\r\n"
				"Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
				l->o->host, l->o->port, l->o->token, len);
	memcpy(r->ptr + head, body, len);
	r->len = head + len;
	for (int i = 0; i < r->each * events; i++)
		r->patches[i].at += head;
	free(body);
	return 0;
}

/* ---- connections ------------------------------------------------------------ */

static void conn_fail(struct load *l, struct conn *c, const char *why)
{
	l->failed++;
	l->waiting--;
	if (!l->error[0])
		snprintf(l->error, sizeof(l->error), "%s", why);
	close(c->fd);
	c->open = false;
}

static void conn_write(struct load *l, struct conn *c)
{
	while (c->sent < c->len) {
		ssize_t n = send(c->fd, c->out + c->sent, c->len - c->sent, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0 && errno != EINTR) {
			conn_fail(l, c, strerror(errno));
			return;
		}
		if (n > 0)
			c->sent += (size_t)n;
	}
}

static bool may_send(const struct load *l, int64_t now)
{
	return now < l->until && (!l->o->events || l->sent < l->o->events);
}

static void conn_next(struct load *l, struct conn *c, int64_t now)
{
	if (!may_send(l, now))
		return;
	if (l->o->batch == 1) {
		c->request = &l->requests[ids_random(&l->ids) % (uint64_t)l->n_requests];
		memcpy(c->own, c->request->ptr, c->request->len);
		request_patch(l, c->request, c->own);
		c->out = c->own;
	} else {
		request_patch(l, c->request, c->request->ptr);
		c->out = c->request->ptr;
	}
	c->len = c->request->len;
	c->sent = 0;
	c->at = now;
	answer_clear(&c->answer);
	l->sent += c->request->events;
	l->waiting++;
	conn_write(l, c);
}

static int count(const char *text, const char *what)
{
	int n = 0;
	size_t len = strlen(what);

	while ((text = strstr(text, what))) {
		n++;
		text += len;
	}
	return n;
}

/* Every event recorded, and the first and the last under the ids that were sent. */
static bool all_recorded(struct load *l, const struct conn *c, const char *body)
{
	const struct request *r = c->request;
	int n = count(body, "\"status\":\"recorded\"");
	char id[ID_TEXT + 1] = "";

	l->recorded += n;
	if (n != r->events)
		return false;
	memcpy(id, c->out + r->patches[0].at, ID_TEXT);
	if (!strstr(body, id))
		return false;
	memcpy(id, c->out + r->patches[(r->events - 1) * r->each].at, ID_TEXT);
	return strstr(body, id);
}

static void conn_answered(struct load *l, struct conn *c, int64_t now)
{
	const char *body = c->answer.ptr + c->answer.body;
	char why[400];

	l->waiting--;
	if (c->answer.status == 200 && all_recorded(l, c, body)) {
		l->answers++;
		if (c->at >= l->from && now <= l->until) {
			l->counted += c->request->events;
			hist_add(&l->hist, now - c->at);
		} else if (now >= l->from && now <= l->until) {
			l->counted += c->request->events; /* sent before, so its latency is another time's */
		}
		if (now <= l->until)
			l->last = now;
		conn_next(l, c, now);
		return;
	}
	if (c->answer.status == 503)
		l->busy++;
	else if (c->answer.status == 200)
		l->refused++;
	snprintf(why, sizeof(why), "status %d: %.300s", c->answer.status, body);
	l->waiting++;
	conn_fail(l, c, why);
}

static void conn_ready(struct load *l, struct conn *c, uint32_t what, int64_t now)
{
	int rc;

	if (!c->open)
		return;
	if (what & EPOLLOUT && c->sent < c->len)
		conn_write(l, c);
	if (!c->open || !(what & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	rc = answer_read(&c->answer, c->fd);
	if (rc < 0)
		conn_fail(l, c, errno ? strerror(errno) : "the server closed the connection");
	else if (rc == 1)
		conn_answered(l, c, now);
}

static int conn_open(struct load *l, struct conn *c)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c };

	if (l->o->batch == 1) {
		size_t most = 0;

		for (int i = 0; i < l->n_requests; i++)
			most = l->requests[i].len > most ? l->requests[i].len : most;
		c->own = malloc(most);
		if (!c->own)
			return -1;
	}
	c->fd = host_connect(l->o);
	if (c->fd < 0 || fcntl(c->fd, F_SETFL, O_NONBLOCK) < 0)
		return -1;
	c->open = true;
	return epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &ev);
}

/* ---- those that only stay ------------------------------------------------------ */

static int idle_open(const struct options *o, int *fds)
{
	static const char request[] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
	struct answer a = { 0 };

	for (int i = 0; i < o->idle; i++) {
		int rc = 0;

		fds[i] = host_connect(o);
		if (fds[i] < 0 || send(fds[i], request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
			return -1;
		answer_clear(&a);
		while (rc == 0)
			rc = answer_read(&a, fds[i]);
		if (rc < 0 || a.status != 200)
			return -1;
	}
	free(a.ptr);
	return 0;
}

/* How many the server still holds. */
static int idle_alive(const struct options *o, const int *fds)
{
	int n = 0;
	char byte;

	for (int i = 0; i < o->idle; i++)
		n += recv(fds[i], &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0 && errno == EAGAIN;
	return n;
}

/* ---- the run ------------------------------------------------------------------- */

static void run(struct load *l)
{
	struct epoll_event ready[256];
	int64_t now = now_us(), give_up;

	l->from = now + (int64_t)(l->o->warm_up * 1e6);
	l->until = l->from + (int64_t)(l->o->seconds * 1e6);
	give_up = l->until + DRAIN_US;
	for (int i = 0; i < l->o->connections; i++)
		conn_next(l, &l->conns[i], now_us());
	while ((l->waiting > 0 || (!l->o->connections && now < l->until)) && now < give_up) {
		int n = epoll_wait(l->epoll, ready, 256, 100);

		now = now_us();
		for (int i = 0; i < n; i++)
			conn_ready(l, ready[i].data.ptr, ready[i].events, now_us());
	}
	if (l->waiting > 0 && !l->error[0])
		snprintf(l->error, sizeof(l->error), "%d requests were never answered", l->waiting);
	l->failed += l->waiting;
}

static void report(const struct load *l, int alive)
{
	int64_t end = l->o->events && l->sent >= l->o->events && l->last ? l->last : l->until;
	double seconds = (double)(end - l->from) / 1e6;
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	printf("{\"connections\":%d,\"batch\":%d,\"idle_alive\":%d,\"seconds\":%.3f,\"events\":%lld,\"rate\":%.0f,"
	       "\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,\"recorded\":%lld,\"sent\":%lld,\"refused\":%lld,"
	       "\"busy\":%lld,\"failed\":%lld,\"cpu_seconds\":%.3f,\"request_bytes\":%zu,\"error\":",
	       l->o->connections, l->o->batch, alive, seconds, (long long)l->counted,
	       seconds > 0 ? (double)l->counted / seconds : 0, hist_ms(&l->hist, 0.5), hist_ms(&l->hist, 0.99),
	       hist_ms(&l->hist, 1), (long long)l->recorded, (long long)l->sent, (long long)l->refused,
	       (long long)l->busy, (long long)l->failed,
	       (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
		   (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6,
	       l->requests[0].len);
	put_json_string(l->error, strlen(l->error));
	printf("}\n");
}

static void finish(struct load *l, int *idle)
{
	for (int i = 0; i < l->o->idle; i++)
		close(idle[i]);
	free(idle);
	for (int i = 0; l->conns && i < l->o->connections; i++) {
		if (l->conns[i].open)
			close(l->conns[i].fd);
		free(l->conns[i].own);
		free(l->conns[i].answer.ptr);
	}
	for (int i = 0; l->requests && i < l->n_requests; i++) {
		free(l->requests[i].ptr);
		free(l->requests[i].patches);
	}
	free(l->conns);
	free(l->requests);
	close(l->epoll);
}

int load_post(const struct options *o)
{
	static struct load l;
	int *idle = calloc((size_t)o->idle + 1, sizeof(*idle)), alive = -1;
	bool single = o->batch == 1;

	l.o = o;
	ids_init(&l.ids);
	l.n_requests = single ? VARIANTS : o->connections;
	l.requests = calloc((size_t)l.n_requests + 1, sizeof(*l.requests));
	l.conns = calloc((size_t)o->connections + 1, sizeof(*l.conns));
	l.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!idle)
		return 1;
	if (!l.requests || !l.conns || l.epoll < 0)
		goto fail;
	for (int i = 0; i < l.n_requests; i++)
		if (request_make(&l, &l.requests[i], o->batch) < 0)
			goto fail;
	if (idle_open(o, idle) < 0)
		goto fail;
	for (int i = 0; i < o->connections; i++) {
		l.conns[i].request = single ? NULL : &l.requests[i];
		if (conn_open(&l, &l.conns[i]) < 0)
			goto fail;
	}
	run(&l);
	alive = idle_alive(o, idle);
	report(&l, alive);
fail:
	if (alive < 0)
		fprintf(stderr, "load: %s\n", strerror(errno));
	finish(&l, idle);
	return l.error[0] || alive != o->idle ? 1 : 0;
}
