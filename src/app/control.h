/* The local socket of a served store, where commands on the same machine reach
 * the server that holds it: X.db-socket beside a SQLite store; for
 * PostgreSQL, in a runtime folder, named by the store's id (one database has many urls). One JSON text a line; only the
 * server's own user and root may speak. What comes goes the same ways as everything else: app_bulk, account_add,
 * account_disable, channels and the outbox.
 *
 *   {"op":"ping"}                                        → {"ok":true}
 *   {"op":"account_add","name":N,"password":P,"person"?} → {"ok":true} or {"error":E}
 *   {"op":"account_disable","name":N,"disabled":B}       → {"ok":true} or {"error":E}
 *   {"op":"channel_add","name":N,"url":U,"secret":S,"place"?,"kinds"?}, {"op":"channel_disable","name":N,"disabled":B},
 *   {"op":"channel_test","name":N}, {"op":"outbox_retry","message"?}: the same answers
 *   {"op":"bulk","atomic":B,"dry_run":B}, then a line an event, then {}
 *       → {"refused":INDEX,"error":E} … and last {"recorded":N,"duplicates":N,"failed":N} or {"error":E}
 *   E = {"code":…,"status":…,"zh":…,"en":…,"field":…,"args":[…]} */
#ifndef APP_CONTROL_H
#define APP_CONTROL_H

#include "app/app.h"

/* ---- bounds ------------------------------------------------------------------------- */

#define CONTROL_LINE_MAX  ((size_t)4 << 20)
#define CONTROL_BATCH_MAX ((size_t)4 << 20) /* bytes of lines taken at a time within a bulk */
#define CONTROL_PEERS_MAX 8                 /* at once; further ones are told to come again */
#define CONTROL_STALL_MS  10000             /* a peer that stops in the middle of a bulk, which holds up all writing */

/* ---- the server's end ------------------------------------------------------------------ */

struct control;

/* Starts listening for the store at `url`; the app must be started and hold the store, so an old socket is a dead one.
 */
int control_start(struct app *a, const char *url, struct control **ret, struct err *err);
/* Ends all conversations, a bulk by rolling it back; NULL is fine. Before app_close. */
void control_stop(struct control *c);

/* ---- both ends ---------------------------------------------------------------------------- */

struct sockaddr_un;
/* The socket's address by way of its folder's descriptor, which is the caller's to close after use: an address holds
 * 107 bytes, so only the name must fit. `make` makes the folder where the store has none. */
int control_address(const char *url, const struct uuid *store_id, bool make, struct sockaddr_un *ret, int *ret_folder,
		    struct err *err);
/* Connects to the server of a store, known by its url and its id. -1 with ERR_BUSY when nobody listens. */
int control_dial(const char *url, const struct uuid *store_id, int *ret_fd, struct err *err);

/* Lines from a socket. */
struct control_lines {
	int fd;
	struct buf in;
	size_t start; /* of what has not been taken yet */
	size_t seen;  /* bytes from `start` known to hold no line end */
};

void control_lines_init(struct control_lines *l, int fd);
void control_lines_finish(struct control_lines *l);
/* A line that has come already: 1, borrowed until the next call to any of these; 0 none. */
int control_line_ready(struct control_lines *l, struct str *ret);
/* Reads once what the socket has; 1, 0 at the end of the stream, -1. */
int control_lines_fill(struct control_lines *l, struct err *err);
/* The next line, waiting up to `ms` (-1: for ever). 1, 0 at the end of the stream, -1. */
int control_line(struct control_lines *l, int ms, struct str *ret, struct err *err);
/* Writes all of it, waiting up to `ms` at a time (-1: for ever). */
int control_send(int fd, struct str text, int ms, struct err *err);

void control_write_err(struct json_writer *w, const struct err *e);
/* Reads E. Its kind is made anew and kept for the life of the process: compare codes, not addresses. */
int control_read_err(struct json_reader *r, struct err *ret);

extern const struct err_kind ERR_CONTROL_PEER, ERR_CONTROL_STALLED;

#endif
