/* The divisions reader. Each row is judged by itself, then all together; only
 * a file without a fault yields rows. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/divisions.h"
#include "format/charset.h"
#include "format/csv.h"

#define NAME_MAX_POINTS 60 /* as division.listed takes */

#define KIND(name_, code_, zh_, en_) static const struct err_kind name_ = { code_, 400, zh_, en_ }

const struct err_kind ERR_DIVISIONS = {
	"divisions_faulty", 400, "区划清单有 {0} 处错误，什么都没有载入；请改正后再试",
	"The divisions have {0} faults and nothing was loaded: correct them and try again"
};
KIND(ERR_CODE, "code_malformed", "区划代码“{0}”有误：应为 12 位数字",
     "The code \"{0}\" is malformed: 12 digits are expected");
KIND(ERR_NAME, "name_malformed", "名称应为 1–60 个字符", "A name has 1 to 60 characters");
KIND(ERR_LEVEL, "level_wrong", "级别“{0}”与代码 {1} 不符：应为 1 省、2 市、3 县、4 乡镇、5 村",
     "The level \"{0}\" does not fit the code {1}: 1 province, 2 city, 3 county, 4 town, 5 village");
KIND(ERR_PARENT_FORM, "parent_wrong", "“{0}”不是 {1} 的上级代码", "\"{0}\" is no code above {1}");
KIND(ERR_PARENT_NONE, "parent_unknown", "上级 {0} 不在清单中；请补上它的一行",
     "The parent {0} is not in the file: add its row");
KIND(ERR_OUTSIDE, "outside", "{0} 不在 {1} 范围内，也不是其上级", "{0} lies neither in {1} nor above it");
KIND(ERR_TWICE, "doubled", "{0} 在第 {1} 行已经列出", "{0} stands in line {1} already");
KIND(ERR_TOP_NONE, "top_missing", "清单中没有 {0} 自己的一行", "The file has no row for {0} itself");
KIND(ERR_NO_ROWS, "no_rows", "清单中没有区划", "The file lists no division");

enum { CODE, NAME, LEVEL, PARENT, N_COLUMNS };

static const struct csv_column COLUMNS[N_COLUMNS] = {
	[CODE] = { "code", "区划代码", true },
	[NAME] = { "name", "名称", true },
	[LEVEL] = { "level", "级别", true },
	[PARENT] = { "parent", "上级代码", false },
};

struct reading {
	const struct divisions_options *o;
	struct divisions d;
	size_t cap;
	long faults;
	struct csv_reader csv;
	int at[N_COLUMNS];
};

int file_read_whole(const char *file, size_t max, struct buf *ret, struct err *err)
{
	bool in = strcmp(file, "-") == 0;
	int fd = in ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n = -1;

	if (fd < 0)
		return err_fmt(err, &ERR_FILE, "%s: %s", file, strerrordesc_np(errno));
	while (buf_reserve(ret, 1 << 16) && (n = read(fd, ret->ptr + ret->len, ret->cap - ret->len)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || (ret->len += (size_t)n) > max)
			break;
	}
	if (n < 0 && !ret->failed)
		err_fmt(err, &ERR_FILE, "%s: %s", file, strerrordesc_np(errno));
	if (!in)
		close(fd);
	if (ret->failed)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (n > 0)
		return err_fmt(err, &ERR_TOO_LARGE, "%s", file);
	return n < 0 ? -1 : 0;
}

/* ---- faults -------------------------------------------------------------------- */

static void fault_err(struct reading *r, long line, long column, const struct err *why)
{
	if (r->faults++ < DIVISIONS_FAULTS_MAX && r->o->fault)
		r->o->fault(r->o->ctx, line, column, why);
}

static void fault(struct reading *r, long line, int column, const struct err_kind *kind, const char *a, const char *b)
{
	struct err why = { 0 };

	err_set(&why, kind, column >= 0 ? COLUMNS[column].name : NULL, a, b, NULL);
	fault_err(r, line, column >= 0 ? r->at[column] + 1 : 0, &why);
}

