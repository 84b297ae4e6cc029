/* lianfang rebuild, backup and restore. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/divisions.h"
#include "cli/open.h"
#include "domain/records/records.h"

#define NAME_SIZE     4200
#define KEYS_FILE_MAX ((size_t)64 << 10)

static const struct err_kind ERR_EXISTS = {
	"exists", 409, "{0} 已经存在，不会覆盖；请另选文件名，或先移走它",
	"{0} exists already and is never overwritten: choose another name or move it away"
};
static const struct err_kind ERR_RESTORE_URL = { "restore_target", 400, "只能恢复到 SQLite 文件，不能是 {0}",
						 "A backup is restored into a SQLite file, not into {0}" };
static const struct err_kind ERR_OTHER_STORE = { "other_store", 409, "{0} 是另一个数据库，不是备份的来源",
						 "{0} is another store than the one backed up" };
static const struct err_kind ERR_NEEDS_KEYS = {
	"keys_needed", 409, "备份之后有 {0} 项个人信息被清除，要在恢复时同样清除，需要密钥文件：请用 --keys 指明",
	"{0} erasures since the backup must be applied, which needs the key file: name it with --keys"
};

/* ---- rebuild ---------------------------------------------------------------------------- */

int cmd_rebuild(int argc, char **argv)
{
	struct cli_progress progress = { "重建", "Rebuilding" };
	struct cli_store s;
	struct err err = { 0 };
	int r;

	(void)argc;
	(void)argv;
	if (cli_open(&s, CLI_ALONE, &err) < 0)
		return cli_error(&err);
	r = app_rebuild(s.app, cli_progress, &progress, &err);
	cli_progress_end(&progress);
	cli_close(&s);
	return r < 0 ? cli_error(&err) : CLI_DONE;
}

/* ---- files ------------------------------------------------------------------------------------ */

static int file_fault(const char *file, struct err *err)
{
	return err_fmt(err, errno == ENOSPC || errno == EDQUOT ? &ERR_STORE_FULL : &ERR_FILE, "%s: %s", file,
		       strerrordesc_np(errno));
}

static int refuse_existing(const char *file, struct err *err)
{
	return access(file, F_OK) == 0 ? err_fmt(err, &ERR_EXISTS, "%s", file) : 0;
}

static int write_new(const char *file, struct str text, struct err *err)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	ssize_t n = -1;

	if (fd < 0)
		return file_fault(file, err);
	n = write(fd, text.ptr, text.len);
	if (n != (ssize_t)text.len || fsync(fd) < 0) {
		file_fault(file, err);
		unlink(file);
		n = -1;
	}
	close(fd);
	return n < 0 ? -1 : 0;
}

static int copy_keys(const char *from, const char *to, struct err *err)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	int r = file_read_whole(from, KEYS_FILE_MAX, &b, err);

	if (r == 0)
		r = write_new(to, buf_view(&b), err);
	if (b.ptr)
		explicit_bzero(b.ptr, b.cap);
	return r;
}

static void copy_progress(void *ctx, int done, int total)
{
	cli_progress(ctx, done, total);
}

/* ---- backup ------------------------------------------------------------------------------------ */

static int backup(struct app *a, const char *file, bool with_keys, struct err *err)
{
	struct cli_progress progress = { "备份", "Copying" };
	char keys[NAME_SIZE], keys_copy[NAME_SIZE];
	int r;

	cli_keys_name(cli_db(), keys, sizeof(keys));
	if (snprintf(keys_copy, sizeof(keys_copy), "%s-keys", file) >= (int)sizeof(keys_copy))
		return err_fmt(err, &ERR_FILE, "%s: too long", file);
	if (refuse_existing(file, err) < 0 || (with_keys && refuse_existing(keys_copy, err) < 0))
		return -1;
	r = store_backup(app_store(a), file, copy_progress, &progress, err);
	cli_progress_end(&progress);
	if (r == 0 && with_keys && (r = copy_keys(keys, keys_copy, err)) < 0)
		unlink(file);
	return r;
}

int cmd_backup(int argc, char **argv)
{
	bool with_keys = cli_switch("with-keys");
	struct cli_store s;
	struct err err = { 0 };
	int r;

	(void)argc;
	if (cli_open(&s, CLI_READ, &err) < 0)
		return cli_error(&err);
	r = backup(s.app, argv[0], with_keys, &err);
	cli_close(&s);
	if (r < 0)
		return cli_error(&err);
	if (with_keys)
		printf(cli_pick("已备份到 %s，密钥在 %s-keys，请妥善保管\n",
				"copied to %s; the keys are in %s-keys: guard them\n"),
		       argv[0], argv[0]);
	else
		printf(cli_pick("已备份到 %s；密钥文件不在其中，请另行保管\n",
				"copied to %s; the key file is left out: keep its copy apart\n"),
		       argv[0]);
	return CLI_DONE;
}

