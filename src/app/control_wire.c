/* What both ends of the local socket share: its address, lines, and errors
 * over the wire. The conversations are in control.c and in cli/client.c. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/control.h"

const struct err_kind ERR_CONTROL_PEER = { "control_peer", 503, "与服务的本地连接出错：{0}",
					   "The local connection to the server failed: {0}" };
const struct err_kind ERR_CONTROL_STALLED = { "control_stalled", 408, "另一端停止发送，未完成的部分没有记录",
					      "The other end stopped sending; what was not finished is not recorded" };

/* ---- the address ------------------------------------------------------------------------- */

static void closep(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* The folder and name of the socket. A store on PostgreSQL has no folder: its socket stands in one of the user's own.
 */
static int socket_place(const char *url, const struct uuid *store_id, bool make, char folder[PATH_MAX],
			char name[NAME_MAX + 1], struct err *err)
{
	char real[PATH_MAX], *slash;

	if (strncmp(url, "postgresql://", 13) == 0 || strncmp(url, "postgres://", 11) == 0) {
		const char *runtime = getenv("XDG_RUNTIME_DIR");
		char id[UUID_TEXT];
		struct stat st;

		if (runtime && *runtime)
			snprintf(folder, PATH_MAX, "%s", runtime);
		else
			snprintf(folder, PATH_MAX, geteuid() ? "/tmp/lianfang-%u" : "/run/lianfang", geteuid());
		if (make && mkdir(folder, 0700) < 0 && errno != EEXIST)
			return err_fmt(err, &ERR_FILE, "%s: %s", folder, strerrordesc_np(errno));
		/* In /tmp anybody could have made it first. */
		if (lstat(folder, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 022)
			return make ? err_fmt(err, &ERR_FILE, "%s: not a folder of this user's own", folder)
				    : err_kind_set(err, &ERR_BUSY);
		uuid_format(store_id, id);
		snprintf(name, NAME_MAX + 1, "%.*s-socket", UUID_TEXT, id);
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

int control_address(const char *url, const struct uuid *store_id, bool make, struct sockaddr_un *ret, int *ret_folder,
		    struct err *err)
{
	char folder[PATH_MAX], name[NAME_MAX + 1];
	int fd;

	if (socket_place(url, store_id, make, folder, name, err) < 0)
		return -1;
	fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_fmt(err, &ERR_FILE, "%s: %s", folder, strerrordesc_np(errno));
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (snprintf(ret->sun_path, sizeof(ret->sun_path), "/proc/self/fd/%d/%s", fd, name) >=
	    (int)sizeof(ret->sun_path)) {
		close(fd);
		return err_fmt(err, &ERR_FILE, "%s: the name is too long for a socket beside it", url);
	}
	*ret_folder = fd;
	return 0;
}

int control_dial(const char *url, const struct uuid *store_id, int *ret_fd, struct err *err)
{
	_cleanup_(closep) int folder = -1;
	struct sockaddr_un addr;
	int fd;

	if (control_address(url, store_id, false, &addr, &folder, err) < 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_fmt(err, &ERR_CONTROL_PEER, "%s", strerrordesc_np(errno));
	if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0) {
		int fault = errno;

		close(fd);
		if (fault == ENOENT || fault == ECONNREFUSED || fault == EAGAIN)
			return err_kind_set(err, &ERR_BUSY);
		return err_fmt(err, &ERR_CONTROL_PEER, "%s", strerrordesc_np(fault));
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
	const char *end = p && left > l->seen ? memchr(p + l->seen, '\n', left - l->seen) : NULL;

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
		return err_fmt(err, &ERR_CONTROL_PEER, "%s", strerrordesc_np(errno));
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
		return err_kind_set(err, &ERR_CONTROL_STALLED);
	return n < 0 ? err_fmt(err, &ERR_CONTROL_PEER, "%s", strerrordesc_np(errno)) : 0;
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
			return err_fmt(err, &ERR_CONTROL_PEER, "%s", strerrordesc_np(errno));
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
	if (!new->kind.code || !new->kind.zh || !new->kind.en) {
		free((char *)new->kind.code);
		free((char *)new->kind.zh);
		free((char *)new->kind.en);
		free(new);
		return &ERR_NO_MEMORY;
	}
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
