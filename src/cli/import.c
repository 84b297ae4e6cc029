/* lianfang import KIND FILE: reads a whole file, checks every row, and records
 * all of it or nothing. The file is gone through twice: first to find what is
 * wrong by itself, then as events through the pipeline, which judges the rest. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/import.h"
#include "domain/places/places.h"
#include "format/charset.h"

static const struct err_kind ERR_XLSX = { "import_xlsx", 400, "这是电子表格文件（xlsx），请另存为 CSV（UTF-8）后再导入",
					  "This is a spreadsheet file (xlsx): save it as CSV (UTF-8) and import that" };
static const struct err_kind ERR_OTHER_NAME = { "import_listed", 409, "{0} 已列为“{1}”；更名请另行记录",
						"{0} is listed already as \"{1}\": record a renaming instead" };

/* ---- the stream of rows ------------------------------------------------------------------- */

/* The event's or look-up's field at fault, as a column of the file. */
static void row_fault(struct import *im, const struct err *why)
{
	long column = import_column_of(im, why->field);
	if (!column && im->field)
		column = import_column_of(im, im->field);
	if (!im->rehearsal)
		return; /* found and listed by the first pass */
	import_fault(im, im->line, column, why);
}

static int division_row(struct import *im, const struct division_row *row, struct err *err)
{
	struct division known;
	char code[PLACE_TEXT + 1], name[100];
	int rc = division_get(im->work, row->code, &known, err);
	if (rc < 0)
		return -1;
	if (rc && str_eq(known.name, row->name)) {
		im->unchanged += !im->rehearsal;
		return 0;
	}
	if (rc) {
		code[place_format(row->code, code)] = 0;
		import_shown(known.name, name, sizeof name);
		return err_set(err, &ERR_OTHER_NAME, "name", code, name, NULL);
	}
	struct division_listed *d = arena_alloc(&im->arena, sizeof *d);
	if (!d)
		return err_kind_set(err, &ERR_NO_MEMORY);
	*d = (struct division_listed){ row->code, row->name, row->level,
				       row->parent == PLACE_NATION ? FIELD_ABSENT : row->parent };
	struct event ev = { .at = im->now, .place = FIELD_ABSENT, .area = FIELD_ABSENT, .data = d };
	ev.form = registry_form(STR("division.listed"));
	ev.id = import_id(im, "division.listed:%lld", (long long)row->code);
	return import_queue(im, &ev, err);
}

/* The next row: 1 with im->line set, 0 at the end. A row that can't be read is a fault and passed over. */
static int next_row(struct import *im)
{
	for (;;) {
		struct err why = { 0 };
		if (!im->kind->columns) {
			if (im->next_division == im->divisions.n)
				return 0;
			im->line = im->divisions.rows[im->next_division++].line;
			return 1;
		}
		int rc = csv_record(&im->csv, &why);
		im->line = im->csv.line;
		if (rc >= 0)
			return rc;
		if (im->rehearsal)
			import_fault(im, im->line, 0, &why);
	}
}

/* Makes the events of one row; a bad row leaves none. -1: not the row's fault. */
static int take_row(struct import *im, struct err *err)
{
	struct err why = { 0 };
	size_t pending = im->n_pending, lines = im->n_lines;
	im->field = NULL;
	arena_reset(im->work->arena);
	int rc = im->kind->columns ? im->kind->row(im, &why)
				   : division_row(im, &im->divisions.rows[im->next_division - 1], &why);
	im->rows += im->rehearsal;
	if (rc == 0)
		return 0;
	im->n_pending = pending;
	im->n_lines = lines;
	if (why.kind && why.kind->status >= 500) {
		*err = why;
		return -1;
	}
	row_fault(im, &why);
	return 0;
}

static int64_t permille(const struct import *im)
{
	if (im->kind->columns)
		return csv_permille(&im->csv);
	return im->divisions.n ? (int64_t)(im->next_division * 1000 / im->divisions.n) : 1000;
}

/* From the first row again. */
static int rewind_rows(struct import *im, struct err *err)
{
	struct csv_column columns[IMPORT_COLUMNS_MAX];
	im->n_pending = im->taken = im->n_lines = im->next_division = 0;
	idmap_clear(&im->made);
	arena_reset(&im->arena);
	if (!im->kind->columns)
		return 0;
	for (size_t i = 0; i < im->kind->n; i++)
		columns[i] = (struct csv_column){ im->kind->columns[i].name, im->kind->columns[i].zh,
						  im->kind->columns[i].needed };
	csv_read_finish(&im->csv);
	csv_read_init(&im->csv, im->text);
	return csv_header(&im->csv, columns, im->kind->n, im->at, err);
}

