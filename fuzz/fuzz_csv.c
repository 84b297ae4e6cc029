/* Fuzz target of the character sets and the CSV reader and writer: decoding
 * gives UTF-8 or an error, reading stays in bounds and always ends, and rows
 * written are read back as they were but for the defusing apostrophe. */
#include <stdlib.h>

#include "format/charset.h"
#include "format/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* Reads all rows and writes those that are sound. Returns their count. */
static size_t copy(struct str text, struct buf *out)
{
	_cleanup_(csv_read_finish) struct csv_reader r;
	struct csv_writer w;
	struct err err = { 0 };
	size_t rows = 0, steps = 0;
	int rc;

	csv_read_init(&r, text);
	csv_write_init(&w, out, false);
	while ((rc = csv_row(&r, &err)) != 0) {
		const char *p = r.p;

		must(p > r.start && p <= r.end && ++steps <= text.len);
		must(r.line >= 1 && r.next_line >= r.line && (size_t)r.next_line <= text.len + 1);
		if (rc < 0) {
			must(err.kind && err.arg[0][0]);
			continue;
		}
		must(r.n >= 1 && r.n <= CSV_COLUMNS_MAX);
		for (size_t i = 0; i < r.n; i++) {
			must(r.fields[i].ptr && r.fields[i].len <= CSV_FIELD_MAX);
			must(str_is_utf8(r.fields[i]));
			csv_put(&w, r.fields[i]);
		}
		csv_end_row(&w);
		rows++;
	}
	return rows;
}

static void try_header(struct str text)
{
	static const struct csv_column columns[] = {
		{ "code", "代码", true },
		{ "name", "名称", true },
		{ "level", NULL, false },
		{ "parent", NULL, false },
	};
	_cleanup_(csv_read_finish) struct csv_reader r;
	int at[ARRAY_LEN(columns)], rc;
	struct err err = { 0 };

	csv_read_init(&r, text);
	if (csv_header(&r, columns, ARRAY_LEN(columns), at, &err))
		return;
	must(at[0] >= 0 && at[1] >= 0);
	while ((rc = csv_record(&r, &err)) != 0) {
		if (rc < 0)
			continue;
		must(r.n == r.width);
		for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
			struct str cell = csv_cell(&r, at[i]);

			must(cell.ptr ? cell.len > 0 : cell.len == 0);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(buf_finish) struct buf scratch = { 0 }, gb = { 0 }, back = { 0 };
	_cleanup_(buf_finish) struct buf once = { 0 }, twice = { 0 };
	struct str text, again;
	struct err err = { 0 };
	enum charset from;

	if (charset_decode((struct str){ (const char *)data, size }, &scratch, &text, &from, &err)) {
		must(err.kind != NULL);
		return 0;
	}
	must(text.ptr && str_is_utf8(text));
	if (from == CHARSET_GB18030)
		must(charset_encode(text, CHARSET_GB18030, &gb, &err) == 0);
	try_header(text);
	if (copy(text, &once)) {
		/* A second apostrophe is never needed, so from here on writing changes nothing,
		 * unless the apostrophe made a field too long. */
		size_t rows = copy(buf_view(&once), &twice);

		must(str_eq(buf_view(&once), buf_view(&twice)) || (rows && once.len > CSV_FIELD_MAX));
		must(charset_decode(buf_view(&once), &back, &again, &from, &err) == 0);
	}
	return 0;
}
