/* A command's store: opened in process, or reached through the server that
 * holds it. Decided once, here; the commands do not see the difference. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/client.h"
#include "cli/open.h"

#define PATIENCE_MS 3000 /* for a server that is starting, or another command about to end */
#define PAUSE_MS    50

static const struct err_kind ERR_NO_STORE = { "store_missing", 404, "没有数据库 {0}：请先用 init 新建，或用 --db 指明",
					      "There is no store {0}: make one with init, or name it with --db" };
static const struct err_kind ERR_SERVED = { "store_served", 409, "{0} 正在提供服务：请先停止服务再试",
					    "{0} is being served: stop the server first" };
static const struct err_kind ERR_INTERRUPTED = { "interrupted", 499, "已中断；未完成的部分没有记录",
						 "Interrupted; what was not finished is not recorded" };

/* ---- interruption ------------------------------------------------------------------ */

static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
	interrupted = sig;
}

void cli_watch_signals(void)
{
	const struct sigaction act = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND };

	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
}

/* ---- opening --------------------------------------------------------------------------- */

bool cli_is_postgres(const char *url)
{
	return strncmp(url, "postgresql://", 13) == 0 || strncmp(url, "postgres://", 11) == 0;
}

/* The url without its password, fit for messages. */
static const char *show_db(char *out, size_t size)
{
	const char *url = cli_db(), *at = strrchr(url, '@'), *colon;

	snprintf(out, size, "%s", url);
	if (!cli_is_postgres(url) || !at)
		return out;
	colon = memchr(url + 13, ':', (size_t)(at - url - 13));
	if (colon)
		snprintf(out, size, "%.*s%s", (int)(colon - url), url, at);
	return out;
}

static int open_app(struct cli_store *s, bool read_only, struct err *err)
{
	const struct app_options o = { .url = cli_db(), .keys_file = cli_option("keys"), .read_only = read_only };

	if (!cli_is_postgres(o.url) && access(o.url, F_OK) < 0 && errno == ENOENT)
		return err_fmt(err, &ERR_NO_STORE, "%s", o.url);
	return app_open(&o, &s->app, err);
}

/* 0 opened, 1 somebody holds the store and can't be reached just now, -1. */
static int try_write(struct cli_store *s, struct err *err)
{
	if (!store_is_served(cli_db())) {
		if (open_app(s, false, err) == 0)
			return 0;
		return err->kind == &ERR_STORE_LOCKED ? 1 : -1;
	}
	if (!s->app && open_app(s, true, err) < 0)
		return -1;
	if (client_create(cli_db(), app_store_id(s->app), &s->server, err) == 0)
		return 0;
	if (err->kind != &ERR_BUSY)
		return -1;
	app_close(s->app);
	s->app = NULL;
	return 1;
}

static int open_write(struct cli_store *s, struct err *err)
{
	char shown[256];
	int r = 1;

	for (int waited = 0; r == 1 && waited <= PATIENCE_MS; waited += PAUSE_MS) {
		if (waited)
			usleep(PAUSE_MS * 1000);
		*err = (struct err){ 0 };
		r = try_write(s, err);
	}
	return r == 1 ? err_fmt(err, &ERR_STORE_LOCKED, "%s", show_db(shown, sizeof(shown))) : r;
}

static int open_alone(struct cli_store *s, struct err *err)
{
	struct err ignored = { 0 };
	char shown[256];

	if (open_app(s, false, err) == 0)
		return 0;
	/* Whether that is a server or another command tells what to do about it. */
	if (err->kind == &ERR_STORE_LOCKED && open_app(s, true, &ignored) == 0 &&
	    client_create(cli_db(), app_store_id(s->app), &s->server, &ignored) == 0)
		err_fmt(err, &ERR_SERVED, "%s", show_db(shown, sizeof(shown)));
	return -1;
}

int cli_open(struct cli_store *s, enum cli_mode mode, struct err *err)
{
	int r;

	*s = (struct cli_store){ 0 };
	r = mode == CLI_READ ? open_app(s, true, err) : mode == CLI_WRITE ? open_write(s, err) : open_alone(s, err);
	if (r < 0)
		cli_close(s);
	return r;
}

void cli_close(struct cli_store *s)
{
	client_destroy(s->server);
	if (s->made)
		cli_discard(s);
	else
		app_close(s->app);
	*s = (struct cli_store){ 0 };
}

/* ---- a stream of events --------------------------------------------------------------------- */

static int next_unless_interrupted(void *ctx, struct arena *arena, struct event *events, size_t max, struct err *err)
{
	struct bulk *b = ctx;

	if (interrupted)
		return err_kind_set(err, &ERR_INTERRUPTED);
	return b->next(b->ctx, arena, events, max, err);
}

static int refused_further(void *ctx, size_t index, const struct event *ev, const struct err *why)
{
	struct bulk *b = ctx;

	return b->refused ? b->refused(b->ctx, index, ev, why) : 0;
}

int cli_bulk(const struct cli_store *s, struct bulk *b, struct err *err)
{
	struct bulk own = { .who = b->who,
			    .atomic = b->atomic,
			    .dry_run = b->dry_run,
			    .next = next_unless_interrupted,
			    .refused = refused_further,
			    .ctx = b };
	int r;

	cli_watch_signals();
	r = s->server ? client_bulk(s->server, &own, err) : app_bulk(s->app, &own, err);
	b->recorded = own.recorded;
	b->duplicates = own.duplicates;
	b->failed = own.failed;
	return r;
}