/* bulk.next: rows until there are `max` events. They borrow from the import's own arena until the next call. */
static int next_events(void *ctx, struct arena *arena, struct event *events, size_t max, struct err *err)
{
	struct import *im = ctx;
	(void)arena;
	if (im->taken == im->n_pending) {
		im->taken = im->n_pending = 0;
		arena_reset(&im->arena);
		while (im->n_pending < max && next_row(im) == 1) {
			if (take_row(im, err) < 0)
				return -1;
		}
		cli_progress(&im->progress, permille(im), 1000);
	}
	size_t n = im->n_pending - im->taken;
	if (n > max)
		n = max;
	if (n)
		memcpy(events, im->pending + im->taken, n * sizeof *events);
	im->taken += n;
	return (int)n;
}

static int refused(void *ctx, size_t index, const struct event *ev, const struct err *why)
{
	struct import *im = ctx;
	long line = index < im->n_lines ? im->lines[index] : 0;
	(void)ev;
	/* What a row makes beyond the first record refused hangs on it: one fault a row is enough. */
	if (line != im->refused_line)
		import_fault(im, line, import_column_of(im, why->field), why);
	im->refused_line = line;
	return 0;
}

/* ---- the file ------------------------------------------------------------------------------- */

static void division_fault(void *ctx, long line, long column, const struct err *why)
{
	import_fault(ctx, line, column, why);
}

static int read_file(struct import *im, struct err *err)
{
	if (!im->kind->columns) {
		struct divisions_options o = { .top = app_top(im->store.app), .fault = division_fault, .ctx = im };
		int rc = divisions_read(im->file, &o, &im->divisions, err);
		if (rc < 0 && err->kind == &ERR_DIVISIONS && im->bad)
			return 0; /* its faults are listed as ours */
		return rc;
	}
	if (file_read_whole(im->file, INPUT_FILE_MAX, &im->bytes, err) < 0)
		return -1;
	if (str_starts(buf_view(&im->bytes), "PK\003\004"))
		return err_kind_set(err, &ERR_XLSX);
	return charset_decode(buf_view(&im->bytes), &im->scratch, &im->text, NULL, err);
}

static int rehearse(struct import *im, struct err *err)
{
	if (rewind_rows(im, err) < 0)
		return -1;
	im->rehearsal = true;
	while (next_row(im) == 1) {
		if (take_row(im, err) < 0)
			return -1;
		if (im->n_pending >= 1000) {
			im->n_pending = im->n_lines = 0;
			arena_reset(&im->arena);
		}
	}
	im->rehearsal = false;
	return rewind_rows(im, err);
}

/* ---- what came of it ------------------------------------------------------------------------- */

static int by_line(const void *x, const void *y)
{
	const struct import_fault *a = x, *b = y;
	return a->line != b->line ? (a->line > b->line) - (a->line < b->line)
				  : (a->column > b->column) - (a->column < b->column);
}

static void list_faults(const struct import *im)
{
	for (size_t i = 0; i < im->n_faults && i < IMPORT_FAULTS_SHOWN; i++)
		cli_bad_row(im->file, im->faults[i].line, im->faults[i].column, &im->faults[i].why);
	if (im->bad > IMPORT_FAULTS_SHOWN)
		cli_note("……另有 %lld 处", "… and %lld more", (long long)(im->bad - IMPORT_FAULTS_SHOWN));
}

static void write_fault(struct json_writer *w, const struct import_fault *f)
{
	json_open(w, '{');
	json_key(w, "line");
	json_put_i64(w, f->line);
	if (f->column) {
		json_key(w, "column");
		json_put_i64(w, f->column);
	}
	json_key(w, "code");
	json_put_cstr(w, f->why.kind ? f->why.kind->code : "internal");
	json_key(w, "message");
	json_put_cstr(w, cli_error_text(&f->why));
	json_close(w, '}');
}

static void print_json(const struct import *im, const struct bulk *b, bool dry)
{
	_cleanup_(buf_finish) struct buf out = { 0 };
	struct json_writer w;
	const struct {
		const char *name;
		int64_t n;
	} NUMBERS[] = { { "rows", im->rows },
			{ "recorded", im->bad ? 0 : b->recorded },
			{ "duplicates", b->duplicates },
			{ "unchanged", im->unchanged },
			{ "bad", im->bad } };
	json_write_init(&w, &out);
	json_open(&w, '{');
	json_key(&w, "kind");
	json_put_cstr(&w, im->kind->name);
	json_key(&w, "dry_run");
	json_put_bool(&w, dry);
	for (size_t i = 0; i < ARRAY_LEN(NUMBERS); i++) {
		json_key(&w, NUMBERS[i].name);
		json_put_i64(&w, NUMBERS[i].n);
	}
	json_key(&w, "faults");
	json_open(&w, '[');
	for (size_t i = 0; i < im->n_faults && i < IMPORT_FAULTS_SHOWN; i++)
		write_fault(&w, &im->faults[i]);
	json_close(&w, ']');
	json_close(&w, '}');
	printf("%.*s\n", (int)out.len, out.ptr ? out.ptr : "");
}

