/* The CSV reader, header mapping and writer. Fields borrow from the text
 * unless they held doubled quotes. */
#include "format/csv.h"

#include <stdio.h>
#include <strings.h>

#define KIND(name_, code_, zh_, en_) \
	const struct err_kind name_ = { .code = code_, .status = 400, .zh = zh_, .en = en_ }

KIND(ERR_CSV_QUOTE_OPEN, "csv_quote_open", "第{0}行第{1}列的引号没有结束。请补上右引号。",
     "The quoted text at line {0}, column {1} never ends. Add the closing quote.");
KIND(ERR_CSV_QUOTE_STRAY, "csv_quote_stray", "第{0}行第{1}列有多余的引号。含引号的内容须整体加引号，内部引号写两遍。",
     "A stray quote at line {0}, column {1}. Put the whole field in quotes and double the quotes inside.");
KIND(ERR_CSV_FIELD_LONG, "csv_field_long", "第{0}行第{1}列的内容超过 64 KiB。请缩短。",
     "The field at line {0}, column {1} is longer than 64 KiB. Shorten it.");
KIND(ERR_CSV_COLUMNS, "csv_columns", "第{0}行超过 256 列（第{1}列处）。请检查分隔符和引号。",
     "Line {0} has more than 256 columns (at column {1}). Check its commas and quotes.");
KIND(ERR_CSV_WIDTH, "csv_width", "第{0}行的列数与表头不同（第{1}列处；应为 {2} 列）。请检查逗号和引号。",
     "Line {0} has another number of columns than the header (at column {1}; {2} expected). Check commas and quotes.");
KIND(ERR_CSV_EMPTY, "csv_empty", "文件没有内容。第一行应为列名。",
     "The file is empty. Its first row must name the columns.");
KIND(ERR_CSV_MISSING, "csv_column_missing", "缺少列“{0}”。请在第一行加上它。",
     "The column \"{0}\" is missing. Add it to the first row.");
KIND(ERR_CSV_DOUBLED, "csv_column_doubled", "列“{0}”出现了两次。请删去一列。",
     "The column \"{0}\" stands twice. Remove one.");
KIND(ERR_CSV_UNKNOWN, "csv_column_unknown", "不认识列“{0}”。请核对列名或删去该列。",
     "The column \"{0}\" is not known. Correct its name or remove it.");

void csv_read_init(struct csv_reader *r, struct str text)
{
	const char *start = text.ptr ? text.ptr : "";

	*r = (struct csv_reader){ .start = start, .p = start, .end = start + text.len, .next_line = 1, .line = 1 };
}

void csv_read_finish(struct csv_reader *r)
{
	buf_finish(&r->text);
}

/* Past one line end, if `p` is at one. */
static const char *eat_line_end(const char *p, const char *end)
{
	if (p < end && *p == '\r')
		return p + 1 < end && p[1] == '\n' ? p + 2 : p + 1;
	return p < end && *p == '\n' ? p + 1 : p;
}

static int fail_at(struct csv_reader *r, const struct err_kind *kind, long line, size_t column, struct err *err)
{
	char at[24], of[24], want[24];

	snprintf(at, sizeof(at), "%ld", line);
	snprintf(of, sizeof(of), "%zu", column);
	snprintf(want, sizeof(want), "%zu", r->width);
	return err_set(err, kind, NULL, at, of, want, NULL);
}

/* A malformed row: the reader moves behind the line of `p`. */
static int give_up(struct csv_reader *r, const char *p, const struct err_kind *kind, long line, struct err *err)
{
	size_t column = r->n + 1;

	while (p < r->end && *p != '\n' && *p != '\r')
		p++;
	if (p < r->end)
		r->next_line++;
	r->p = eat_line_end(p, r->end);
	r->n = 0;
	return fail_at(r, kind, line, column, err);
}

/* A quoted field from behind its opening quote. Returns the place behind the
 * closing one, or NULL when the text ends first; counts line ends and doubled quotes. */
static const char *quoted_end(struct csv_reader *r, const char *p, size_t *ret_doubled)
{
	size_t doubled = 0;

	while (p < r->end) {
		if (*p == '"') {
			if (p + 1 == r->end || p[1] != '"') {
				*ret_doubled = doubled;
				return p + 1;
			}
			doubled++;
			p += 2;
		} else if (*p == '\n' || *p == '\r') {
			p = eat_line_end(p, r->end);
			r->next_line++;
		} else {
			p++;
		}
	}
	return NULL;
}

