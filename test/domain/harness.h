/* The rig of this folder's tests: a fresh store with its app on SQLite or
 * PostgreSQL, an injected clock, events written short, and what to ask of it.
 *
 * An event is one line:  [#name] TYPE AT PLACE {data}
 *   #name   gives the event's id a name; else it is made
 *   AT      "02-03T10:00" (of 2020, the county's zone, seconds optional) or "now"
 *   PLACE   a code, an alias (C T1 T2 V1 V2 V3 G1 G2), @name of a site, or - for none
 *   data    JSON with bare keys and 'single' quotes; @name stands for an id made from the name
 * Aliases and @names stand for the same in paths of views. */
#ifndef TEST_DOMAIN_HARNESS_H
#define TEST_DOMAIN_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/app.h"
#include "domain/figures/figures.h"

struct rig {
	struct app *app;
	struct reader *reader;
	char dir[64], url[256];
	place_t top;
};
extern struct rig rig;
extern bool rig_postgres; /* which store rig_open makes */
extern int64_t rig_now;   /* what the clock says */

#define RIG_COUNTY    "610927"
#define RIG_DIVISIONS "data/zhenping/divisions-2019.csv"

/* `divisions` NULL: none are loaded. They hold from 2020-01-01. */
void rig_open(const char *top, const char *divisions);
void rig_reopen(void); /* as after a restart */
void rig_close(void);
/* All tests of a file on SQLite, then on PostgreSQL where LIANFANG_TEST_PG names a server. */
int rig_run(const char *suite, const struct CMUnitTest *tests, size_t n);

/* The file under the source folder; meson tells where that is. */
const char *rig_source(const char *path);
int64_t rig_time(const char *text);
int64_t rig_day(const char *text); /* "02-03" or "2020-02-03" */
place_t rig_place(const char *text);
struct uuid rig_id(const char *name);
/* Writes one event line as JSON. */
void rig_event(const char *line, struct buf *out);
/* Aliases and @names replaced, nothing quoted. */
void rig_expand(const char *text, struct buf *out);

/* ---- recording ---- */

struct outcome {
	enum result_status status;
	char code[64], field[96], text[200];
	int64_t seq;
	char warnings[WARNINGS_MAX][64]; /* their codes */
	size_t n_warnings;
};

/* By how many ms the sender's clock is ahead, as the server found it, in what is submitted from here on; rig_open
 * sets it right. An event's AT is what that clock said. */
extern int64_t rig_skew;

/* The events of `lines`, as one request. */
void rig_submit(const struct principal *who, const char *const *lines, size_t n, bool atomic, struct outcome *out);
struct outcome rig_record(const struct principal *who, const char *line);

void rig_accept_at(const char *line, const char *file, int at);
void rig_refuse_at(const struct principal *who, const char *code, const char *line, const char *file, int at);
/* By the local operator. */
#define accept_event(line)         rig_accept_at(line, __FILE__, __LINE__)
#define expect_refused(code, line) rig_refuse_at(principal_system(), code, line, __FILE__, __LINE__)
#define refuse_as(who, code, line) rig_refuse_at(who, code, line, __FILE__, __LINE__)

/* A principal with grants "officer@T1,grid@V1"; alive until the program ends. */
const struct principal *rig_principal(const char *account, const char *grants, const char *person);

/* ---- asking ---- */

/* "households" at a place up to the end of a day; what is counted by incident, of the latest that is no drill. */
int64_t rig_figure(const char *name, const char *place, const char *day);
/* Runs a view ("/api/v1/figures?place=V1&as_of=…"); returns its JSON (valid until the next call), or NULL with the
 * refusal's code in `ret_code`. */
const char *rig_view(const struct principal *who, const char *path, char ret_code[64]);
int64_t rig_size(void); /* records in the ledger */
/* What came true by time alone in (after, upto]: every module's messages go to the outbox. */
void rig_lapse(int64_t after, int64_t upto);
/* Messages of a kind in the outbox, sent or not. */
int64_t rig_messages(const char *kind);
/* app_verify must say 0; then rebuild and verify again. */
void rig_sound_at(const char *file, int line);
#define assert_sound() rig_sound_at(__FILE__, __LINE__)
/* Rows of a table or of a query's count. */
int64_t rig_count(const char *table);

/* Fails with a formatted message at a place in the tests. */
void rig_fail(const char *file, int line, const char *fmt, ...) __attribute__((format(printf, 3, 4), noreturn));

#endif