static int finish(struct import *im, const struct bulk *b, bool dry)
{
	if (im->n_faults)
		qsort(im->faults, im->n_faults, sizeof *im->faults, by_line);
	if (cli_json())
		print_json(im, b, dry);
	else
		list_faults(im);
	if (im->bad)
		return cli_fail("%s：%lld 行中有 %lld 处错误，一条也没有记录；改正后再导入",
				"%s: rows %lld, faults %lld; nothing was recorded: correct them and import again",
				im->file, (long long)im->rows, (long long)im->bad);
	if (cli_json())
		return CLI_DONE;
	printf(cli_pick(dry ? "检查通过：%s %lld 行，将记录 %lld 条，已有 %lld 条\n"
			    : "已导入：%s %lld 行，记录 %lld 条，已有 %lld 条\n",
			dry ? "checked %s: rows %lld, to be recorded %lld, there already %lld\n"
			    : "imported %s: rows %lld, recorded %lld, there already %lld\n"),
	       cli_pick(im->kind->zh, im->kind->name), (long long)im->rows, (long long)b->recorded,
	       (long long)(b->duplicates + im->unchanged));
	return CLI_DONE;
}

/* ---- the command ------------------------------------------------------------------------------- */

static const struct import_kind *kind_named(const char *name)
{
	for (const struct import_kind *k = IMPORT_KINDS; k->name; k++) {
		if (strcmp(name, k->name) == 0 || strcmp(name, k->zh) == 0)
			return k;
	}
	return NULL;
}

static int prepare(struct import *im, struct err *err)
{
	const char *from = cli_option("from");
	int64_t day;
	im->now = clock_now();
	if (from) {
		if (!day_parse(str_of(from), &day))
			return err_fmt(
			    err, &ERR_USAGE,
			    cli_pick("--from 应为日期，例如 2020-02-08", "--from takes a day such as 2020-02-08"));
		im->now = day_start(day);
	}
	if (cli_open(&im->store, CLI_WRITE, err) < 0)
		return -1;
	if (reader_create(im->store.app, &im->reader, err) < 0 || reader_create(im->store.app, &im->asker, err) < 0 ||
	    reader_begin(im->reader, err) < 0 || import_index_create(im, err) < 0)
		return -1;
	im->work = reader_work(im->reader, principal_system(), cli_lang());
	return read_file(im, err);
}

static void destroy(struct import *im)
{
	import_index_destroy(im->index);
	reader_destroy(im->asker);
	reader_destroy(im->reader);
	cli_close(&im->store);
	divisions_finish(&im->divisions);
	csv_read_finish(&im->csv);
	idmap_finish(&im->made);
	arena_finish(&im->arena);
	buf_finish(&im->bytes);
	buf_finish(&im->scratch);
	buf_finish(&im->data);
	buf_finish(&im->envelope);
	free(im->pending);
	free(im->lines);
	free(im->faults);
}

int cmd_import(int argc, char **argv)
{
	_cleanup_(destroy) struct import im = { .progress = { .zh = "导入", .en = "importing" } };
	struct err err = { 0 };
	bool dry = cli_switch("dry-run");
	(void)argc;
	im.kind = kind_named(argv[0]);
	im.file = argv[1];
	if (!im.kind)
		return cli_wrong("不能导入“%s”：可导入 divisions grids sites households people teams members groups "
				 "staffing assignments",
				 "can't import \"%s\": it takes divisions, grids, sites, households, people, teams, "
				 "members, groups, staffing, assignments",
				 argv[0]);
	arena_init(&im.arena, (size_t)1 << 30);
	struct bulk b = {
		.who = principal_system(), .atomic = true, .next = next_events, .refused = refused, .ctx = &im
	};
	int rc = prepare(&im, &err);
	if (rc == 0)
		rc = rehearse(&im, &err);
	if (rc == 0) {
		/* With faults of its own the file is still shown to the store, so that all of them are listed at once.
		 */
		b.dry_run = dry || im.bad;
		rc = cli_bulk(&im.store, &b, &err);
	}
	cli_progress_end(&im.progress);
	if (rc < 0)
		return cli_error(&err);
	return finish(&im, &b, dry);
}
