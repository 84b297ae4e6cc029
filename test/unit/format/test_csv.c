/* CSV: rows and where they break, header mapping, and what the writer defuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "format/csv.h"

/* Rows as "field|field/row", errors as "!code line column". */
static void assert_reads(struct str text, const char *expected)
{
	_cleanup_(csv_read_finish) struct csv_reader r;
	_cleanup_(buf_finish) struct buf got = { 0 };
	char *copy = malloc(text.len + 1); /* its own block: a sanitizer sees a step beyond */
	struct err err = { 0 };
	int rc;

	assert_non_null(copy);
	memcpy(copy, text.ptr, text.len);
	csv_read_init(&r, (struct str){ copy, text.len });
	while ((rc = csv_row(&r, &err)) != 0) {
		if (got.len)
			buf_char(&got, '/');
		if (rc < 0)
			buf_printf(&got, "!%s %s %s", err.kind->code + 4, err.arg[0], err.arg[1]);
		for (size_t i = 0; i < r.n; i++) {
			if (i)
				buf_char(&got, '|');
			buf_str(&got, r.fields[i]);
		}
	}
	assert_int_equal(csv_row(&r, &err), 0); /* the end stays the end */
	assert_int_equal(csv_permille(&r), 1000);
	buf_char(&got, '\0');
	assert_string_equal(got.ptr, expected);
	free(copy);
}

static void reads_rows(void **state)
{
	(void)state;
	assert_reads(STR(""), "");
	assert_reads(STR("a"), "a");
	assert_reads(STR("a,b\r\nc,d\r\n"), "a|b/c|d");
	assert_reads(STR("a,b\nc,d"), "a|b/c|d");
	assert_reads(STR("a,b\rc,d\r"), "a|b/c|d");
	assert_reads(STR("\n\r\n\ra\n\n\nb\n\n"), "a/b");
	assert_reads(STR(",\n"), "|");
	assert_reads(STR("a,,\n"), "a||");
	assert_reads(STR("\"\"\n"), "");
	assert_reads(STR("\"a,b\",\"c\"\"d\",\"\"\"\"\n"), "a,b|c\"d|\"");
	assert_reads(STR("\"a\nb\r\nc\"\nd"), "a\nb\r\nc/d");
	assert_reads(STR(" a , b "), " a | b ");
	assert_reads(STR("镇平县,\"城关,镇\""), "镇平县|城关,镇");
	assert_reads(STR("\"a\",\"b\""), "a|b");
}

static void names_line_and_column_of_what_breaks(void **state)
{
	(void)state;
	assert_reads(STR("a\"b"), "!quote_stray 1 1");
	assert_reads(STR("a,b\nc,d\"e\nf,g\n"), "a|b/!quote_stray 2 2/f|g");
	assert_reads(STR("a,\"b\"c\nd\n"), "!quote_stray 1 2/d");
	assert_reads(STR("a, \"b\"\nd\n"), "!quote_stray 1 2/d");
	assert_reads(STR("a\r\nb,\"c\r\nd\r\n"), "a/!quote_open 2 2");
	assert_reads(STR("\""), "!quote_open 1 1");
	assert_reads(STR("\"\"\""), "!quote_open 1 1");
	assert_reads(STR("\"a\n\nb\",\"c\"\"\nd\"x\ne,f\"\n"), "!quote_stray 3 2/!quote_stray 5 2");
}

static void counts_physical_lines(void **state)
{
	_cleanup_(csv_read_finish) struct csv_reader r;
	struct err err = { 0 };

	(void)state;
	csv_read_init(&r, STR("h\r\n\r\n\"x\r\ny\nz\"\nlast\n"));
	assert_int_equal(csv_row(&r, &err), 1);
	assert_int_equal(r.line, 1);
	assert_int_equal(csv_row(&r, &err), 1);
	assert_int_equal(r.line, 3);
	assert_int_equal(csv_row(&r, &err), 1);
	assert_int_equal(r.line, 6);
	assert_true(str_is(r.fields[0], "last"));
}