/* Takes one field into fields[n]; its doubled quotes stay for undouble(). */
static int take_field(struct csv_reader *r, bool *doubled, struct err *err)
{
	const char *from = r->p, *p = from;
	long line = r->next_line;
	size_t extra = 0;

	if (p < r->end && *p == '"') {
		p = quoted_end(r, ++from, &extra);
		if (!p)
			return give_up(r, r->end, &ERR_CSV_QUOTE_OPEN, line, err);
		if (p < r->end && *p != ',' && *p != '\n' && *p != '\r')
			return give_up(r, p, &ERR_CSV_QUOTE_STRAY, line, err);
		r->fields[r->n] = (struct str){ from, (size_t)(p - 1 - from) };
	} else {
		while (p < r->end && *p != ',' && *p != '\n' && *p != '\r' && *p != '"')
			p++;
		if (p < r->end && *p == '"')
			return give_up(r, p, &ERR_CSV_QUOTE_STRAY, line, err);
		r->fields[r->n] = (struct str){ from, (size_t)(p - from) };
	}
	if (r->fields[r->n].len - extra > CSV_FIELD_MAX)
		return give_up(r, p, &ERR_CSV_FIELD_LONG, line, err);
	doubled[r->n] = extra > 0;
	r->p = p;
	r->n++;
	return 0;
}

/* Copies the fields that hold doubled quotes, each pair made one. */
static int undouble(struct csv_reader *r, const bool *doubled, struct err *err)
{
	size_t room = 0;

	for (size_t i = 0; i < r->n; i++)
		room += doubled[i] ? r->fields[i].len : 0;
	buf_clear(&r->text);
	if (room && !buf_reserve(&r->text, room)) /* once: the copies must not move */
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < r->n && room; i++) {
		struct str f = r->fields[i];
		char *to = r->text.ptr + r->text.len;
		size_t n = 0;

		if (!doubled[i])
			continue;
		for (size_t k = 0; k < f.len; k++) {
			to[n++] = f.ptr[k];
			k += f.ptr[k] == '"';
		}
		r->text.len += n;
		r->fields[i] = (struct str){ to, n };
	}
	return 0;
}

int csv_row(struct csv_reader *r, struct err *err)
{
	bool doubled[CSV_COLUMNS_MAX] = { 0 };

	while (r->p < r->end && (*r->p == '\n' || *r->p == '\r')) {
		r->p = eat_line_end(r->p, r->end);
		r->next_line++;
	}
	r->n = 0;
	r->line = r->next_line;
	if (r->p == r->end)
		return 0;
	for (;;) {
		if (r->n == CSV_COLUMNS_MAX)
			return give_up(r, r->p, &ERR_CSV_COLUMNS, r->line, err);
		if (take_field(r, doubled, err))
			return -1;
		if (r->p == r->end)
			break;
		if (*r->p != ',') {
			r->p = eat_line_end(r->p, r->end);
			r->next_line++;
			break;
		}
		r->p++;
	}
	return undouble(r, doubled, err) ? -1 : 1;
}

static bool all_empty(const struct csv_reader *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (csv_cell(r, (int)i).ptr)
			return false;
	return true;
}

/* Forgets empty cells at the row's end, down to `least` fields. */
static void drop_empty_tail(struct csv_reader *r, size_t least)
{
	while (r->n > least && !csv_cell(r, (int)r->n - 1).ptr)
		r->n--;
}

int csv_record(struct csv_reader *r, struct err *err)
{
	int rc;

	do
		rc = csv_row(r, err);
	while (rc > 0 && all_empty(r));
	if (rc > 0)
		drop_empty_tail(r, r->width);
	if (rc > 0 && r->width && r->n != r->width)
		return fail_at(r, &ERR_CSV_WIDTH, r->line, r->n < r->width ? r->n : r->width + 1, err);
	return rc;
}

int csv_permille(const struct csv_reader *r)
{
	size_t all = (size_t)(r->end - r->start);

	return all ? (int)((double)(r->p - r->start) / (double)all * 1000) : 1000;
}

