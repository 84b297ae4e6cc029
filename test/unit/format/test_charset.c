/* Character sets: BOM, UTF-8, GB18030, and texts that are none of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "format/charset.h"

/* "镇平县联防" in GB18030 */
#define ZHENPING_GB "\xd5\xf2\xc6\xbd\xcf\xd8\xc1\xaa\xb7\xc0"

static void assert_decodes(struct str bytes, const char *text, enum charset from)
{
	_cleanup_(buf_finish) struct buf scratch = { 0 };
	struct err err = { 0 };
	enum charset got = -1;
	struct str s;

	assert_int_equal(charset_decode(bytes, &scratch, &s, &got, &err), 0);
	assert_true(str_is(s, text));
	assert_int_equal(got, from);
}

static void assert_refused(struct str bytes, const struct err_kind *kind, const char *line, const char *offset)
{
	_cleanup_(buf_finish) struct buf scratch = { 0 };
	struct err err = { 0 };
	struct str s = STR("before");

	assert_int_equal(charset_decode(bytes, &scratch, &s, NULL, &err), -1);
	assert_ptr_equal(err.kind, kind);
	assert_string_equal(err.arg[0], line);
	assert_string_equal(err.arg[1], offset);
	assert_true(str_is(s, "before"));
}

static void decodes(void **state)
{
	(void)state;
	assert_decodes(STR_NONE, "", CHARSET_UTF8);
	assert_decodes(STR("\xef\xbb\xbf"), "", CHARSET_UTF8);
	assert_decodes(STR("plain"), "plain", CHARSET_UTF8);
	assert_decodes(STR("\xef\xbb\xbf镇平县\n"), "镇平县\n", CHARSET_UTF8);
	assert_decodes(STR("镇平县"), "镇平县", CHARSET_UTF8);
	assert_decodes(STR("\xef\xbb\xbf\xef\xbb\xbfx"), "\xef\xbb\xbfx", CHARSET_UTF8); /* one BOM only */
	assert_decodes(STR(ZHENPING_GB), "镇平县联防", CHARSET_GB18030);
	assert_decodes(STR("code,name\r\n1," ZHENPING_GB "\r\n"), "code,name\r\n1,镇平县联防\r\n", CHARSET_GB18030);
	assert_decodes(STR("\x84\x31\x95\x33\xd5\xf2"), "镇", CHARSET_GB18030); /* its own BOM */
	assert_decodes(STR("\x95\x32\x82\x36"), "𠀀", CHARSET_GB18030);         /* four bytes: beyond the BMP */
	assert_decodes(STR("\x81\x39\xee\x39\xfe\x56"), "㐀㑇", CHARSET_GB18030);
}

static void utf8_is_borrowed_and_not_copied(void **state)
{
	_cleanup_(buf_finish) struct buf scratch = { 0 };
	struct err err = { 0 };
	struct str in = STR("\xef\xbb\xbf镇"), s;

	(void)state;
	assert_int_equal(charset_decode(in, &scratch, &s, NULL, &err), 0);
	assert_ptr_equal(s.ptr, in.ptr + 3);
	assert_null(scratch.ptr);
}

static void refuses(void **state)
{
	(void)state;
	assert_refused(STR("a\r\nb\n\xff"), &ERR_CHARSET, "3", "5");
	assert_refused(STR("a\rb\r\xd5"), &ERR_CHARSET, "3", "4"); /* cut in the middle of a character */
	assert_refused(STR(ZHENPING_GB "\xd5"), &ERR_CHARSET, "1", "10");
	assert_refused(STR("\xef\xbb\xbfx\xd5\xf2"), &ERR_CHARSET, "1", "4"); /* a BOM promises UTF-8 */
	assert_refused(STR("PK\x03\x04\n\0\0"), &ERR_CHARSET_BINARY, "2", "5");
	assert_refused((struct str){ "\xff\xfe"
				     "a\0",
				     4 },
		       &ERR_CHARSET_BINARY, "1", "3");
}

/* As GB18030 these bytes would pass as nonsense; they are UTF-8 with one byte broken. */
static void broken_utf8_is_not_taken_for_gb18030(void **state)
{
	(void)state;
	assert_refused(STR("河南省南阳市镇平县\n城关\xe9\x95"), &ERR_CHARSET, "2", "34");
	assert_refused(STR("河南省南阳市镇平县城\xe5\xe5\x85\xb3"), &ERR_CHARSET, "1", "30");
}