static void bounds_hold(void **state)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	_cleanup_(csv_read_finish) struct csv_reader r = { 0 };
	struct err err = { 0 };

	(void)state;
	for (int i = 1; i < CSV_COLUMNS_MAX; i++)
		buf_char(&b, ',');
	buf_cstr(&b, "\n");
	csv_read_init(&r, buf_view(&b));
	assert_int_equal(csv_row(&r, &err), 1);
	assert_int_equal(r.n, CSV_COLUMNS_MAX);
	b.len--;
	buf_cstr(&b, ",\nnext\n");
	csv_read_init(&r, buf_view(&b));
	assert_int_equal(csv_row(&r, &err), -1);
	assert_ptr_equal(err.kind, &ERR_CSV_COLUMNS);
	assert_string_equal(err.arg[1], "257");
	assert_int_equal(csv_row(&r, &err), 1);
	assert_true(str_is(r.fields[0], "next"));

	for (int extra = 0; extra < 2; extra++) {
		for (int quoted = 0; quoted < 2; quoted++) {
			buf_clear(&b);
			buf_cstr(&b, quoted ? "\"\"\"" : "z");
			for (size_t i = 1; i < CSV_FIELD_MAX + (size_t)extra; i++)
				buf_char(&b, 'x');
			buf_cstr(&b, quoted ? "\"\n" : "\n");
			csv_read_init(&r, buf_view(&b));
			assert_int_equal(csv_row(&r, &err), extra ? -1 : 1);
			if (extra)
				assert_ptr_equal(err.kind, &ERR_CSV_FIELD_LONG);
			else
				assert_int_equal(r.fields[0].len, CSV_FIELD_MAX);
			csv_read_finish(&r);
		}
	}
}

static const struct csv_column columns[] = {
	{ "code", "代码", true },
	{ "name", "名称", true },
	{ "parent", NULL, false },
};

static int header(struct csv_reader *r, struct str text, int at[3], struct err *err)
{
	csv_read_init(r, text);
	return csv_header(r, columns, ARRAY_LEN(columns), at, err);
}

static void maps_headers(void **state)
{
	struct csv_reader r;
	struct err err = { 0 };
	int at[3];

	(void)state;
	assert_int_equal(header(&r, STR("code,name,parent\n"), at, &err), 0);
	assert_true(at[0] == 0 && at[1] == 1 && at[2] == 2);
	assert_int_equal(header(&r, STR("\n NAME\t, Code \n"), at, &err), 0);
	assert_true(at[0] == 1 && at[1] == 0 && at[2] == -1);
	assert_int_equal(header(&r, STR("代码,\"名称\",,\n"), at, &err), 0);
	assert_true(at[0] == 0 && at[1] == 1 && at[2] == -1);
	assert_int_equal(r.width, 2);
}

static void refuses_headers(void **state)
{
	static const struct {
		const char *text;
		const struct err_kind *kind;
		const char *arg;
	} rows[] = {
		{ "", &ERR_CSV_EMPTY, "" },
		{ "\r\n\r\n", &ERR_CSV_EMPTY, "" },
		{ ",,\n", &ERR_CSV_EMPTY, "" },
		{ "code,parent\n", &ERR_CSV_MISSING, "name" },
		{ "code,name,Code\n", &ERR_CSV_DOUBLED, "Code" },
		{ "code,name,代码\n", &ERR_CSV_DOUBLED, "代码" },
		{ "code,name,colour\n", &ERR_CSV_UNKNOWN, "colour" },
		{ "code;name\n", &ERR_CSV_UNKNOWN, "code;name" },
		{ "code,,name\n", &ERR_CSV_UNKNOWN, "" },
		{ "\"code", &ERR_CSV_QUOTE_OPEN, "1" },
	};
	struct csv_reader r;
	int at[3];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err err = { 0 };

		assert_int_equal(header(&r, str_of(rows[i].text), at, &err), -1);
		assert_ptr_equal(err.kind, rows[i].kind);
		assert_string_equal(err.arg[0], rows[i].arg);
	}
}

static void records_have_the_headers_width(void **state)
{
	_cleanup_(csv_read_finish) struct csv_reader r;
	struct err err = { 0 };
	int at[3];

	(void)state;
	assert_int_equal(
	    header(&r, STR("name,code\n甲, 1 \n,,\n , \t\n乙\n丙,3,x\n丁,4,,\n\"\"\"戊\"\"\",\n"), at, &err), 0);
	assert_int_equal(csv_record(&r, &err), 1);
	assert_true(str_is(csv_cell(&r, at[0]), "1"));
	assert_true(str_is(csv_cell(&r, at[1]), "甲"));
	assert_null(csv_cell(&r, at[2]).ptr);
	assert_int_equal(csv_record(&r, &err), -1);
	assert_ptr_equal(err.kind, &ERR_CSV_WIDTH);
	assert_string_equal(err.arg[0], "5");
	assert_string_equal(err.arg[2], "2");
	assert_int_equal(csv_record(&r, &err), -1);
	assert_string_equal(err.arg[0], "6");
	assert_string_equal(err.arg[1], "3");
	assert_int_equal(csv_record(&r, &err), 1);
	assert_true(str_is(csv_cell(&r, at[0]), "4"));
	assert_int_equal(csv_record(&r, &err), 1);
	assert_true(str_is(csv_cell(&r, at[1]), "\"戊\""));
	assert_null(csv_cell(&r, at[0]).ptr);
	assert_int_equal(csv_record(&r, &err), 0);
}

