/* The server's end of the local socket: listening and conversations. Each conversation has its thread; the writer's
 * thread pulls a bulk's events out of the socket itself, so a peer must not stall. */
#include "app/control.h"
#include "app/courier.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

static const struct err_kind ERR_STOPPING = {
	"server_stopping", 503, "服务正在停止，未完成的部分没有记录；请重新启动服务后再试",
	"The server is stopping; what was not finished is not recorded: start it and try again"
};

struct control {
	struct app *app;
	int listener, folder;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t gone;
	bool stopping;
	int fds[CONTROL_PEERS_MAX]; /* of the conversations going on, or -1 */
	int peers;
};

struct peer {
	struct control *control;
	struct control_lines lines;
	struct arena arena; /* of one request */
	int slot;
};

/* `write` fills one answer's members. */
static int answer(struct peer *p, void (*write)(struct json_writer *w, const void *ctx), const void *ctx,
		  struct err *err)
{
	_cleanup_(buf_finish) struct buf out = { 0 };
	struct json_writer w;

	json_write_init(&w, &out);
	json_open(&w, '{');
	write(&w, ctx);
	json_close(&w, '}');
	buf_char(&out, '\n');
	if (out.failed)
		return err_kind_set(err, &ERR_NO_MEMORY);
	return control_send(p->lines.fd, buf_view(&out), CONTROL_STALL_MS, err);
}

static void write_ok(struct json_writer *w, const void *ctx)
{
	(void)ctx;
	json_key(w, "ok");
	json_put_bool(w, true);
}

static void write_error(struct json_writer *w, const void *ctx)
{
	json_key(w, "error");
	control_write_err(w, ctx);
}

struct refusal {
	size_t index;
	const struct err *why;
};

static void write_refusal(struct json_writer *w, const void *ctx)
{
	const struct refusal *r = ctx;

	json_key(w, "refused");
	json_put_i64(w, (int64_t)r->index);
	write_error(w, r->why);
}

static void write_counts(struct json_writer *w, const void *ctx)
{
	const struct bulk *b = ctx;

	json_key(w, "recorded");
	json_put_i64(w, b->recorded);
	json_key(w, "duplicates");
	json_put_i64(w, b->duplicates);
	json_key(w, "failed");
	json_put_i64(w, b->failed);
}

struct request {
	struct str op, name, password, url, secret, kinds;
	struct uuid person, message;
	place_t place;
	bool atomic, dry_run, disabled;
};

static int read_flag(struct json_reader *r, struct str name, struct request *q)
{
	bool *flag = str_is(name, "atomic")     ? &q->atomic
		     : str_is(name, "dry_run")  ? &q->dry_run
		     : str_is(name, "disabled") ? &q->disabled
						: NULL;

	return flag ? json_bool(r, flag) : -1;
}

static bool read_text(struct str name, struct str s, struct request *q)
{
	struct str *text = str_is(name, "op")         ? &q->op
			   : str_is(name, "name")     ? &q->name
			   : str_is(name, "password") ? &q->password
			   : str_is(name, "url")      ? &q->url
			   : str_is(name, "secret")   ? &q->secret
			   : str_is(name, "kinds")    ? &q->kinds
						      : NULL;

	if (text) {
		*text = s;
		return true;
	}
	if (str_is(name, "place"))
		return place_parse(s, &q->place);
	return str_is(name, "message") ? uuid_parse(s, &q->message)
				       : str_is(name, "person") && uuid_parse(s, &q->person);
}

static int read_request(struct peer *p, struct str line, struct request *ret, struct err *err)
{
	struct request q = { .place = FIELD_ABSENT };
	struct json_reader r;
	struct str name, s;
	int more;

	json_read_init(&r, line, &p->arena);
	if (json_object_begin(&r) < 0)
		return json_fail(&r, err);
	while ((more = json_member(&r, &name)) == 1) {
		if (json_peek(&r) != JSON_STRING) {
			if (read_flag(&r, name, &q) < 0)
				return r.failed ? json_fail(&r, err)
						: err_fmt(err, &ERR_MALFORMED, "%.*s", STR_ARG(name));
			continue;
		}
		if (json_string(&r, &s) < 0)
			return json_fail(&r, err);
		if (!read_text(name, s, &q))
			return err_fmt(err, &ERR_MALFORMED, "%.*s", STR_ARG(name));
	}
	if (more < 0 || json_end(&r) < 0)
		return json_fail(&r, err);
	*ret = q;
	return 0;
}

/* ---- a bulk ---------------------------------------------------------------------------------------------- */

struct stream {
	struct peer *peer;
	struct bulk bulk;
	bool ended;      /* {} has come */
	bool lost;       /* the peer can't be answered any more */
	size_t line;     /* events' lines so far */
	size_t handed;   /* events handed on before this batch */
	size_t *line_of; /* of each event of this batch */
	size_t line_of_max;
};

