/* Makes a store: files, keys, divisions, the first incident; all or nothing. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/divisions.h"
#include "cli/open.h"
#include "domain/incident/incident.h"
#include "domain/places/places.h"

static const struct err_kind ERR_EXISTS = {
	"exists", 409, "{0} 已经存在，不会覆盖；请另选文件名，或先移走它",
	"{0} exists already and is never overwritten: choose another name or move it away"
};
static const struct err_kind ERR_DAY = { "day_future", 400, "{0} 还没有到：--from 不能晚于今天",
					 "{0} has not come yet: --from is today at the latest" };
static const struct err_kind ERR_REFUSED = { "refused", 409, "{0} 条被拒绝，什么都没有留下",
					     "{0} refused; nothing was made" };

/* ---- what stands beside a store --------------------------------------------------------- */

static const char *const BESIDE[] = { "", "-wal", "-shm", "-journal", "-lock" };

void cli_keys_name(const char *url, char *out, size_t size)
{
	const char *given = cli_option("keys"), *slash = strrchr(url, '/'), *name;

	if (given) {
		snprintf(out, size, "%s", given);
	} else if (!cli_is_postgres(url)) {
		snprintf(out, size, "%s-keys", url);
	} else {
		name = slash ? slash + 1 : "postgresql";
		snprintf(out, size, "%.*s.pg-keys", (int)strcspn(name, "?"), name);
	}
}

