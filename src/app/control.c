/* The local socket: listening, conversations, and the wire forms that both
 * ends share. Each conversation has its thread; the writer's thread pulls a
 * bulk's events out of the socket itself, so a peer must not stall. */
#include "app/control.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

static const struct err_kind ERR_PEER = { "control_peer", 503, "与服务的本地连接出错：{0}", "The local connection to the server failed: {0}" };
static const struct err_kind ERR_STALLED = { "control_stalled", 408, "另一端停止发送，未完成的部分没有记录",
					     "The other end stopped sending; what was not finished is not recorded" };
static const struct err_kind ERR_STOPPING = { "server_stopping", 503, "服务正在停止，未完成的部分没有记录；请重新启动服务后再试",
					      "The server is stopping; what was not finished is not recorded: start it and try again" };

/* ---- the address ------------------------------------------------------------------------- */

static void closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* The folder and name of the socket. A store on PostgreSQL has no folder: its socket is named after the url's hash,
 * in a folder of the user's own. */
static int socket_place(const char *url, bool make, char folder[PATH_MAX], char name[NAME_MAX + 1], struct err *err)
{
	char real[PATH_MAX], *slash;

	if (strncmp(url, "postgresql://", 13) == 0 || strncmp(url, "postgres://", 11) == 0) {
		const char *runtime = getenv("XDG_RUNTIME_DIR");
		unsigned char hash[8];
		char hex[17];

		crypto_generichash(hash, sizeof(hash), (const unsigned char *)url, strlen(url), NULL, 0);
		sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
		if (runtime && *runtime)
			snprintf(folder, PATH_MAX, "%s", runtime);
		else
			snprintf(folder, PATH_MAX, geteuid() ? "/tmp/lianfang-%u" : "/run/lianfang", geteuid());
		struct stat st;

		if (make && mkdir(folder, 0700) < 0 && errno != EEXIST)
			return err_fmt(err, &ERR_FILE, "%s: %s", folder, strerrordesc_np(errno));
		/* In /tmp anybody could have made it first. */
		if (lstat(folder, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 022)
			return make ? err_fmt(err, &ERR_FILE, "%s: not a folder of this user's own", folder)
				    : err_kind_set(err, &ERR_BUSY);
		snprintf(name, NAME_MAX + 1, "lianfang-%s-socket", hex);
		return 0;
	}
	if (!realpath(url, real))
		return err_fmt(err, &ERR_FILE, "%s: %s", url, strerrordesc_np(errno));
	slash = strrchr(real, '/');
	if (snprintf(name, NAME_MAX + 1, "%s-socket", slash + 1) > NAME_MAX)
		return err_fmt(err, &ERR_FILE, "%s: %s", url, "too long");
	*slash = '\0';
	snprintf(folder, PATH_MAX, "%s", *real ? real : "/");
	return 0;
}

/* A socket's address holds 107 bytes; by way of the folder's descriptor only the name must fit. */
static int socket_address(const char *url, bool make, struct sockaddr_un *ret, int *ret_folder, struct err *err)
{
	char folder[PATH_MAX], name[NAME_MAX + 1];
	int fd;

	if (socket_place(url, make, folder, name, err) < 0)
		return -1;
	fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_fmt(err, &ERR_FILE, "%s: %s", folder, strerrordesc_np(errno));
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (snprintf(ret->sun_path, sizeof(ret->sun_path), "/proc/self/fd/%d/%s", fd, name) >= (int)sizeof(ret->sun_path)) {
		close(fd);
		return err_fmt(err, &ERR_FILE, "%s: the name is too long for a socket beside it", url);
	}
	*ret_folder = fd;
	return 0;
}

int control_dial(const char *url, int *ret_fd, struct err *err)
{
	_cleanup_(closep) int folder = -1;
	struct sockaddr_un addr;
	int fd;

	if (socket_address(url, false, &addr, &folder, err) < 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_fmt(err, &ERR_PEER, "%s", strerrordesc_np(errno));
	if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0) {
		int fault = errno;

		close(fd);
		if (fault == ENOENT || fault == ECONNREFUSED || fault == EAGAIN)
			return err_kind_set(err, &ERR_BUSY);
		return err_fmt(err, &ERR_PEER, "%s", strerrordesc_np(fault));
	}
	*ret_fd = fd;
	return 0;
}

/* ---- lines ------------------------------------------------------------------------------------ */

void control_lines_init(struct control_lines *l, int fd)
{
	*l = (struct control_lines){ .fd = fd, .in = { .max = CONTROL_LINE_MAX * 2 } };
}

void control_lines_finish(struct control_lines *l)
{
	buf_finish(&l->in);
}

int control_line_ready(struct control_lines *l, struct str *ret)
{
	size_t left = l->in.len - l->start;
	const char *p = l->in.ptr ? l->in.ptr + l->start : NULL;
	const char *end = left > l->seen ? memchr(p + l->seen, '\n', left - l->seen) : NULL;

	if (!end) {
		l->seen = left;
		return 0;
	}
	*ret = (struct str){ p, (size_t)(end - p) };
	l->start += ret->len + 1;
	l->seen = 0;
	return 1;
}

int control_lines_fill(struct control_lines *l, struct err *err)
{
	ssize_t n;

	if (l->start) {
		memmove(l->in.ptr, l->in.ptr + l->start, l->in.len - l->start);
		l->in.len -= l->start;
		l->start = 0;
	}
	if (l->in.len > CONTROL_LINE_MAX || !buf_reserve(&l->in, 65536))
		return err_fmt(err, &ERR_TOO_LARGE, "a line");
	do
		n = recv(l->fd, l->in.ptr + l->in.len, 65536, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == ECONNRESET)
		return 0;
	if (n < 0)
		return err_fmt(err, &ERR_PEER, "%s", strerrordesc_np(errno));
	l->in.len += (size_t)n;
	return n > 0;
}

static int wait_for(int fd, short what, int ms, struct err *err)
{
	struct pollfd p = { .fd = fd, .events = what };
	int n;

	do
		n = poll(&p, 1, ms);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return err_kind_set(err, &ERR_STALLED);
	return n < 0 ? err_fmt(err, &ERR_PEER, "%s", strerrordesc_np(errno)) : 0;
}

int control_line(struct control_lines *l, int ms, struct str *ret, struct err *err)
{
	int r;

	while (!control_line_ready(l, ret)) {
		if (wait_for(l->fd, POLLIN, ms, err) < 0)
			return -1;
		if ((r = control_lines_fill(l, err)) <= 0)
			return r;
	}
	return 1;
}

int control_send(int fd, struct str text, int ms, struct err *err)
{
	while (text.len) {
		ssize_t n = send(fd, text.ptr, text.len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			if (wait_for(fd, POLLOUT, ms, err) < 0)
				return -1;
			continue;
		}
		if (n < 0)
			return err_fmt(err, &ERR_PEER, "%s", strerrordesc_np(errno));
		text.ptr += n;
		text.len -= (size_t)n;
	}
	return 0;
}

/* ---- errors over the wire ------------------------------------------------------------------------- */

void control_write_err(struct json_writer *w, const struct err *e)
{
	json_open(w, '{');
	json_key(w, "code");
	json_put_cstr(w, e->kind->code);
	json_key(w, "status");
	json_put_i64(w, e->kind->status);
	json_key(w, "zh");
	json_put_cstr(w, e->kind->zh);
	json_key(w, "en");
	json_put_cstr(w, e->kind->en);
	json_key(w, "field");
	json_put_cstr(w, e->field);
	json_key(w, "args");
	json_open(w, '[');
	for (int i = 0; i < ERR_ARGS; i++)
		json_put_cstr(w, e->arg[i]);
	json_close(w, ']');
	json_close(w, '}');
}

struct kept_kind {
	struct err_kind kind;
	struct kept_kind *next;
};

static struct kept_kind *kept_kinds; /* a handful: the client runs one command on one thread */

static const struct err_kind *keep_kind(const struct err_kind *k)
{
	struct kept_kind *new;

	for (const struct kept_kind *p = kept_kinds; p; p = p->next)
		if (strcmp(p->kind.code, k->code) == 0 && strcmp(p->kind.en, k->en) == 0)
			return &p->kind;
	new = calloc(1, sizeof(*new));
	if (!new)
		return &ERR_NO_MEMORY;
	new->kind = (struct err_kind){ strdup(k->code), k->status, strdup(k->zh), strdup(k->en) };
	if (!new->kind.code || !new->kind.zh || !new->kind.en)
		return &ERR_NO_MEMORY;
	new->next = kept_kinds;
	kept_kinds = new;
	return &new->kind;
}

static int read_args(struct json_reader *r, struct err *ret)
{
	struct str s;
	int n = 0, more;

	if (json_array_begin(r) < 0)
		return -1;
	while ((more = json_element(r)) == 1) {
		if (json_string(r, &s) < 0)
			return -1;
		if (n < ERR_ARGS)
			str_copy(s, ret->arg[n++], sizeof(ret->arg[0]));
	}
	return more;
}

int control_read_err(struct json_reader *r, struct err *ret)
{
	char code[64] = "", zh[512] = "", en[512] = "";
	struct err_kind k = { code, 500, zh, en };
	struct str name, s;
	int64_t status;
	int more;

	*ret = (struct err){ 0 };
	if (json_object_begin(r) < 0)
		return -1;
	while ((more = json_member(r, &name)) == 1) {
		if (str_is(name, "args")) {
			if (read_args(r, ret) < 0)
				return -1;
			continue;
		}
		if (str_is(name, "status")) {
			if (json_number(r, &s) < 0 || !str_to_i64(s, &status))
				return -1;
			k.status = (int)status;
			continue;
		}
		if (json_string(r, &s) < 0)
			return -1;
		if (str_is(name, "code"))
			str_copy(s, code, sizeof(code));
		else if (str_is(name, "zh"))
			str_copy(s, zh, sizeof(zh));
		else if (str_is(name, "en"))
			str_copy(s, en, sizeof(en));
		else if (str_is(name, "field"))
			str_copy(s, ret->field, sizeof(ret->field));
	}
	if (more < 0 || !*code)
		return -1;
	ret->kind = keep_kind(&k);
	return 0;
}

/* ---- the server's end --------------------------------------------------------------------------------- */

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
static int answer(struct peer *p, void (*write)(struct json_writer *w, const void *ctx), const void *ctx, struct err *err)
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
	struct str op, name, password;
	struct uuid person;
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

static int read_request(struct peer *p, struct str line, struct request *ret, struct err *err)
{
	struct request q = { 0 };
	struct json_reader r;
	struct str name, s;
	int more;

	json_read_init(&r, line, &p->arena);
	if (json_object_begin(&r) < 0)
		return json_fail(&r, err);
	while ((more = json_member(&r, &name)) == 1) {
		if (json_peek(&r) != JSON_STRING) {
			if (read_flag(&r, name, &q) < 0)
				return r.failed ? json_fail(&r, err) : err_fmt(err, &ERR_MALFORMED, "%.*s", STR_ARG(name));
			continue;
		}
		if (json_string(&r, &s) < 0)
			return json_fail(&r, err);
		if (str_is(name, "op"))
			q.op = s;
		else if (str_is(name, "name"))
			q.name = s;
		else if (str_is(name, "password"))
			q.password = s;
		else if (!str_is(name, "person") || !uuid_parse(s, &q.person))
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
	return err_kind_set(err, stopping ? &ERR_STOPPING : &ERR_STALLED);
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
			return err->kind ? -1 : err_kind_set(err, &ERR_STALLED);
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

	s.bulk = (struct bulk){ .who = principal_system(), .atomic = q->atomic, .dry_run = q->dry_run, .next = stream_next,
				.refused = stream_refused, .ctx = &s };
	if (app_bulk(p->control->app, &s.bulk, &why) == 0)
		return answer(p, write_counts, &s.bulk, err);
	log_warn("event=control_bulk error=%s", why.kind ? why.kind->code : "?");
	if (!s.lost)
		answer(p, write_error, &why, err);
	/* What is left of the stream can't be told from requests. */
	return err->kind ? -1 : err_kind_set(err, &ERR_STALLED);
}

/* ---- requests ------------------------------------------------------------------------------------------------ */

static int serve_request(struct peer *p, struct str line, struct err *err)
{
	struct app *a = p->control->app;
	struct request q;
	struct err why = { 0 };
	int r;

	if (read_request(p, line, &q, &why) < 0)
		r = -1;
	else if (str_is(q.op, "bulk"))
		return serve_bulk(p, &q, err);
	else if (str_is(q.op, "ping"))
		r = 0;
	else if (str_is(q.op, "account_add"))
		r = account_add(a, q.name, q.password, &q.person, &why);
	else if (str_is(q.op, "account_disable"))
		r = account_disable(a, q.name, q.disabled, &why);
	else
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

	if (socket_address(url, true, &addr, &c->folder, err) < 0)
		return -1;
	c->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->listener < 0)
		return err_fmt(err, &ERR_PEER, "%s", strerrordesc_np(errno));
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
	closep(&c->listener);
	closep(&c->folder);
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