static int tell_refused(struct stream *s, size_t line, const struct err *why)
{
	struct refusal r = { line, why };
	struct err ignored = { 0 };

	if (answer(s->peer, write_refusal, &r, &ignored) == 0)
		return 0;
	s->lost = true;
	return -1;
}

/* Decodes one line; 1 an event, 0 refused by its table (and told), -1. */
static int take_event(struct stream *s, struct str line, struct arena *arena, struct event *ret, struct err *err)
{
	struct err why = { 0 };
	struct json_reader r;
	struct str own = arena_str(arena, line);
	size_t number = s->line++;

	if (!own.ptr)
		return err_kind_set(err, &ERR_NO_MEMORY);
	json_read_init(&r, own, arena);
	if (event_decode(&r, registry_form, ret, &why) == 0 && json_end(&r) == 0)
		return 1;
	if (r.failed)
		return json_fail(&r, err);
	s->bulk.failed++;
	return tell_refused(s, number, &why);
}

static int stream_broken(struct stream *s, struct err *err)
{
	struct control *c = s->peer->control;
	bool stopping;

	pthread_mutex_lock(&c->lock);
	stopping = c->stopping;
	pthread_mutex_unlock(&c->lock);
	return err_kind_set(err, stopping ? &ERR_STOPPING : &ERR_CONTROL_STALLED);
}

static int stream_next(void *ctx, struct arena *arena, struct event *events, size_t max, struct err *err)
{
	struct stream *s = ctx;
	size_t bytes = 0, n = 0;
	struct str line;
	int r;

	s->handed += s->line_of_max;
	s->line_of_max = 0;
	s->line_of = arena_alloc(arena, max * sizeof(*s->line_of));
	if (!s->line_of)
		return err_kind_set(err, &ERR_NO_MEMORY);
	while (n < max && bytes < CONTROL_BATCH_MAX && !s->ended) {
		r = control_line(&s->peer->lines, CONTROL_STALL_MS, &line, err);
		if (r <= 0)
			return r < 0 ? -1 : stream_broken(s, err);
		if (str_is(line, "{}")) {
			s->ended = true;
			break;
		}
		s->line_of[n] = s->line;
		bytes += line.len;
		r = take_event(s, line, arena, &events[n], err);
		if (r < 0)
			return err->kind ? -1 : err_kind_set(err, &ERR_CONTROL_STALLED);
		n += (size_t)r;
	}
	s->line_of_max = n;
	/* 0 would end the stream though only refused lines were met. */
	return n || s->ended ? (int)n : stream_next(ctx, arena, events, max, err);
}

static int stream_refused(void *ctx, size_t index, const struct event *ev, const struct err *why)
{
	struct stream *s = ctx;

	(void)ev;
	assert(index >= s->handed && index - s->handed < s->line_of_max);
	return tell_refused(s, s->line_of[index - s->handed], why);
}

static int serve_bulk(struct peer *p, const struct request *q, struct err *err)
{
	struct stream s = { .peer = p };
	struct err why = { 0 };

	s.bulk = (struct bulk){ .who = principal_system(),
				.atomic = q->atomic,
				.dry_run = q->dry_run,
				.next = stream_next,
				.refused = stream_refused,
				.ctx = &s };
	if (app_bulk(p->control->app, &s.bulk, &why) == 0)
		return answer(p, write_counts, &s.bulk, err);
	log_warn("event=control_bulk error=%s", why.kind ? why.kind->code : "?");
	if (!s.lost)
		answer(p, write_error, &why, err);
	/* What is left of the stream can't be told from requests. */
	return err->kind ? -1 : err_kind_set(err, &ERR_CONTROL_STALLED);
}

/* ---- requests ------------------------------------------------------------------------------------------------ */

/* Changes to accounts and channels: 0 done, -1, 1 it is another request. */
static int serve_change(struct app *a, const struct request *q, struct err *why)
{
	const struct channel c = { q->name, q->url, q->secret, q->kinds, q->place, false, 0 };

	if (str_is(q->op, "account_add"))
		return account_add(a, q->name, q->password, &q->person, why);
	if (str_is(q->op, "account_disable"))
		return account_disable(a, q->name, q->disabled, why);
	if (str_is(q->op, "channel_add"))
		return channel_add(a, &c, why);
	if (str_is(q->op, "channel_disable"))
		return channel_disable(a, q->name, q->disabled, why);
	if (str_is(q->op, "channel_test"))
		return channel_test(a, q->name, why);
	return str_is(q->op, "outbox_retry") ? outbox_retry(a, &q->message, why) : 1;
}

static int serve_request(struct peer *p, struct str line, struct err *err)
{
	struct app *a = p->control->app;
	struct request q = { 0 };
	struct err why = { 0 };
	int r;

	if (read_request(p, line, &q, &why) < 0)
		r = -1;
	else if (str_is(q.op, "bulk"))
		return serve_bulk(p, &q, err);
	else if (str_is(q.op, "ping"))
		r = 0;
	else if ((r = serve_change(a, &q, &why)) == 1)
		r = err_fmt(&why, &ERR_MALFORMED, "op %.*s", STR_ARG(q.op));
	return r < 0 ? answer(p, write_error, &why, err) : answer(p, write_ok, NULL, err);
}

