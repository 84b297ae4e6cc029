/* The network thread: sockets, libmicrohttpd's daemons under one epoll loop of
 * our own, deadlines for slow clients, and a clean end.
 *
 * libmicrohttpd's own epoll thread stops dead when exactly 128 connections are
 * ready at once; driven from outside, its inner wait never blocks. */
#include <assert.h>
#include <errno.h>
#include <malloc.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "http/server.h"

#define METRICS_CONNECTIONS 32
#define ROUNDS              8 /* of libmicrohttpd a turn, while it has work left */
#define TICK_MS             500
#define TLS_VERSIONS        "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
#define DRAIN_TICK_MS       10
#define CROWD               1000 /* connections */
#define LARGE_BLOCK         (256 << 10)

const struct err_kind ERR_LISTEN = { "listen", 400, "无法监听 {0}：{1}。请检查地址、端口和证书。",
				     "Cannot listen on {0}: {1}. Check the address, the port and the certificate." };

/* ---- sockets --------------------------------------------------------------- */

/* "host:port", "[v6]:port", ":port" into its parts. */
static int split_address(const char *text, char *host, size_t size, const char **ret_port, struct err *err)
{
	const char *colon = strrchr(text, ':');
	size_t n;

	if (!colon || !colon[1])
		return err_set(err, &ERR_LISTEN, NULL, text, "HOST:PORT", NULL);
	n = (size_t)(colon - text);
	if (n >= 2 && text[0] == '[' && text[n - 1] == ']') {
		text++;
		n -= 2;
	}
	if (n >= size)
		return err_set(err, &ERR_LISTEN, NULL, text, "HOST:PORT", NULL);
	memcpy(host, text, n);
	host[n] = '\0';
	*ret_port = colon + 1;
	return 0;
}

static int listen_on(const char *text, int *ret_fd, int *ret_port, struct err *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV }, *found;
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} name = { 0 };
	socklen_t len = sizeof(name);
	const char *port = NULL;
	char host[256];
	int fd, rc, on = 1;

	if (split_address(text, host, sizeof(host), &port, err) < 0)
		return -1;
	rc = getaddrinfo(host[0] ? host : NULL, port, &hints, &found);
	if (rc)
		return err_set(err, &ERR_LISTEN, NULL, text, gai_strerror(rc), NULL);
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, found->ai_addr, found->ai_addrlen) < 0 || listen(fd, SOMAXCONN) < 0 ||
	    getsockname(fd, &name.any, &len) < 0) {
		err_set(err, &ERR_LISTEN, NULL, text, strerror(errno), NULL);
		if (fd >= 0)
			close(fd);
		freeaddrinfo(found);
		return -1;
	}
	freeaddrinfo(found);
	*ret_port = ntohs(name.any.sa_family == AF_INET6 ? name.v6.sin6_port : name.v4.sin_port);
	*ret_fd = fd;
	return 0;
}

/* Raises the limit on open files as far as it goes; returns how many connections fit under it. */
static size_t connections_that_fit(void)
{
	rlim_t want = HTTP_CONNECTIONS_MAX + HTTP_DESCRIPTORS;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 512;
	if (limit.rlim_cur < want) {
		struct rlimit more = { want, limit.rlim_max < want ? want : limit.rlim_max };

		if (setrlimit(RLIMIT_NOFILE, &more) == 0) {
			limit = more;
		} else {
			limit.rlim_cur = limit.rlim_max;
			setrlimit(RLIMIT_NOFILE, &limit);
		}
	}
	if (limit.rlim_cur >= want)
		return HTTP_CONNECTIONS_MAX;
	return limit.rlim_cur > (rlim_t)2 * HTTP_DESCRIPTORS ? limit.rlim_cur - HTTP_DESCRIPTORS : limit.rlim_cur / 2;
}

/* ---- connections -------------------------------------------------------------- */

void listener_phase(struct http *h, struct slot *s, enum phase phase)
{
	s->phase = phase;
	s->since = h->now;
	s->bytes = 0;
}