static void assert_writes(const char *field, const char *expected)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	struct csv_writer w;

	csv_write_init(&w, &b, false);
	csv_put_cstr(&w, "k");
	csv_put_cstr(&w, field);
	csv_end_row(&w);
	assert_memory_equal(b.ptr, "k,", 2);
	assert_memory_equal(b.ptr + b.len - 2, "\r\n", 2);
	b.len -= 2;
	buf_char(&b, '\0');
	assert_string_equal(b.ptr + 2, expected);
}

static void quotes_when_needed(void **state)
{
	(void)state;
	assert_writes("plain", "plain");
	assert_writes("", "");
	assert_writes(NULL, "");
	assert_writes("a,b", "\"a,b\"");
	assert_writes("a\"b", "\"a\"\"b\"");
	assert_writes("\"\"", "\"\"\"\"\"\"");
	assert_writes("a\nb", "\"a\nb\"");
	assert_writes("a\rb", "\"a\rb\"");
	assert_writes(" a", "\" a\"");
	assert_writes("镇 平", "镇 平");
}

static void defuses_formulas(void **state)
{
	static const char *const plain[] = { "-5",  "+5",  "-0.25", "+8613800000000", "36.5",
					     "a=b", "5-3", "'=x",   "2020-02-08",     "镇=" };

	(void)state;
	assert_writes("=1+1", "'=1+1");
	assert_writes("=cmd|'/C calc'!A0", "'=cmd|'/C calc'!A0");
	assert_writes("+a", "'+a");
	assert_writes("-1+1", "'-1+1");
	assert_writes("-", "'-");
	assert_writes("-1.", "'-1.");
	assert_writes("-.5", "'-.5");
	assert_writes("+1e5", "'+1e5");
	assert_writes("@SUM(A1)", "'@SUM(A1)");
	assert_writes("\tx", "'\tx");
	assert_writes("\rx", "\"'\rx\"");
	assert_writes("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
	assert_writes("＝1+1", "'＝1+1");
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		assert_writes(plain[i], plain[i]);
}

static void rows_come_back(void **state)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	_cleanup_(csv_read_finish) struct csv_reader r;
	struct csv_writer w;
	struct err err = { 0 };

	(void)state;
	csv_write_init(&w, &b, true);
	csv_put(&w, STR("a\r\n\"b\""));
	csv_put_i64(&w, -7);
	csv_put(&w, STR_NONE);
	csv_end_row(&w);
	csv_put(&w, STR_NONE); /* alone it would be a blank line */
	csv_end_row(&w);
	csv_put_i64(&w, 0);
	csv_end_row(&w);
	assert_true(str_is(buf_view(&b), "\xef\xbb\xbf\"a\r\n\"\"b\"\"\",-7,\r\n\"\"\r\n0\r\n"));
	csv_read_init(&r, (struct str){ b.ptr + 3, b.len - 3 });
	assert_int_equal(csv_row(&r, &err), 1);
	assert_int_equal(r.n, 3);
	assert_true(str_is(r.fields[0], "a\r\n\"b\""));
	assert_int_equal(csv_row(&r, &err), 1);
	assert_int_equal(r.n, 1);
	assert_true(str_is(r.fields[0], ""));
	assert_int_equal(csv_row(&r, &err), 1);
	assert_true(str_is(r.fields[0], "0"));
	assert_int_equal(csv_row(&r, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_rows),
		cmocka_unit_test(names_line_and_column_of_what_breaks),
		cmocka_unit_test(counts_physical_lines),
		cmocka_unit_test(bounds_hold),
		cmocka_unit_test(maps_headers),
		cmocka_unit_test(refuses_headers),
		cmocka_unit_test(records_have_the_headers_width),
		cmocka_unit_test(quotes_when_needed),
		cmocka_unit_test(defuses_formulas),
		cmocka_unit_test(rows_come_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
