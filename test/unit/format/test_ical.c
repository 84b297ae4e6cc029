/* Calendars: lines, folding, escaping, times; and a reading of what was written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"
#include "format/ical.h"

static const char *text_of(struct buf *b)
{
	buf_char(b, 0);
	return b->ptr;
}

static void test_whole(void **state)
{
	struct buf b = { 0 };
	int64_t start, stamp;
	(void)state;
	assert_true(time_parse(STR("2020-02-05T08:00:00+08:00"), &start));
	assert_true(time_parse(STR("2020-02-04T20:15:30+08:00"), &stamp));
	const struct ical_event ev = { .uid = STR("abc@lianfang"),
				       .stamp = stamp,
				       .start = start,
				       .end = start + 8 * 3600000,
				       .summary = STR("值班：县界卡点"),
				       .location = STR("县界卡点") };
	ical_begin(&b, STR("联防值班"));
	ical_event(&b, &ev);
	ical_end(&b);
	assert_string_equal(text_of(&b), "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//lianfang//duty//ZH\r\n"
					 "CALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\nX-WR-CALNAME:联防值班\r\n"
					 "BEGIN:VEVENT\r\nUID:abc@lianfang\r\nDTSTAMP:20200204T121530Z\r\n"
					 "DTSTART:20200205T000000Z\r\nDTEND:20200205T080000Z\r\n"
					 "SUMMARY:值班：县界卡点\r\nLOCATION:县界卡点\r\nEND:VEVENT\r\n"
					 "END:VCALENDAR\r\n");
	buf_finish(&b);
}

static void test_escapes(void **state)
{
	struct buf b = { 0 };
	(void)state;
	ical_text(&b, "SUMMARY", STR("a,b;c\\d\ne\r\tf"));
	assert_string_equal(text_of(&b), "SUMMARY:a\\,b\\;c\\\\d\\nef\r\n");
	buf_finish(&b);
}

/* Nobody gets to write a line of their own. */
static void test_no_line_smuggled(void **state)
{
	struct buf b = { 0 };
	(void)state;
	ical_text(&b, "LOCATION", STR("x\r\nATTENDEE:mailto:y"));
	assert_string_equal(text_of(&b), "LOCATION:x\\nATTENDEE:mailto:y\r\n");
	buf_finish(&b);
}

/* Undoes folding and compares; checks every line's length and that no character is cut. */
static void check_folded(struct str value)
{
	struct buf b = { 0 }, flat = { 0 };
	size_t line = 0;
	ical_text(&b, "S", value);
	assert_false(b.failed);
	for (size_t i = 0; i < b.len; i++) {
		if (b.ptr[i] == '\r' && b.ptr[i + 1] == '\n') {
			assert_true(line <= 75);
			line = 0;
			i += i + 2 < b.len && b.ptr[i + 2] == ' ' ? 2 : 1;
			if (b.ptr[i] == ' ') {
				line = 1;
				assert_true(((unsigned char)b.ptr[i + 1] & 0xc0) != 0x80);
			}
			continue;
		}
		buf_char(&flat, b.ptr[i]);
		line++;
	}
	assert_int_equal(flat.len, value.len + 2);
	assert_memory_equal(flat.ptr + 2, value.ptr, value.len);
	buf_finish(&b);
	buf_finish(&flat);
}

static void test_folding(void **state)
{
	(void)state;
	char text[900];
	for (size_t n = 1; n < 260; n++) {
		for (size_t i = 0; i < n; i++)
			text[i] = (char)('a' + i % 26);
		check_folded((struct str){ text, n });
		/* characters of three octets, after 0, 1 or 2 of one: every phase of the fold */
		for (size_t before = 0; before < 3; before++) {
			size_t at = before;
			memset(text, 'x', before);
			for (size_t i = 0; i < n; i++, at += 3)
				memcpy(text + at, "防", 3);
			check_folded((struct str){ text, at });
		}
	}
}

static void test_fold_at_75(void **state)
{
	struct buf b = { 0 };
	char text[80];
	(void)state;
	memset(text, 'a', sizeof text);
	ical_text(&b, "S", (struct str){ text, 73 });
	assert_int_equal(b.len, 77);
	buf_clear(&b);
	ical_text(&b, "S", (struct str){ text, 74 });
	assert_int_equal(b.len, 76 + 5);
	buf_finish(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_no_line_smuggled),
		cmocka_unit_test(test_folding),
		cmocka_unit_test(test_fold_at_75),
	};
	return cmocka_run_group_tests_name("format/ical", tests, NULL, NULL);
}