void listener_connection(void *endpoint, struct MHD_Connection *c, void **context,
			 enum MHD_ConnectionNotificationCode what)
{
	struct http *h = ((struct endpoint *)endpoint)->http;
	struct slot *s = *context;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (s) {
			s->phase = PHASE_FREE;
			s->next_free = h->free_slot;
			h->free_slot = (uint32_t)(s - h->slots);
		}
		*context = NULL;
		h->connections--;
		return;
	}
	if (++h->connections > h->peak)
		h->peak = h->connections;
	h->counters.accepted++;
	if (h->free_slot != SLOT_NONE) {
		s = &h->slots[h->free_slot];
		h->free_slot = s->next_free;
	} else if (h->slots_used < h->limit + METRICS_CONNECTIONS) {
		s = &h->slots[h->slots_used++];
	} else {
		abort(); /* libmicrohttpd keeps its limits */
	}
	s->fd = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	listener_phase(h, s, PHASE_FIRST);
	*context = s;
}

/* Milliseconds that a connection may stay in its phase. */
static int64_t phase_allowance(const struct http *h, const struct slot *s)
{
	bool pressed = h->connections > h->limit / 8 * 7;

	switch (s->phase) {
	case PHASE_FIRST:
		return pressed ? HTTP_PRESSED_MS : HTTP_FIRST_MS;
	case PHASE_IDLE: /* a silent one is libmicrohttpd's to close; this is for bytes that trickle */
		return pressed ? HTTP_PRESSED_MS : HTTP_IDLE_MS + HTTP_HEADERS_MS;
	case PHASE_HEADERS:
		return HTTP_HEADERS_MS;
	case PHASE_BODY:
		return HTTP_BODY_MS + (int64_t)(s->bytes / HTTP_RATE_MIN) * 1000;
	case PHASE_ANSWER:
		return HTTP_ANSWER_MS + (int64_t)(s->bytes / HTTP_RATE_MIN) * 1000;
	case PHASE_FREE:
	case PHASE_WORK:
	case PHASE_STREAM:
		break;
	}
	return INT64_MAX;
}

/* libmicrohttpd overlooks an end that comes together with the last bytes of half a request. */
static bool has_left(const struct http *h, const struct slot *s)
{
	struct pollfd p = { .fd = s->fd, .events = POLLRDHUP };

	return (s->phase == PHASE_HEADERS || s->phase == PHASE_BODY) && h->now - s->since > TICK_MS &&
	       poll(&p, 1, 0) > 0 && p.revents & (POLLRDHUP | POLLHUP | POLLERR);
}

/* Shuts the sockets of clients that are too slow; libmicrohttpd then closes and forgets them. */
static void deadlines_enforce(struct http *h)
{
	for (size_t i = 0; i < h->slots_used; i++) {
		struct slot *s = &h->slots[i];

		if (h->now - s->since <= phase_allowance(h, s) && !has_left(h, s))
			continue;
		shutdown(s->fd, SHUT_RDWR);
		listener_phase(h, s, s->phase); /* once is enough */
		h->counters.dropped++;
	}
}

/* A crowd that has left leaves its memory with the allocator: give it back. */
static void memory_return(struct http *h)
{
	if (h->peak > CROWD && h->connections < h->peak / 2) {
		malloc_trim(0);
		h->peak = h->connections;
	}
}

/* ---- the end ---------------------------------------------------------------- */

static void stop_listening(struct MHD_Daemon *d)
{
	int fd = d ? MHD_quiesce_daemon(d) : -1;

	if (fd >= 0)
		close(fd);
}

/* Takes no new connections and lets go of the silent ones; what has sent something is still answered. */
static void drain_begin(struct http *h)
{
	h->draining = true;
	h->drain_until = h->now + HTTP_DRAIN_MS;
	stop_listening(h->daemon);
	stop_listening(h->metrics);
	streams_end(h);
	for (size_t i = 0; i < h->slots_used; i++) {
		struct slot *s = &h->slots[i];
		struct pollfd p = { .fd = s->fd, .events = POLLIN };

		if ((s->phase == PHASE_FIRST || s->phase == PHASE_IDLE) && poll(&p, 1, 0) == 0)
			shutdown(s->fd, SHUT_RDWR);
	}
}

/* What another thread holds is always waited for. */
static bool drained(const struct http *h)
{
	return h->suspended == 0 && (h->open == 0 || h->now >= h->drain_until);
}

/* ---- the loop ---------------------------------------------------------------- */

static int daemon_wait(struct MHD_Daemon *d, int most)
{
	MHD_UNSIGNED_LONG_LONG ms;

	if (!d || MHD_get_timeout(d, &ms) == MHD_NO)
		return most;
	return ms < (MHD_UNSIGNED_LONG_LONG)most ? (int)ms : most;
}