/* ---- restore: erasures since the backup ------------------------------------------------------------ */

struct erasure {
	struct event event;
	struct subject_erased data;
};

struct erasures {
	struct erasure *items;
	size_t n, cap, given;
	struct arena arena; /* of their texts */
	struct err refused;
};

static void erasures_finish(struct erasures *e)
{
	free(e->items);
	arena_finish(&e->arena);
}

static int take_erasure(void *ctx, const struct ledger_row *row, struct err *err)
{
	struct erasures *e = ctx;
	struct event ev;
	struct str entry = arena_str(&e->arena, row->entry);

	if (!entry.ptr)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (event_read_entry(entry, registry_form, NULL, NULL, &e->arena, &ev, err) < 0)
		return -1;
	if (e->n == e->cap) {
		size_t cap = e->cap ? e->cap * 2 : 64;
		struct erasure *wider = reallocarray(e->items, cap, sizeof(*wider));

		if (!wider)
			return err_kind_set(err, &ERR_NO_MEMORY);
		e->items = wider;
		e->cap = cap;
	}
	e->items[e->n] = (struct erasure){ .event = ev, .data = *(const struct subject_erased *)ev.data };
	e->items[e->n++].event.area = FIELD_ABSENT;
	return 0;
}

static int scan_erasures(struct app *a, int64_t after, struct erasures *e, struct err *err)
{
	struct reader *r = NULL;
	int rc = reader_create(a, &r, err);

	if (rc < 0)
		return -1;
	rc = reader_begin(r, err);
	if (rc == 0)
		rc = ledger_scan_where(reader_work(r, principal_system(), cli_lang())->ledger, after, INT64_MAX,
				       INT64_MAX, "subject.erased", INT64_MIN, INT64_MAX, take_erasure, e, err);
	reader_end(r);
	reader_destroy(r);
	return rc;
}

static int ledger_length(struct app *a, int64_t *ret, struct err *err)
{
	struct ledger_head h = { 0 };
	struct reader *r = NULL;
	int rc = reader_create(a, &r, err);

	if (rc < 0)
		return -1;
	rc = reader_begin(r, err);
	if (rc == 0)
		rc = ledger_head_latest(reader_work(r, principal_system(), cli_lang())->ledger, &h, err);
	*ret = rc == 1 ? h.size : 0;
	reader_end(r);
	reader_destroy(r);
	return rc < 0 ? -1 : 0;
}

/* What the store being replaced had erased after the backup was made. */
static int find_erasures(struct app *restored, const char *replaced, int64_t *ret_size, struct erasures *e,
			 struct err *err)
{
	const struct app_options o = { .url = replaced, .read_only = true };
	struct app *old = NULL;
	int r;

	if (ledger_length(restored, ret_size, err) < 0)
		return -1;
	if (!replaced)
		return 0;
	if (app_open(&o, &old, err) < 0)
		return -1;
	if (uuid_eq(app_store_id(old), app_store_id(restored)))
		r = scan_erasures(old, *ret_size, e, err);
	else
		r = err_fmt(err, &ERR_OTHER_STORE, "%s", replaced);
	app_close(old);
	return r;
}

static int next_erasure(void *ctx, struct arena *arena, struct event *events, size_t max, struct err *err)
{
	struct erasures *e = ctx;
	size_t n = 0;

	(void)arena;
	(void)err;
	for (; n < max && e->given < e->n; n++, e->given++) {
		events[n] = e->items[e->given].event;
		events[n].data = &e->items[e->given].data;
	}
	return (int)n;
}

static int refused_erasure(void *ctx, size_t index, const struct event *ev, const struct err *why)
{
	(void)index;
	(void)ev;
	((struct erasures *)ctx)->refused = *why;
	return -1;
}

/* The same records again, by their own ids, so that doing it twice does it once. */
static int apply_erasures(const char *file, const char *keys, struct erasures *e, struct err *err)
{
	const struct app_options o = { .url = file, .keys_file = keys };
	struct bulk b = {
		.who = principal_system(), .atomic = true, .next = next_erasure, .refused = refused_erasure, .ctx = e
	};
	struct app *a = NULL;
	int r;

	if (app_open(&o, &a, err) < 0)
		return -1;
	r = app_bulk(a, &b, err);
	app_close(a);
	return r;
}

