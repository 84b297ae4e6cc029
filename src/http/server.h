/* What the files of http/ share: the server, its connections, and one exchange
 * (a request and its answer). Everything here belongs to the network thread
 * unless a comment says otherwise. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "http/http.h"

struct exchange;

/* ---- routes (router.c) ----------------------------------------------------- */

enum route_flag {
	ROUTE_SIGNED_IN = 1 << 0, /* 401 without a session */
	ROUTE_INSIDE = 1 << 1,    /* also on the metrics listener, unauthenticated there */
	ROUTE_UNMARKED = 1 << 2,  /* a cookie is enough: a browser's EventSource sends no header of ours */
};

struct route {
	const char *method;
	const char *path;
	unsigned flags;
	size_t body_max; /* 0: a body is ignored */
	/* Called with the whole body: answers, or suspends. */
	void (*run)(struct exchange *ex);
};

/* Finds the route of ex->path; -1 with ex->err (404, 405 and ex->allow) when none. */
int router_find(struct exchange *ex, const char *method);

/* ---- one request and its answer (exchange.c) ---------------------------------- */

enum exchange_state {
	EXCHANGE_RECEIVING,
	EXCHANGE_DISCARDING, /* refused already; what still comes is thrown away */
	EXCHANGE_WAITING,    /* suspended: another thread owns the fields marked (w), and only those */
	EXCHANGE_READY,      /* the answer is complete */
	EXCHANGE_SENDING,
	EXCHANGE_DROPPED, /* the client has gone: close */
};

enum answer_flag {
	ANSWER_JSON_TEXT = 1 << 0, /* worth compressing */
	ANSWER_COMPRESSED = 1 << 1,
	ANSWER_CACHE_NO = 1 << 2,    /* no-store */
	ANSWER_CACHE_CHECK = 1 << 3, /* no-cache: ask again with the tag */
	ANSWER_CACHE_FOREVER = 1 << 4,
	ANSWER_PAGE = 1 << 5,   /* a part of the web app: its security headers */
	ANSWER_VARIES = 1 << 6, /* by Accept-Encoding */
};

struct param {
	struct str name, value;
};

struct exchange {
	struct http *http;
	struct MHD_Connection *connection;
	struct slot *slot;
	struct exchange *next; /* of the spare list, the completed list or the sign-in queue */
	enum exchange_state state;
	bool inside;   /* came by the metrics listener */
	bool early;    /* answer before the body is read, then close */
	int64_t began; /* µs */

	/* The request. Strings are the connection's and live as long as the exchange. */
	const struct route *route;
	const char *method;
	struct str path;
	enum lang lang;
	bool gzip; /* accepted */
	const struct principal *who;
	int64_t expires;
	struct str token; /* as sent */
	struct buf body;
	size_t received; /* bytes that came */
	size_t charged;  /* of them counted in http->bodies */

	/* The answer. */
	bool abandoned; /* (w) the client has hung up: no answer is made */
	int status;     /* (w) */
	unsigned flags; /* (w) enum answer_flag */
	const char *type;
	const char *allow;
	const char *etag;
	struct str fixed; /* the body when it is not `out`: lives as long as the server */
	struct buf out;   /* (w) */
	size_t held;      /* of it counted in http->answers */
	struct err err;   /* (w) */
	char cookie[160]; /* (w) Set-Cookie, or empty */

	/* Of the handlers. `finish` (or NULL) completes the answer on the network thread after exchange_complete. */
	void (*finish)(struct exchange *ex);
	struct submission *submission;
	struct sign_in *sign_in;
	struct stream *stream; /* the answer goes on for ever (stream.c) */
	const struct view *view;
	struct str view_id;
	struct param params[HTTP_PARAMS_MAX];
	size_t n_params;
};

/* Fills in an answer; the exchange is then ready. `ex->out` (or `fixed`) is the body. */
void exchange_answer(struct exchange *ex, int status, const char *type, unsigned flags);
/* Answers ex->err as a problem document. */
void exchange_refuse(struct exchange *ex);
void exchange_refuse_as(struct exchange *ex, const struct err_kind *kind);
/* Hands the exchange to another thread: it must call exchange_complete exactly once. */
void exchange_suspend(struct exchange *ex);
/* From any thread: the answer is in; the network thread goes on with it. */
void exchange_complete(struct exchange *ex);
/* From the thread that holds a suspended exchange: the client has hung up. */
bool exchange_left(const struct exchange *ex);
/* A request header, or NULL. */
const char *exchange_header(const struct exchange *ex, const char *name);
void exchange_free(struct exchange *ex);

/* libmicrohttpd's callbacks. */
enum MHD_Result exchange_access(void *endpoint, struct MHD_Connection *c, const char *url, const char *method,
				const char *version, const char *data, size_t *size, void **context);
void *exchange_line(void *endpoint, const char *uri, struct MHD_Connection *c);
void exchange_ended(void *endpoint, struct MHD_Connection *c, void **context, enum MHD_RequestTerminationCode why);

/* ---- answering (answer.c) ------------------------------------------------------ */

/* Queues the ready answer of an exchange on its connection. */
enum MHD_Result answer_send(struct exchange *ex);
/* Compresses ex->out when the client takes it and it is worth it. Any thread that holds the exchange. */
void answer_compress(struct exchange *ex);
/* True when an Accept-Encoding header (or NULL) allows gzip. */
bool answer_takes_gzip(const char *accept_encoding);
/* True when the client already has what the tag names. */
bool answer_is_known(const struct exchange *ex, const char *etag);
/* gzip of `in`, appended; false when it failed. */
bool answer_gzip(struct str in, int level, struct buf *out);