/* An answer takes two of libmicrohttpd's rounds: one to build, one to send. */
static void daemons_run(struct http *h)
{
	for (int i = 0; i < ROUNDS; i++) {
		exchange_take_completed(h);
		MHD_run(h->daemon);
		if (h->metrics)
			MHD_run(h->metrics);
		if (daemon_wait(h->daemon, 1) != 0)
			break;
	}
}

int http_run(struct http *h, struct err *err)
{
	int64_t tick = 0;

	for (;;) {
		struct epoll_event events[4];
		int most = streams_wait(h, h->draining ? DRAIN_TICK_MS : TICK_MS);
		int ms = daemon_wait(h->metrics, daemon_wait(h->daemon, most));
		int n = epoll_wait(h->epoll, events, ARRAY_LEN(events), ms);

		if (n < 0 && errno != EINTR)
			return err_fmt(err, &ERR_INTERNAL, "epoll_wait: %s", strerror(errno));
		h->now = clock_ticks() / 1000;
		for (int i = 0; i < n; i++) {
			uint64_t count;

			if (events[i].data.fd == h->wake && read(h->wake, &count, sizeof(count)) < 0 && errno != EAGAIN)
				return err_fmt(err, &ERR_INTERNAL, "eventfd: %s", strerror(errno));
		}
		streams_turn(h);
		daemons_run(h);
		if (h->now >= tick) {
			deadlines_enforce(h);
			memory_return(h);
			tick = h->now + TICK_MS;
		}
		if (h->draining && drained(h))
			return 0;
		if (!h->draining && atomic_load(&h->stopping))
			drain_begin(h);
	}
}

void http_stop(struct http *h)
{
	uint64_t one = 1;
	int saved = errno;

	atomic_store(&h->stopping, true);
	if (write(h->wake, &one, sizeof(one)) < 0)
		assert(errno == EAGAIN); /* it is full: the loop wakes anyway */
	errno = saved;
}

/* ---- making and ending a server -------------------------------------------------- */

/* Keeps what libmicrohttpd says while it starts; later its words are of broken connections only. */
static void daemon_says(void *http, const char *fmt, va_list args)
{
	struct http *h = http;

	if (h->starting)
		vsnprintf(h->said, sizeof(h->said), fmt, args);
}

struct pem {
	struct buf cert, key;
};

static void pem_finish(struct pem *p)
{
	buf_finish(&p->cert);
	if (p->key.ptr)
		explicit_bzero(p->key.ptr, p->key.cap);
	buf_finish(&p->key);
}

static int file_read(const char *path, struct buf *out, struct err *err)
{
	char block[4096];
	size_t n;
	FILE *f = fopen(path, "re");

	if (!f)
		return err_fmt(err, &ERR_FILE, "%s: %s", path, strerror(errno));
	out->max = 1 << 20;
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		buf_add(out, block, n);
	explicit_bzero(block, sizeof(block));
	buf_char(out, '\0');
	if (ferror(f) || out->failed) {
		fclose(f);
		return err_fmt(err, &ERR_FILE, "%s", path);
	}
	fclose(f);
	return 0;
}

/* Takes the listening socket over, also when it fails. */
static int daemon_start(struct http *h, const char *name, int fd, struct endpoint *end, const struct pem *pem,
			struct MHD_Daemon **ret, struct err *err)
{
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
	struct MHD_OptionItem tls[] = { { MHD_OPTION_HTTPS_MEM_CERT, 0, pem ? pem->cert.ptr : NULL },
					{ MHD_OPTION_HTTPS_MEM_KEY, 0, pem ? pem->key.ptr : NULL },
					{ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_VERSIONS },
					{ MHD_OPTION_END, 0, NULL } };
	struct MHD_Daemon *d;

