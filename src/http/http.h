/* The HTTP server: one network thread on one epoll loop over libmicrohttpd,
 * answering from the application. All bounds on what comes from the network
 * stand here. */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include <stddef.h>
#include <stdint.h>

#include "app/app.h"

/* ---- bounds ------------------------------------------------------------- */

#define HTTP_CONNECTIONS_MAX 16000 /* at once; further ones wait in the kernel's backlog */
#define HTTP_DESCRIPTORS     256   /* kept for the store, logs and the rest when the limit on files is low */
#define HTTP_HEADER_MEMORY   ((size_t)8 << 10) /* a connection: request line, headers and part of a body */
#define HTTP_BODY_MAX        ((size_t)4 << 20)
#define HTTP_BODY_SIGN_IN    ((size_t)4 << 10)
#define HTTP_BODIES_MAX      ((size_t)32 << 20) /* all bodies being received or worked on; beyond: 503 */
#define HTTP_DISCARD_MAX     ((size_t)32 << 20) /* read and thrown away so that a refusal can be delivered */
#define HTTP_ANSWER_MAX      ((size_t)16 << 20)
#define HTTP_ANSWERS_MAX     ((size_t)64 << 20) /* all answers waiting to be read; beyond: 503 to further views */
#define HTTP_ARENA_MAX       ((size_t)16 << 20) /* a submission, decoded */
#define HTTP_PARAMS_MAX      16                 /* of a query string */
#define HTTP_SIGN_INS_MAX    32                 /* waiting for their turn at the password check */
#define HTTP_SPARE_EXCHANGES 1024               /* kept for reuse */
#define HTTP_STREAMS_MAX     512                /* live pages; beyond: 503 */
#define HTTP_STREAMS_OWN     4                  /* of one session; beyond: 429 */
#define HTTP_STREAM_BUFFER   (32 << 10)         /* bytes that the kernel may hold for one */
#define HTTP_STREAM_MOST     100                /* records told a turn; beyond: read anew */

/* Milliseconds. A connection that breaks one is closed. */
#define HTTP_IDLE_MS    75000 /* kept alive, no byte */
#define HTTP_FIRST_MS   60000 /* from accepting to the first complete request line */
#define HTTP_PRESSED_MS 5000  /* either, when seven eighths of the connections are taken */
#define HTTP_HEADERS_MS 15000 /* from the request line to the end of the headers */
#define HTTP_BODY_MS    20000 /* a body, plus one second for each HTTP_RATE_MIN bytes that came */
#define HTTP_ANSWER_MS  30000 /* an answer, plus one second for each HTTP_RATE_MIN bytes of it */
#define HTTP_RATE_MIN   8192
#define HTTP_DRAIN_MS   5000 /* at the end: for requests still on their way in */

/* Of live pages. */
#define HTTP_STREAM_TURN_MS  250   /* at least this between two turns of telling news */
#define HTTP_STREAM_LOOK_MS  500   /* sessions and hang-ups are looked at this often */
#define HTTP_STREAM_QUIET_MS 20000 /* after so long a silence a line without meaning */

/* ---- the server ----------------------------------------------------------- */

struct http;

struct http_options {
	const char *listen;   /* "127.0.0.1:8080", "[::1]:8080", ":8080"; port 0: any free one */
	const char *metrics;  /* HOST:PORT for /metrics alone, unauthenticated; NULL: on `listen`, signed in */
	const char *tls_cert; /* PEM files, both or neither */
	const char *tls_key;
	bool log_requests; /* one line a request: method, path, status, time; never query strings or bodies */
};

/* Opens the sockets and describes the application. It must be started (app_start). */
int http_create(struct app *app, const struct http_options *o, struct http **ret, struct err *err);
/* The port that `listen` got. */
int http_port(const struct http *h);
/* Serves on the calling thread until http_stop; then takes no new connections, answers what has come in, and
 * returns 0. -1: the loop itself failed. */
int http_run(struct http *h, struct err *err);
/* From any thread, or a signal handler. */
void http_stop(struct http *h);
void http_destroy(struct http *h); /* before app_close */

#endif
