/* Masks: the contract's own examples, and that nothing short, odd or of many
 * bytes a character slips through or is cut in half. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "domain/domain.h"

static struct arena arena;

static void assert_mask(struct str (*mask)(struct arena *, struct str), const char *plain, const char *expected)
{
	struct str s = mask(&arena, str_of(plain));
	if (!str_is(s, expected))
		fail_msg("%s is masked as %.*s, not %s", plain, STR_ARG(s), expected);
	assert_true(str_is_utf8(s));
}

static void test_names(void **state)
{
	(void)state;
	assert_mask(mask_name, "张三", "张*");
	assert_mask(mask_name, "欧阳修文", "欧*");
	assert_mask(mask_name, "张", "张*");
	assert_mask(mask_name, "", "*");
	assert_mask(mask_name, "John", "J*");
	assert_mask(mask_name, "𠮷野", "𠮷*"); /* four bytes */
	assert_null(mask_name(&arena, STR_NONE).ptr);
}

static void test_phones(void **state)
{
	(void)state;
	assert_mask(mask_phone, "13812345678", "138****5678");
	assert_mask(mask_phone, "0915-8822356", "091****2356");
	assert_mask(mask_phone, "12345678", "123****5678");
	assert_mask(mask_phone, "1234567", "****"); /* too short to show seven of it */
	assert_mask(mask_phone, "", "****");
	assert_null(mask_phone(&arena, STR_NONE).ptr);
}

static void test_id_numbers(void **state)
{
	(void)state;
	assert_mask(mask_idno, "61092719900101001X", "6109**********001X");
	assert_mask(mask_idno, "610927900101001", "****"); /* the old form of 15 */
	assert_mask(mask_idno, "", "****");
	assert_null(mask_idno(&arena, STR_NONE).ptr);
}

static void test_addresses(void **state)
{
	(void)state;
	assert_mask(mask_address, "蔬菜村一组12号院", "蔬菜村***");
	assert_mask(mask_address, "一", "一***");
	assert_mask(mask_address, "ab", "a***");
	assert_mask(mask_address, "", "***");
	assert_null(mask_address(&arena, STR_NONE).ptr);
}

/* ---- who sees what ---- */

static place_t at(const char *code)
{
	place_t p;
	assert_true(place_parse(str_of(code), &p));
	return p;
}

static enum reveal revealed(unsigned role, const char *place, int64_t until, const char *area)
{
	struct grant g = { role, at(place), until };
	struct principal p = { .account = STR("wang"), .grants = &g, .n_grants = 1 };
	struct work w = { .who = &p, .now = 1000, .top = at("610927") };
	return reveal_for(&w, at(area));
}

static void test_reveal(void **state)
{
	static const unsigned MASKED[] = { ROLE_COMMANDER, ROLE_GRID,         ROLE_CHECKPOINT, ROLE_SUPPLY,
					   ROLE_PUBLICITY, ROLE_ORGANISATION, ROLE_INSPECTION };
	(void)state;
	assert_int_equal(revealed(ROLE_OFFICER, "610927100200", FIELD_ABSENT, "610927100200"), REVEAL_FULL);
	assert_int_equal(revealed(ROLE_OFFICER, "610927100200", FIELD_ABSENT, "610927100200001"), REVEAL_FULL);
	assert_int_equal(revealed(ROLE_OFFICER, "610927100000", FIELD_ABSENT, "610927100200"), REVEAL_FULL);
	assert_int_equal(revealed(ROLE_OFFICER, "610927000000", FIELD_ABSENT, "610927100200"), REVEAL_MASKED);
	assert_int_equal(revealed(ROLE_OFFICER, "610927100201", FIELD_ABSENT, "610927100200"), REVEAL_NOTHING);
	assert_int_equal(revealed(ROLE_OFFICER, "610927100200001", FIELD_ABSENT, "610927100200"), REVEAL_NOTHING);
	assert_int_equal(revealed(ROLE_OFFICER, "610927100200", 1000, "610927100200"), REVEAL_NOTHING); /* ended */
	assert_int_equal(revealed(ROLE_OFFICER, "610927100200", 1001, "610927100200"), REVEAL_FULL);
	for (size_t i = 0; i < ARRAY_LEN(MASKED); i++)
		assert_int_equal(revealed(MASKED[i], "610927100200", FIELD_ABSENT, "610927100200"), REVEAL_MASKED);
	assert_int_equal(revealed(ROLE_AUDITOR, "610927000000", FIELD_ABSENT, "610927100200"), REVEAL_NOTHING);
	assert_int_equal(revealed(ROLE_ADMIN, "610927000000", FIELD_ABSENT, "610927100200"), REVEAL_NOTHING);
	struct work nobody = { .now = 1000 };
	assert_int_equal(reveal_for(&nobody, at("610927100200")), REVEAL_NOTHING); /* a replay */
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_names), cmocka_unit_test(test_phones),
					    cmocka_unit_test(test_id_numbers), cmocka_unit_test(test_addresses),
					    cmocka_unit_test(test_reveal) };
	arena_init(&arena, 0);
	int failed = cmocka_run_group_tests_name("domain/masks", tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}
