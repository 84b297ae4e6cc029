/* Id numbers and phones: what is taken and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "event/shape.h"

static void takes_id_numbers(void **state)
{
	/* The two examples of GB 11643, and a leap day. */
	static const char *const good[] = { "11010519491231002X", "11010519491231002x", "440524188001010014",
					    "610927200002290013" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_true(idno_valid(str_of(good[i])));
}

static void refuses_id_numbers(void **state)
{
	static const char *const bad[] = {
		"",
		"110105194912310021",  /* check digit */
		"11010519491231002",   /* 17 */
		"11010519491231002XX", /* 19 */
		"1101051949123100-X",
		"X10105194912310021",
		"110105491231002",    /* the old form of 15 */
		"11010519491331002X", /* month 13 */
		"１1010519491231002",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(idno_valid(str_of(bad[i])));
	assert_false(idno_valid(STR_NONE));
}

/* Every single wrong digit is noticed: that is what the check digit is for. */
static void notices_any_wrong_digit(void **state)
{
	(void)state;
	for (size_t i = 0; i < 17; i++) {
		for (char c = '0'; c <= '9'; c++) {
			char text[] = "11010519491231002X";
			if (text[i] == c)
				continue;
			text[i] = c;
			assert_false(idno_valid(str_of(text)));
		}
	}
}

/* With a right check digit a date that does not exist is still refused. */
static void refuses_dates_that_do_not_exist(void **state)
{
	static const int weights[] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
	static const struct {
		const char *date;
		bool exists;
	} rows[] = { { "20000229", true },  { "19000229", false }, { "20010229", false }, { "20200431", false },
		     { "20201301", false }, { "20200001", false }, { "20200100", false }, { "17991231", false },
		     { "18000101", true },  { "19491231", true } };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[19] = "610927";
		int sum = 0;
		memcpy(text + 6, rows[i].date, 8);
		memcpy(text + 14, "001", 3);
		for (int k = 0; k < 17; k++)
			sum += weights[k] * (text[k] - '0');
		text[17] = "10X98765432"[sum % 11];
		assert_int_equal(idno_valid((struct str){ text, 18 }), rows[i].exists);
	}
}

static void takes_phones(void **state)
{
	static const char *const good[] = { "13800138000", "19912345678",    "+86 138 0013 8000", "0915-3312345", "110",
					    "12345",       "+8613800138000", "400-800-8000",      "915 331 2345" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_true(phone_valid(str_of(good[i])));
}

static void refuses_phones(void **state)
{
	static const char *const bad[] = { "",
					   "12",
					   "1380013800a",
					   "12012345678",
					   "10012345678",
					   "138+00138000",
					   "１３８００１３８０００",
					   "1234567890123456",
					   "---",
					   "13800138000;",
					   "1 - 2 - 3 - 4 - 5 - 6 - 7" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(phone_valid(str_of(bad[i])));
	assert_false(phone_valid(STR_NONE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_id_numbers),
		cmocka_unit_test(refuses_id_numbers),
		cmocka_unit_test(notices_any_wrong_digit),
		cmocka_unit_test(refuses_dates_that_do_not_exist),
		cmocka_unit_test(takes_phones),
		cmocka_unit_test(refuses_phones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