static struct str trim(struct str s)
{
	while (s.len && (*s.ptr == ' ' || *s.ptr == '\t'))
		s = (struct str){ s.ptr + 1, s.len - 1 };
	while (s.len && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
		s.len--;
	return s;
}

static bool same_name(struct str cell, const char *name)
{
	return name && strlen(name) == cell.len && strncasecmp(cell.ptr, name, cell.len) == 0;
}

static int fail_column(const struct err_kind *kind, struct str name, struct err *err)
{
	return err_fmt(err, kind, "%.*s", STR_ARG(name));
}

int csv_header_map(const struct str *cells, size_t n_cells, const struct csv_column *columns, size_t n, int *at,
		   struct err *err)
{
	for (size_t i = 0; i < n; i++)
		at[i] = -1;
	for (size_t c = 0; c < n_cells; c++) {
		struct str cell = trim(cells[c]);
		size_t i = 0;

		while (i < n && !same_name(cell, columns[i].name) && !same_name(cell, columns[i].other))
			i++;
		if (i == n)
			return fail_column(&ERR_CSV_UNKNOWN, cell, err);
		if (at[i] >= 0)
			return fail_column(&ERR_CSV_DOUBLED, cell, err);
		at[i] = (int)c;
	}
	for (size_t i = 0; i < n; i++)
		if (columns[i].needed && at[i] < 0)
			return fail_column(&ERR_CSV_MISSING, str_of(columns[i].name), err);
	return 0;
}

int csv_header(struct csv_reader *r, const struct csv_column *columns, size_t n, int *at, struct err *err)
{
	int rc = csv_row(r, err);

	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_kind_set(err, &ERR_CSV_EMPTY);
	drop_empty_tail(r, 0); /* spreadsheets leave commas behind the last column */
	if (r->n == 0)
		return err_kind_set(err, &ERR_CSV_EMPTY);
	r->width = r->n;
	return csv_header_map(r->fields, r->n, columns, n, at, err);
}

struct str csv_cell(const struct csv_reader *r, int at)
{
	struct str s;

	if (at < 0 || (size_t)at >= r->n)
		return STR_NONE;
	s = trim(r->fields[at]);
	return s.len ? s : STR_NONE;
}

void csv_write_init(struct csv_writer *w, struct buf *out, bool bom)
{
	*w = (struct csv_writer){ .out = out };
	if (bom)
		buf_cstr(out, "\xef\xbb\xbf");
}

/* A sign, digits, and perhaps a fraction. */
static bool plain_number(struct str s)
{
	size_t i = s.len && (s.ptr[0] == '-' || s.ptr[0] == '+'), digits = i;

	while (i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9')
		i++;
	if (i == digits)
		return false;
	if (i == s.len)
		return true;
	if (s.ptr[i++] != '.')
		return false;
	digits = i;
	while (i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9')
		i++;
	return i == s.len && i > digits;
}

/* True for what a spreadsheet takes for a formula; the full-width signs are
 * read as their narrow ones where Chinese is set. */
static bool runs_as_formula(struct str s)
{
	static const char *const wide[] = { "＝", "＋", "－", "＠" };

	if (!s.len || plain_number(s))
		return false;
	if (memchr("=+-@\t\r", s.ptr[0], 6))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(wide); i++)
		if (str_starts(s, wide[i]))
			return true;
	return false;
}

static bool needs_quotes(struct str s)
{
	if (s.len && (s.ptr[0] == ' ' || s.ptr[s.len - 1] == ' '))
		return true;
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == '"' || s.ptr[i] == ',' || s.ptr[i] == '\n' || s.ptr[i] == '\r')
			return true;
	return false;
}

void csv_put(struct csv_writer *w, struct str field)
{
	bool quotes = needs_quotes(field);
	const char *p = field.ptr ? field.ptr : "", *end = p + field.len;

	if (w->column)
		buf_char(w->out, ',');
	if (quotes)
		buf_char(w->out, '"');
	if (runs_as_formula(field))
		buf_char(w->out, '\'');
	while (p < end) {
		const char *quote = quotes ? memchr(p, '"', (size_t)(end - p)) : NULL;
		const char *stop = quote ? quote + 1 : end;

		buf_add(w->out, p, (size_t)(stop - p));
		if (quote)
			buf_char(w->out, '"');
		p = stop;
	}
	if (quotes)
		buf_char(w->out, '"');
	w->empty_so_far = w->column == 0 && !field.len;
	w->column++;
}

void csv_put_cstr(struct csv_writer *w, const char *field)
{
	csv_put(w, str_of(field));
}

void csv_put_i64(struct csv_writer *w, int64_t v)
{
	if (w->column++)
		buf_char(w->out, ',');
	buf_i64(w->out, v);
	w->empty_so_far = false;
}

void csv_end_row(struct csv_writer *w)
{
	buf_cstr(w->out, w->empty_so_far ? "\"\"\r\n" : "\r\n");
	w->column = 0;
	w->empty_so_far = false;
}