/* ---- restore ----------------------------------------------------------------------------------------- */

static int copy_store(const char *from, const char *to, struct err *err)
{
	struct cli_progress progress = { "恢复", "Restoring" };
	struct store *s = NULL;
	int r;

	if (store_open(from, 0, &s, err) < 0)
		return -1;
	r = store_backup(s, to, copy_progress, &progress, err);
	cli_progress_end(&progress);
	store_close(s);
	return r;
}

/* The key file to work with: --keys, STORE-keys, or FILE-keys, which then is copied. Empty when there is none. */
static void find_keys(const char *backup_file, const char *keys, char *out, size_t size)
{
	if (access(keys, F_OK) == 0)
		snprintf(out, size, "%s", keys);
	else
		snprintf(out, size, "%s-keys", backup_file);
	if (access(out, F_OK) != 0)
		*out = '\0';
}

struct restoring {
	const char *from, *to, *replaced;
	char part[NAME_SIZE];                       /* worked on before it gets its name */
	char keys[NAME_SIZE], keys_from[NAME_SIZE]; /* the store's; the one at hand */
	int64_t size;
	struct erasures e;
};

static int bring_up_to_date(struct restoring *r, struct err *err)
{
	const struct app_options o = { .url = r->part,
				       .keys_file = *r->keys_from ? r->keys_from : r->keys,
				       .read_only = true };
	struct app *a = NULL;
	char text[24];
	int rc;

	if (app_open(&o, &a, err) < 0)
		return -1;
	rc = find_erasures(a, r->replaced, &r->size, &r->e, err);
	app_close(a);
	if (rc < 0 || !r->e.n)
		return rc;
	snprintf(text, sizeof(text), "%zu", r->e.n);
	if (!*r->keys_from)
		return err_set(err, &ERR_NEEDS_KEYS, NULL, text, NULL);
	return apply_erasures(r->part, r->keys_from, &r->e, err);
}

static int give_name(struct restoring *r, struct err *err)
{
	bool copied = *r->keys_from && strcmp(r->keys_from, r->keys) != 0;

	if (copied && copy_keys(r->keys_from, r->keys, err) < 0)
		return -1;
	/* link, not rename: it never replaces what has come up meanwhile. */
	if (link(r->part, r->to) == 0)
		return 0;
	file_fault(r->to, err);
	if (copied)
		unlink(r->keys);
	return -1;
}

static int restore(struct restoring *r, struct err *err)
{
	static const char *const beside[] = { "", "-wal", "-shm", "-lock", "-journal" };
	char name[NAME_SIZE + 16];
	int rc;

	if (cli_is_postgres(r->to))
		return err_fmt(err, &ERR_RESTORE_URL, "%s", r->to);
	if (refuse_existing(r->to, err) < 0)
		return -1;
	if (access(r->from, F_OK) < 0)
		return file_fault(r->from, err);
	cli_keys_name(r->to, r->keys, sizeof(r->keys));
	find_keys(r->from, r->keys, r->keys_from, sizeof(r->keys_from));
	snprintf(r->part, sizeof(r->part), "%s.restoring-%d", r->to, getpid());
	rc = copy_store(r->from, r->part, err);
	if (rc == 0)
		rc = bring_up_to_date(r, err);
	if (rc == 0)
		rc = give_name(r, err);
	for (size_t i = 0; i < ARRAY_LEN(beside); i++) {
		snprintf(name, sizeof(name), "%s%s", r->part, beside[i]);
		unlink(name);
	}
	return rc;
}

int cmd_restore(int argc, char **argv)
{
	struct restoring r = { .from = argv[0], .to = cli_db(), .replaced = cli_option("replaces") };
	struct err err = { 0 };
	int rc;

	(void)argc;
	arena_init(&r.e.arena, 0);
	rc = restore(&r, &err);
	if (rc == 0) {
		printf(cli_pick("已恢复 %lld 条记录到 %s，补清除 %zu 项\n",
				"restored %lld events to %s and applied %zu erasures\n"),
		       (long long)r.size, r.to, r.e.n);
		if (!*r.keys_from)
			cli_note(
			    "没有找到密钥文件：请把它放到 %s，否则不能读个人信息，也不能记录",
			    "No key file was found: put it at %s, or personal data cannot be read and nothing recorded",
			    r.keys);
	}
	erasures_finish(&r.e);
	return rc < 0 ? cli_error(&err) : CLI_DONE;
}
