/* POST /api/v1/events, the one write: decoded here on the network thread,
 * recorded by the application's writer, answered when durable. */
#include <stdlib.h>

#include "http/server.h"

#define CLOCK_OFF_MS (2LL * 60 * 1000)

/* Atomic and refused: a problem document that carries the results too. */
static void answer_conflict(struct exchange *ex)
{
	struct submission *s = ex->submission;
	_cleanup_(buf_finish) struct buf results = { 0 };

	submission_write(s, ex->lang, &results);
	/* The cause is the one refusal that does not just follow from another. */
	for (size_t i = 0; i < s->n; i++) {
		const struct err_kind *kind = s->results[i].err.kind;

		if (kind && (!ex->err.kind || strcmp(kind->code, "atomic_rolled_back")))
			ex->err = s->results[i].err;
		if (kind && strcmp(kind->code, "atomic_rolled_back"))
			break;
	}
	if (!ex->err.kind || results.failed || results.len < 2) {
		exchange_refuse_as(ex, results.failed ? &ERR_NO_MEMORY : &ERR_BUSY);
		return;
	}
	problem_open(&ex->err, 409, ex->lang, &ex->out);
	buf_char(&ex->out, ',');
	buf_add(&ex->out, results.ptr + 1, results.len - 1);
	exchange_answer(ex, 409, "application/problem+json", ANSWER_CACHE_NO);
}

static void events_finish(struct exchange *ex)
{
	struct submission *s = ex->submission;

	if (s->failed && s->failure.kind) {
		ex->err = s->failure;
		exchange_refuse(ex);
	} else if (s->failed) {
		answer_conflict(ex);
	} else {
		submission_write(s, ex->lang, &ex->out);
		exchange_answer(ex, 200, "application/json", 0);
	}
}

/* On the writer's thread. */
static void events_done(struct submission *s)
{
	exchange_complete(s->ctx);
}

static void events_busy(struct exchange *ex)
{
	exchange_refuse_as(ex, &ERR_BUSY);
}

/* Phones send their clock along. How far it is ahead of ours when that is more than the way of a request explains; a
 * fleet of wrong clocks shows in the counters. */
static int64_t clock_skew(struct exchange *ex)
{
	const char *text = exchange_header(ex, "X-Lianfang-Clock");
	int64_t theirs;

	if (!text || !time_parse(str_of(text), &theirs))
		return 0;
	ex->http->counters.clocks++;
	theirs -= clock_now();
	if (llabs(theirs) <= CLOCK_OFF_MS)
		return 0;
	ex->http->counters.clocks_off++;
	return theirs;
}

void events_post(struct exchange *ex)
{
	struct submission *s;

	int64_t skew = clock_skew(ex);

	if (!ex->submission) /* else an earlier request's: decoding empties it and keeps its first block of memory */
		ex->submission = submission_create(HTTP_ARENA_MAX);
	s = ex->submission;
	if (!s) {
		exchange_refuse_as(ex, &ERR_NO_MEMORY);
		return;
	}
	if (submission_decode(s, buf_view(&ex->body), skew, &ex->err) < 0) {
		exchange_refuse(ex);
		return;
	}
	s->who = ex->who;
	s->done = events_done;
	s->ctx = ex;
	ex->finish = events_finish;
	exchange_suspend(ex);
	if (!app_submit(ex->http->app, s)) {
		ex->finish = events_busy;
		exchange_complete(ex);
	}
}