static const char *code_text(place_t p, char out[PLACE_TEXT + 1])
{
	out[place_format(p, out)] = '\0';
	return out;
}

/* ---- one row ------------------------------------------------------------------------ */

static bool name_fits(struct str name)
{
	if (!name.ptr || str_codepoints(name) > NAME_MAX_POINTS)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.ptr[i] < 0x20 || name.ptr[i] == 0x7f)
			return false;
	return true;
}

/* A city without counties is one place at both levels. */
static bool level_fits(place_t code, int64_t level)
{
	int64_t own = place_level(code);

	return level == own || (own == LEVEL_CITY && level == LEVEL_COUNTY);
}

static bool add_row(struct reading *r, const struct division_row *row)
{
	if (r->d.n == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 1024;
		struct division_row *wider = reallocarray(r->d.rows, cap, sizeof(*wider));

		if (!wider)
			return false;
		r->d.rows = wider;
		r->cap = cap;
	}
	r->d.rows[r->d.n++] = *row;
	return true;
}

/* Fills the row; false when it has a fault, which is told. */
static bool judge_row(struct reading *r, struct division_row *row)
{
	struct str code = csv_cell(&r->csv, r->at[CODE]), level = csv_cell(&r->csv, r->at[LEVEL]),
		   parent = csv_cell(&r->csv, r->at[PARENT]);
	char text[64], other[64];
	long before = r->faults;

	*row = (struct division_row){ .line = r->csv.line, .name = csv_cell(&r->csv, r->at[NAME]) };
	if (code.len == PLACE_TEXT || !place_parse(code, &row->code)) {
		fault(r, row->line, CODE, &ERR_CODE, str_show(code, text, sizeof text), "");
		return false;
	}
	if (row->code != PLACE_NATION && !place_within(row->code, r->o->top) && !place_within(r->o->top, row->code))
		fault(r, row->line, CODE, &ERR_OUTSIDE, code_text(row->code, text), code_text(r->o->top, other));
	if (!name_fits(row->name))
		fault(r, row->line, NAME, &ERR_NAME, "", "");
	if (!str_to_i64(level, &row->level) || !level_fits(row->code, row->level))
		fault(r, row->line, LEVEL, &ERR_LEVEL, str_show(level, text, sizeof text), code_text(row->code, other));
	if (!parent.ptr)
		row->parent = place_parent(row->code);
	else if (parent.len == PLACE_TEXT || !place_parse(parent, &row->parent) ||
		 !place_within(row->code, row->parent) || (row->parent == row->code && row->level != LEVEL_COUNTY))
		fault(r, row->line, PARENT, &ERR_PARENT_FORM, str_show(parent, text, sizeof text),
		      code_text(row->code, other));
	if (row->parent == row->code)
		row->parent = place_parent(row->code);
	return r->faults == before;
}

static int read_rows(struct reading *r, struct str text, struct err *err)
{
	struct err why = { 0 };
	int n;

	csv_read_init(&r->csv, text);
	if (csv_header(&r->csv, COLUMNS, N_COLUMNS, r->at, err) < 0)
		return -1;
	while ((n = csv_record(&r->csv, &why)) != 0) {
		struct division_row row;

		if (n < 0) {
			fault_err(r, r->csv.line, 0, &why);
			continue;
		}
		/* The nation is no division: it has no row of its own in a store. */
		if (!judge_row(r, &row) || row.code == PLACE_NATION)
			continue;
		/* A name that held doubled quotes stands in the reader's own memory. */
		if (row.name.ptr < text.ptr || row.name.ptr >= text.ptr + text.len)
			row.name = arena_str(&r->d.names, row.name);
		if (!row.name.ptr || !add_row(r, &row))
			return err_kind_set(err, &ERR_NO_MEMORY);
	}
	return 0;
}