static void encodes(void **state)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(charset_encode(STR("a"), CHARSET_GB18030, &b, &err), 0);
	assert_int_equal(charset_encode(STR("镇平县联防"), CHARSET_GB18030, &b, &err), 0);
	assert_int_equal(charset_encode(STR("𠀀"), CHARSET_GB18030, &b, &err), 0);
	assert_true(str_is(buf_view(&b), "a" ZHENPING_GB "\x95\x32\x82\x36"));
	buf_clear(&b);
	assert_int_equal(charset_encode(STR("镇"), CHARSET_UTF8, &b, &err), 0);
	assert_int_equal(charset_encode(STR_NONE, CHARSET_GB18030, &b, &err), 0);
	assert_true(str_is(buf_view(&b), "镇"));
	assert_int_equal(charset_encode(STR("镇\n\xff"), CHARSET_GB18030, &b, &err), -1);
	assert_ptr_equal(err.kind, &ERR_CHARSET);
	assert_string_equal(err.arg[0], "2");
	assert_true(str_is(buf_view(&b), "镇")); /* nothing half is left */
}

/* Every character of Unicode goes to GB18030 and comes back. */
static void all_of_unicode_survives(void **state)
{
	_cleanup_(buf_finish) struct buf in = { 0 }, gb = { 0 }, back = { 0 };
	struct err err = { 0 };
	enum charset from;
	struct str s;

	(void)state;
	buf_cstr(&in, "\xc4\x80 \xc4\x80"); /* so that the text does not begin like UTF-8 when converted */
	for (uint32_t c = 0x80; c <= 0x10ffff; c++) {
		if ((c >= 0xd800 && c <= 0xdfff) ||
		    (c >= 0xe000 && c <= 0xf8ff)) /* surrogates; private use differs by edition */
			continue;
		if (c < 0x800) {
			buf_char(&in, (char)(0xc0 | c >> 6));
		} else if (c < 0x10000) {
			buf_char(&in, (char)(0xe0 | c >> 12));
			buf_char(&in, (char)(0x80 | (c >> 6 & 63)));
		} else {
			buf_char(&in, (char)(0xf0 | c >> 18));
			buf_char(&in, (char)(0x80 | (c >> 12 & 63)));
			buf_char(&in, (char)(0x80 | (c >> 6 & 63)));
		}
		buf_char(&in, (char)(0x80 | (c & 63)));
	}
	assert_true(str_is_utf8(buf_view(&in)));
	assert_int_equal(charset_encode(buf_view(&in), CHARSET_GB18030, &gb, &err), 0);
	assert_int_equal(charset_decode(buf_view(&gb), &back, &s, &from, &err), 0);
	assert_int_equal(from, CHARSET_GB18030);
	assert_true(str_eq(s, buf_view(&in)));
}

static void limits_hold(void **state)
{
	_cleanup_(buf_finish) struct buf b = { .max = 8 };
	struct err err = { 0 };
	struct str s;

	(void)state;
	assert_int_equal(charset_decode(STR(ZHENPING_GB), &b, &s, NULL, &err), -1); /* 15 bytes of UTF-8 */
	assert_ptr_equal(err.kind, &ERR_NO_MEMORY);
	assert_true(b.len <= 8);
}

static void names(void **state)
{
	enum charset c = CHARSET_UTF8;

	(void)state;
	assert_true(charset_parse(STR("GB18030"), &c));
	assert_int_equal(c, CHARSET_GB18030);
	assert_true(charset_parse(STR("utf-8"), &c));
	assert_int_equal(c, CHARSET_UTF8);
	assert_false(charset_parse(STR("utf8"), &c));
	assert_false(charset_parse(STR("gbk"), &c));
	assert_false(charset_parse(STR_NONE, &c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes),     cmocka_unit_test(utf8_is_borrowed_and_not_copied),
		cmocka_unit_test(refuses),     cmocka_unit_test(broken_utf8_is_not_taken_for_gb18030),
		cmocka_unit_test(encodes),     cmocka_unit_test(all_of_unicode_survives),
		cmocka_unit_test(limits_hold), cmocka_unit_test(names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
