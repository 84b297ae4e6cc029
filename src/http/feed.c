/* GET /feed/TOKEN.ics: a person's shifts for a calendar program, which can't
 * sign in. The token is the address; a wrong one is no page at all. */
#include "domain/duty/duty.h"
#include "http/server.h"

#define FEED_HEAD "/feed/"
#define FEED_TAIL ".ics"

bool feed_is(struct str path)
{
	size_t head = sizeof FEED_HEAD - 1, tail = sizeof FEED_TAIL - 1;

	return path.len > head + tail && path.len <= head + tail + DUTY_TOKEN_MAX && str_starts(path, FEED_HEAD) &&
	       memcmp(path.ptr + path.len - tail, FEED_TAIL, tail) == 0;
}

/* On a reader's thread. */
static void feed_job(struct reader *r, void *ctx)
{
	static const struct principal nobody = { 0 };
	struct exchange *ex = ctx;
	size_t head = sizeof FEED_HEAD - 1, tail = sizeof FEED_TAIL - 1;
	struct str token = { ex->path.ptr + head, ex->path.len - head - tail };

	ex->abandoned = exchange_left(ex);
	if (!ex->abandoned && reader_begin(r, &ex->err) == 0) {
		duty_feed(reader_work(r, &nobody, ex->lang), token, &ex->out, &ex->err);
		reader_end(r);
		if (!ex->err.kind && ex->out.failed)
			err_kind_set(&ex->err, &ERR_NO_MEMORY);
	}
	exchange_complete(ex);
}

static void feed_finish(struct exchange *ex)
{
	if (ex->abandoned)
		return;
	if (ex->err.kind) {
		buf_clear(&ex->out);
		exchange_refuse(ex);
	} else {
		exchange_answer(ex, 200, "text/calendar; charset=utf-8", ANSWER_CACHE_NO);
	}
}

void feed_get(struct exchange *ex)
{
	if (ex->http->answers > HTTP_ANSWERS_MAX) {
		exchange_refuse_as(ex, &ERR_BUSY);
		return;
	}
	ex->finish = feed_finish;
	exchange_suspend(ex);
	if (!app_read(ex->http->app, feed_job, ex)) {
		err_kind_set(&ex->err, &ERR_BUSY);
		exchange_complete(ex);
	}
}