static int refuse_existing(const char *url, const char *keys, struct err *err)
{
	int fd;

	if (!cli_is_postgres(url) && access(url, F_OK) == 0)
		return err_fmt(err, &ERR_EXISTS, "%s", url);
	/* Tried before the store is made: in a database that would have to be undone. */
	fd = open(keys, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return err_fmt(err, &ERR_EXISTS, "%s", keys);
	if (fd < 0 && (errno == EACCES || errno == EROFS || errno == EPERM))
		return err_kind_set(err, &ERR_STORE_READONLY);
	if (fd < 0)
		return err_fmt(err, errno == ENOSPC ? &ERR_STORE_FULL : &ERR_FILE, "%s: %s", keys,
			       strerrordesc_np(errno));
	close(fd);
	unlink(keys);
	return 0;
}

static void remove_files(const char *url, const char *keys)
{
	char name[4200];

	unlink(keys);
	for (size_t i = 0; i < ARRAY_LEN(BESIDE) && !cli_is_postgres(url); i++) {
		snprintf(name, sizeof(name), "%s%s", url, BESIDE[i]);
		unlink(name);
	}
}

/* A database is left as empty as it was found. */
static int add_drop(void *ctx, struct str name)
{
	buf_printf(ctx, "DROP TABLE \"%.*s\" CASCADE;\n", STR_ARG(name));
	return 0;
}

static void drop_tables(struct app *a)
{
	_cleanup_(buf_finish) struct buf script = { 0 };
	struct db *db = NULL;
	struct err err = { 0 };

	if (store_connect(app_store(a), DB_WRITE, &db, &err) == 0 && db_tables(db, add_drop, &script, &err) == 0) {
		buf_char(&script, '\0');
		if (!script.failed)
			db_script(db, script.ptr, &err);
	}
	db_close(db);
	if (err.kind)
		cli_note("数据库未能清空：%s", "The database could not be emptied: %s", cli_error_text(&err));
}

void cli_discard(struct cli_store *s)
{
	if (cli_is_postgres(cli_db()) && s->app)
		drop_tables(s->app);
	app_close(s->app);
	s->app = NULL;
	remove_files(cli_db(), s->keys);
}

void cli_keep(struct cli_store *s)
{
	s->made = false;
}

/* ---- the stream ------------------------------------------------------------------------------ */

static const char *const INCIDENT_NAMES_ZH[] = {
	"疫情防控应急", "防汛应急", "抗震救灾应急", "森林和城镇火灾应急", "应急演练", "应急", NULL
};
static const char *const INCIDENT_NAMES_EN[] = {
	"Epidemic emergency", "Flood emergency", "Earthquake emergency", "Fire emergency", "Drill", "Emergency", NULL
};

struct stream {
	const struct cli_store *store;
	const struct cli_new *n;
	const struct divisions *d;
	size_t i; /* rows given; d->n + 1 when the incident was, too */
	struct cli_progress progress;
};

struct uuid cli_incident_id(const struct cli_store *s)
{
	return uuid_derive(app_store_id(s->app), STR("incident"));
}

static struct event fresh_event(const char *type, const struct uuid *id, int64_t at, void *data)
{
	return (struct event){ .id = *id,
			       .form = registry_form(str_of(type)),
			       .at = at,
			       .place = FIELD_ABSENT,
			       .area = FIELD_ABSENT,
			       .data = data };
}

static int make_division(struct stream *s, const struct division_row *row, struct arena *arena, struct event *ret,
			 struct err *err)
{
	struct division_listed *d = arena_alloc(arena, sizeof(*d));
	char code[PLACE_TEXT];
	struct uuid id;

	if (!d)
		return err_kind_set(err, &ERR_NO_MEMORY);
	*d = (struct division_listed){ .code = row->code,
				       .name = row->name,
				       .level = row->level,
				       .parent = row->parent == PLACE_NATION ? FIELD_ABSENT : row->parent };
	id = uuid_derive(app_store_id(s->store->app), (struct str){ code, place_format(row->code, code) });
	*ret = fresh_event("division.listed", &id, day_start(s->n->from), d);
	return 0;
}

static int make_incident(struct stream *s, struct arena *arena, struct event *ret, struct err *err)
{
	struct incident_opened *d = arena_alloc(arena, sizeof(*d));
	struct uuid id = uuid_derive(app_store_id(s->store->app), STR("incident.opened"));
	const char *name = s->n->incident;

	if (!d)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (!name)
		name = cli_pick(INCIDENT_NAMES_ZH[s->n->kind], INCIDENT_NAMES_EN[s->n->kind]);
	*d = (struct incident_opened){
		.id = cli_incident_id(s->store), .kind = s->n->kind, .name = str_of(name), .level = FIELD_ABSENT
	};
	*ret = fresh_event("incident.opened", &id, day_start(s->n->from), d);
	ret->place = s->n->top;
	return 0;
}

static int stream_next(void *ctx, struct arena *arena, struct event *events, size_t max, struct err *err)
{
	struct stream *s = ctx;
	size_t n = 0;

	cli_progress(&s->progress, (int64_t)s->i, (int64_t)s->d->n + 1);
	for (; n < max && s->i <= s->d->n; s->i++, n++) {
		int r = s->i < s->d->n ? make_division(s, &s->d->rows[s->i], arena, &events[n], err)
				       : make_incident(s, arena, &events[n], err);

		if (r < 0)
			return -1;
	}
	return (int)n;
}

static int stream_refused(void *ctx, size_t index, const struct event *ev, const struct err *why)
{
	struct stream *s = ctx;

	(void)ev;
	cli_progress_end(&s->progress);
	if (index < s->d->n)
		cli_bad_row(s->n->divisions, s->d->rows[index].line, 0, why);
	else
		cli_note("%s", "%s", cli_error_text(why));
	return 0;
}

static int load(struct cli_store *s, const struct cli_new *n, const struct divisions *d, struct err *err)
{
	struct stream stream = { .store = s, .n = n, .d = d, .progress = { "载入区划", "Loading the divisions" } };
	struct bulk b = { .who = principal_system(),
			  .atomic = true,
			  .next = stream_next,
			  .refused = stream_refused,
			  .ctx = &stream };
	int r = cli_bulk(s, &b, err);

	cli_progress_end(&stream.progress);
	return r == 0 && b.failed ? err_fmt(err, &ERR_REFUSED, "%lld", (long long)b.failed) : r;
}

/* ---- making ---------------------------------------------------------------------------------------- */

static void tell_fault(void *ctx, long line, long column, const struct err *why)
{
	cli_bad_row(ctx, line, column, why);
}

/* True when a finished store stands there, so that it was made by somebody else since we looked: not ours to remove. */
static bool is_whole(void)
{
	const struct app_options o = { .url = cli_db(), .keys_file = cli_option("keys"), .read_only = true };
	struct err err = { 0 };
	struct app *a = NULL;

	if (app_open(&o, &a, &err) < 0)
		return false;
	app_close(a);
	return true;
}

static int make(struct cli_store *s, const struct cli_new *n, const struct divisions *d, struct err *err)
{
	const struct app_options o = {
		.url = cli_db(), .keys_file = cli_option("keys"), .create = true, .top = n->top
	};

	if (app_open(&o, &s->app, err) < 0) {
		if (err->kind != &ERR_STORE_LOCKED && !cli_is_postgres(o.url) && !is_whole())
			remove_files(o.url, s->keys);
		return -1;
	}
	s->made = true;
	return load(s, n, d, err);
}

int cli_create(struct cli_store *s, const struct cli_new *n, struct err *err)
{
	struct divisions_options o = { .top = n->top, .whole = true, .fault = tell_fault, .ctx = (void *)n->divisions };
	struct divisions d = { 0 };
	char day[TIME_TEXT_MAX];
	int r;

	*s = (struct cli_store){ 0 };
	cli_watch_signals();
	cli_keys_name(cli_db(), s->keys, sizeof(s->keys));
	if (refuse_existing(cli_db(), s->keys, err) < 0)
		return -1;
	if (n->from > day_of(clock_now())) {
		day_format(n->from, day);
		return err_fmt(err, &ERR_DAY, "%s", day);
	}
	if (divisions_read(n->divisions, &o, &d, err) < 0)
		return -1;
	r = make(s, n, &d, err);
	divisions_finish(&d);
	if (r < 0)
		cli_close(s);
	return r;
}