/* ---- all together --------------------------------------------------------------------- */

static int by_code(const void *a, const void *b)
{
	const struct division_row *x = a, *y = b;

	if (x->code != y->code)
		return x->code < y->code ? -1 : 1;
	if (x->level != y->level)
		return x->level < y->level ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

static int by_level(const void *a, const void *b)
{
	const struct division_row *x = a, *y = b;

	if (x->level != y->level)
		return x->level < y->level ? -1 : 1;
	return x->code < y->code ? -1 : x->code > y->code;
}

static bool is_listed(const struct divisions *d, place_t code)
{
	size_t low = 0, high = d->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (d->rows[mid].code < code)
			low = mid + 1;
		else
			high = mid;
	}
	return low < d->n && d->rows[low].code == code;
}

/* Rows stand by code; the second row of a city without counties goes. */
static void merge_doubles(struct reading *r)
{
	size_t kept = 0;
	char text[64], line[24];

	for (size_t i = 0; i < r->d.n; i++) {
		const struct division_row *row = &r->d.rows[i], *last = kept ? &r->d.rows[kept - 1] : NULL;

		if (!last || last->code != row->code) {
			r->d.rows[kept++] = *row;
		} else if (last->level == row->level || row->level != LEVEL_COUNTY) {
			snprintf(line, sizeof(line), "%ld", last->line);
			fault(r, row->line, CODE, &ERR_TWICE, code_text(row->code, text), line);
		}
	}
	r->d.n = kept;
}

static void check_parents(struct reading *r)
{
	char text[64];

	for (size_t i = 0; i < r->d.n; i++) {
		const struct division_row *row = &r->d.rows[i];

		if (row->level > LEVEL_PROVINCE && !is_listed(&r->d, row->parent))
			fault(r, row->line, r->at[PARENT] >= 0 ? PARENT : CODE, &ERR_PARENT_NONE,
			      code_text(row->parent, text), "");
	}
	if (r->o->top != PLACE_NATION && !is_listed(&r->d, r->o->top))
		fault(r, 1, -1, &ERR_TOP_NONE, code_text(r->o->top, text), "");
}

static int judge_all(struct reading *r, struct err *err)
{
	char text[24];

	if (!r->d.n && !r->faults)
		return err_kind_set(err, &ERR_NO_ROWS);
	qsort(r->d.rows, r->d.n, sizeof(*r->d.rows), by_code);
	merge_doubles(r);
	/* Parents of bad rows are not known: one fault would be told as many. */
	if (r->o->whole && !r->faults)
		check_parents(r);
	if (r->faults) {
		snprintf(text, sizeof(text), "%ld", r->faults);
		return err_set(err, &ERR_DIVISIONS, NULL, text, NULL);
	}
	qsort(r->d.rows, r->d.n, sizeof(*r->d.rows), by_level);
	return 0;
}

int divisions_read(const char *file, const struct divisions_options *o, struct divisions *ret, struct err *err)
{
	struct reading r = { .o = o };
	struct str text;
	int rc;

	arena_init(&r.d.names, 0);
	rc = file_read_whole(file, INPUT_FILE_MAX, &r.d.bytes, err);
	if (rc == 0)
		rc = charset_decode(buf_view(&r.d.bytes), &r.d.text, &text, NULL, err);
	if (rc == 0)
		rc = read_rows(&r, text, err);
	csv_read_finish(&r.csv);
	if (rc == 0)
		rc = judge_all(&r, err);
	if (rc < 0) {
		divisions_finish(&r.d);
		return -1;
	}
	*ret = r.d;
	return 0;
}

void divisions_finish(struct divisions *d)
{
	free(d->rows);
	arena_finish(&d->names);
	buf_finish(&d->bytes);
	buf_finish(&d->text);
	*d = (struct divisions){ 0 };
}