/* ---- problem documents (problem.c) ----------------------------------------------- */

/* Appends the members of an RFC 9457 document, without the closing brace. */
void problem_open(const struct err *err, int status, enum lang lang, struct buf *out);
/* The language that an Accept-Language header asks for; zh-CN unless English is liked better. */
enum lang problem_language(const char *accept_language);
/* The weight (0–1000) that a list header gives to its first item starting with `name`; -1 when it has none. */
int problem_weight(const char *list, const char *name);
/* For statuses from 500 on: leaves a reference in the place of the cause, which is logged under it when `tell`. */
void problem_hide_cause(struct err *err, bool tell);

extern const struct err_kind ERR_METHOD, ERR_HEADER_NEEDED, ERR_CROSS_SITE, ERR_PARAMS, ERR_LISTEN;

/* ---- handlers ------------------------------------------------------------------- */

void events_post(struct exchange *ex);
void session_post(struct exchange *ex);
void session_get(struct exchange *ex);
void session_delete(struct exchange *ex);
/* Finds ex->who by Bearer token, or cookie with its header; -1 with ex->err. */
int session_authenticate(struct exchange *ex);
/* The next waiting sign-in, when one may run. */
void session_next(struct http *h);
void views_get(struct exchange *ex);
void stream_get(struct exchange *ex);
void static_get(struct exchange *ex);
bool feed_is(struct str path);
void feed_get(struct exchange *ex);
void describe_get_openapi(struct exchange *ex);
void describe_get_catalogue(struct exchange *ex);
void health_get(struct exchange *ex);
void ready_get(struct exchange *ex);
void metrics_get(struct exchange *ex);

/* ---- the server (listener.c) ------------------------------------------------------- */

/* What a connection is doing, for the deadlines. */
enum phase { PHASE_FREE, PHASE_FIRST, PHASE_IDLE, PHASE_HEADERS, PHASE_BODY, PHASE_WORK, PHASE_ANSWER, PHASE_STREAM };

#define SLOT_NONE      UINT32_MAX
#define HTTP_NOTES_MAX 4096 /* as many as the app keeps */

struct slot {
	int64_t since; /* ms of http->now */
	size_t bytes;  /* that came or go in this phase */
	int fd;
	enum phase phase;
	bool params_cut; /* of the request being read */
	uint32_t next_free;
};

/* One listener: what libmicrohttpd's callbacks get. */
struct endpoint {
	struct http *http;
	bool inside; /* the metrics listener */
};

/* A document made once at the start. */
struct document {
	struct buf plain, gzip;
	char etag[24];
};

struct counters {
	int64_t by_status[600];
	int64_t dropped;  /* deadlines broken */
	int64_t hung_up;  /* gone before their turn */
	int64_t over;     /* refused for want of room: bodies, queues */
	int64_t accepted; /* connections */
	int64_t us_sum, count;
	int64_t resets;             /* live pages told to read anew */
	int64_t clocks, clocks_off; /* requests that carried the client's clock; those more than 2 minutes off */
};

/* What all live pages share: the latest notes, fetched once a turn. */
struct live_view {
	int64_t upto;     /* this turn tells records up to this seq */
	uint64_t turn;    /* its number */
	int64_t next;     /* ms: no turn for news before */
	int64_t look;     /* ms: no later than this */
	uint64_t fetched; /* the turn that `notes` are of; they begin after `from` */
	int64_t from;
	size_t n;
	struct note notes[HTTP_NOTES_MAX];
};

struct http {
	struct app *app;
	bool tls, log_requests;
	struct MHD_Daemon *daemon, *metrics;
	struct endpoint outside, inside;
	bool starting;
	char said[160]; /* by libmicrohttpd while it starts */
	int port;
	int epoll, wake; /* `wake`: an eventfd, written by exchange_complete and http_stop */
	atomic_bool stopping;
	bool draining;
	int64_t now; /* ms, monotonic, once a turn of the loop */
	int64_t drain_until;

	struct slot *slots; /* `limit` of them */
	size_t limit, slots_used, connections, peak;
	uint32_t free_slot; /* or SLOT_NONE */

	_Atomic(struct exchange *) completed; /* newest first */
	struct exchange *spare;
	size_t n_spare, open, suspended, bodies, answers;

	struct exchange *sign_ins, **sign_ins_end; /* waiting */
	size_t n_sign_ins;
	bool signing_in;

	struct stream *streams;
	size_t n_streams;
	atomic_bool streaming, news; /* there are some; something was recorded since the last turn */
	struct live_view live;

	int64_t told_second; /* of `now`, when `told` failures were logged */
	int told;

	struct document openapi, catalogue;
	struct counters counters;
};

void listener_connection(void *endpoint, struct MHD_Connection *c, void **context,
			 enum MHD_ConnectionNotificationCode what);
void listener_phase(struct http *h, struct slot *s, enum phase phase);
/* Takes what other threads have completed, in their order, and resumes it. */
void exchange_take_completed(struct http *h);
/* Live pages (stream.c). */
void streams_start(struct http *h);
void streams_end(struct http *h);  /* all of them, at once */
void streams_turn(struct http *h); /* once a turn of the loop */
/* How long the loop may wait, `most` milliseconds at most. */
int streams_wait(const struct http *h, int most);
struct MHD_Response *stream_response(struct exchange *ex);
void stream_close(struct exchange *ex);
/* The descriptions, made once. */
int describe_create(struct http *h, struct err *err);
void describe_destroy(struct http *h);

#endif