	h->starting = true;
	d = MHD_start_daemon(flags | (pem ? MHD_USE_TLS : 0), 0, NULL, NULL, exchange_access, end,
			     MHD_OPTION_EXTERNAL_LOGGER, daemon_says, h, MHD_OPTION_LISTEN_SOCKET, fd,
			     MHD_OPTION_CONNECTION_LIMIT, (unsigned)(end->inside ? METRICS_CONNECTIONS : h->limit),
			     MHD_OPTION_CONNECTION_MEMORY_LIMIT, HTTP_HEADER_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT,
			     (unsigned)(HTTP_IDLE_MS / 1000), MHD_OPTION_STRICT_FOR_CLIENT, 1,
			     MHD_OPTION_URI_LOG_CALLBACK, exchange_line, end, MHD_OPTION_NOTIFY_COMPLETED,
			     exchange_ended, end, MHD_OPTION_NOTIFY_CONNECTION, listener_connection, end,
			     MHD_OPTION_ARRAY, pem ? tls : &tls[3], MHD_OPTION_END);
	h->starting = false;
	if (!d) {
		h->said[strcspn(h->said, "\n")] = '\0';
		close(fd);
		return err_set(err, &ERR_LISTEN, NULL, name, h->said[0] ? h->said : strerror(errno), NULL);
	}
	*ret = d;
	return 0;
}

static int watch(struct http *h, int fd, struct err *err)
{
	struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(h->epoll, EPOLL_CTL_ADD, fd, &e) < 0)
		return err_fmt(err, &ERR_INTERNAL, "epoll_ctl: %s", strerror(errno));
	return 0;
}

static int watch_daemon(struct http *h, struct MHD_Daemon *d, struct err *err)
{
	return watch(h, MHD_get_daemon_info(d, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, err);
}

static int listeners_start(struct http *h, const struct http_options *o, struct err *err)
{
	_cleanup_(pem_finish) struct pem pem = { 0 };
	int fd, port;

	if (!o->tls_cert != !o->tls_key)
		return err_set(err, &ERR_USAGE, NULL, "--tls-cert --tls-key", NULL);
	if (o->tls_cert && (file_read(o->tls_cert, &pem.cert, err) < 0 || file_read(o->tls_key, &pem.key, err) < 0))
		return -1;
	h->tls = o->tls_cert != NULL;
	if (listen_on(o->listen, &fd, &h->port, err) < 0 ||
	    daemon_start(h, o->listen, fd, &h->outside, h->tls ? &pem : NULL, &h->daemon, err) < 0 ||
	    watch_daemon(h, h->daemon, err) < 0)
		return -1;
	if (!o->metrics)
		return 0;
	if (listen_on(o->metrics, &fd, &port, err) < 0 ||
	    daemon_start(h, o->metrics, fd, &h->inside, NULL, &h->metrics, err) < 0)
		return -1;
	return watch_daemon(h, h->metrics, err);
}

int http_create(struct app *app, const struct http_options *o, struct http **ret, struct err *err)
{
	struct http *h = calloc(1, sizeof(*h));

	if (!h)
		return err_kind_set(err, &ERR_NO_MEMORY);
	h->app = app;
	h->log_requests = o->log_requests;
	h->outside = (struct endpoint){ h, false };
	h->inside = (struct endpoint){ h, true };
	h->free_slot = SLOT_NONE;
	h->sign_ins_end = &h->sign_ins;
	h->now = clock_ticks() / 1000;
	h->limit = connections_that_fit();
	mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK); /* bodies and answers go back to the system, not into holes */
	h->slots = calloc(h->limit + METRICS_CONNECTIONS, sizeof(*h->slots));
	h->epoll = epoll_create1(EPOLL_CLOEXEC);
	h->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (!h->slots || h->epoll < 0 || h->wake < 0) {
		http_destroy(h);
		return err_kind_set(err, &ERR_NO_MEMORY);
	}
	if (describe_create(h, err) < 0 || watch(h, h->wake, err) < 0 || listeners_start(h, o, err) < 0) {
		http_destroy(h);
		return -1;
	}
	streams_start(h);
	*ret = h;
	return 0;
}

int http_port(const struct http *h)
{
	return h->port;
}

void http_destroy(struct http *h)
{
	if (!h)
		return;
	assert(h->suspended == 0);
	if (h->daemon)
		streams_end(h);
	if (h->daemon)
		MHD_stop_daemon(h->daemon);
	if (h->metrics)
		MHD_stop_daemon(h->metrics);
	while (h->spare) {
		struct exchange *ex = h->spare;

		h->spare = ex->next;
		exchange_free(ex);
	}
	describe_destroy(h);
	if (h->epoll > 0)
		close(h->epoll);
	if (h->wake > 0)
		close(h->wake);
	free(h->slots);
	free(h);
}