static void peer_leave(struct peer *p)
{
	struct control *c = p->control;

	pthread_mutex_lock(&c->lock);
	close(c->fds[p->slot]);
	c->fds[p->slot] = -1;
	c->peers--;
	pthread_cond_signal(&c->gone);
	pthread_mutex_unlock(&c->lock);
	/* It may hold passwords and personal data. */
	if (p->lines.in.ptr)
		sodium_memzero(p->lines.in.ptr, p->lines.in.cap);
	control_lines_finish(&p->lines);
	arena_finish(&p->arena);
	free(p);
}

static void *peer_main(void *arg)
{
	struct peer *p = arg;
	struct err err = { 0 };
	struct str line;

	while (control_line(&p->lines, -1, &line, &err) == 1) {
		arena_reset(&p->arena);
		if (serve_request(p, line, &err) < 0)
			break;
	}
	if (err.kind)
		log_debug("event=control_peer error=%s", err.kind->code);
	peer_leave(p);
	return NULL;
}

static bool peer_is_ours(int fd)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 && (who.uid == geteuid() || who.uid == 0);
}

/* Starts a conversation; false: not with this one. */
static bool welcome(struct control *c, int fd)
{
	struct peer *p = peer_is_ours(fd) ? calloc(1, sizeof(*p)) : NULL;
	pthread_t thread;

	if (!p)
		return false;
	*p = (struct peer){ .control = c, .slot = -1 };
	control_lines_init(&p->lines, fd);
	arena_init(&p->arena, CONTROL_LINE_MAX * 2);
	pthread_mutex_lock(&c->lock);
	for (int i = 0; i < CONTROL_PEERS_MAX && p->slot < 0 && !c->stopping; i++)
		if (c->fds[i] < 0)
			p->slot = i;
	if (p->slot >= 0 && pthread_create(&thread, NULL, peer_main, p) == 0) {
		pthread_detach(thread);
		c->fds[p->slot] = fd;
		c->peers++;
		p = NULL;
	}
	pthread_mutex_unlock(&c->lock);
	if (!p)
		return true;
	arena_finish(&p->arena);
	free(p);
	return false;
}

static void *control_main(void *arg)
{
	struct control *c = arg;

	for (;;) {
		int fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0 && errno == EINVAL)
			return NULL; /* shut down */
		if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS))
			poll(NULL, 0, 100);
		if (fd >= 0 && !welcome(c, fd))
			close(fd);
	}
}

/* The mode is set before the name appears. */
static int bind_listener(struct control *c, const char *url, struct err *err)
{
	struct sockaddr_un addr;

	if (control_address(url, app_store_id(c->app), true, &addr, &c->folder, err) < 0)
		return -1;
	c->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->listener < 0)
		return err_fmt(err, &ERR_CONTROL_PEER, "%s", strerrordesc_np(errno));
	unlink(addr.sun_path); /* of a server that was killed: the store's lock is ours */
	if (fchmod(c->listener, 0600) < 0 || bind(c->listener, (const struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    listen(c->listener, CONTROL_PEERS_MAX) < 0)
		return err_fmt(err, &ERR_FILE, "%s-socket: %s", url, strerrordesc_np(errno));
	memcpy(c->path, addr.sun_path, sizeof(c->path));
	return 0;
}

static void control_free(struct control *c)
{
	if (*c->path)
		unlink(c->path);
	if (c->listener >= 0)
		close(c->listener);
	if (c->folder >= 0)
		close(c->folder);
	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->gone);
	free(c);
}

int control_start(struct app *a, const char *url, struct control **ret, struct err *err)
{
	struct control *c = calloc(1, sizeof(*c));

	if (!c)
		return err_kind_set(err, &ERR_NO_MEMORY);
	c->app = a;
	c->listener = c->folder = -1;
	for (int i = 0; i < CONTROL_PEERS_MAX; i++)
		c->fds[i] = -1;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->gone, NULL);
	if (bind_listener(c, url, err) < 0) {
		control_free(c);
		return -1;
	}
	if (pthread_create(&c->thread, NULL, control_main, c)) {
		control_free(c);
		return err_fmt(err, &ERR_INTERNAL, "the control thread could not start");
	}
	*ret = c;
	return 0;
}

void control_stop(struct control *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->stopping = true;
	for (int i = 0; i < CONTROL_PEERS_MAX; i++)
		if (c->fds[i] >= 0)
			shutdown(c->fds[i], SHUT_RD); /* answers still go out */
	shutdown(c->listener, SHUT_RDWR);
	while (c->peers)
		pthread_cond_wait(&c->gone, &c->lock);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	control_free(c);
}
