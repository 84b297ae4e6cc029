/* Grants: reach, role, end; the home of one with several. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "domain/domain.h"

static place_t at(const char *code)
{
	place_t p;
	assert_true(place_parse(str_of(code), &p));
	return p;
}

static void test_may(void **state)
{
	struct grant grants[] = { { ROLE_OFFICER, at("610927100000"), FIELD_ABSENT },
				  { ROLE_GRID, at("610927101200"), 500 } };
	struct principal p = { .grants = grants, .n_grants = 2 }, none = { 0 }, local = { .local = true };
	(void)state;
	assert_true(principal_may(&p, ROLE_OFFICER, at("610927100000"), 0));
	assert_true(principal_may(&p, ROLE_OFFICER | ROLE_GRID, at("610927100200001"), 0));
	assert_false(principal_may(&p, ROLE_GRID, at("610927100200"), 0));
	assert_false(principal_may(&p, ROLE_OFFICER, at("610927101200"), 0));
	assert_false(principal_may(&p, ROLE_OFFICER, at("610927000000"), 0));
	assert_true(principal_may(&p, ROLE_GRID, at("610927101200"), 499));
	assert_false(principal_may(&p, ROLE_GRID, at("610927101200"), 500));
	assert_false(principal_may(&p, ROLE_SYSTEM, at("610927100000"), 0));
	assert_false(principal_may(&p, 0, at("610927100000"), 0));
	assert_false(principal_may(&none, ROLES_ALL_GRANTED, at("610927100000"), 0));
	assert_true(principal_may(&local, ROLE_SYSTEM, at("610927100000"), 0));
}

static void test_home(void **state)
{
	struct grant grants[] = { { ROLE_GRID, at("610927100200"), FIELD_ABSENT },
				  { ROLE_OFFICER, at("610927100000"), FIELD_ABSENT },
				  { ROLE_COMMANDER, at("610927000000"), 500 },
				  { ROLE_AUDITOR, PLACE_NATION, FIELD_ABSENT } };
	struct principal p = { .grants = grants, .n_grants = 4 }, none = { 0 };
	place_t home;
	(void)state;
	assert_true(principal_home(&p, ROLE_GRID | ROLE_OFFICER | ROLE_COMMANDER, 0, &home));
	assert_int_equal(home, at("610927"));
	assert_true(principal_home(&p, ROLE_GRID | ROLE_OFFICER | ROLE_COMMANDER, 500, &home));
	assert_int_equal(home, at("610927100"));
	assert_true(principal_home(&p, ROLE_GRID, 0, &home));
	assert_int_equal(home, at("610927100200"));
	assert_true(principal_home(&p, ROLE_AUDITOR, 0, &home));
	assert_int_equal(home, PLACE_NATION);
	assert_false(principal_home(&p, ROLE_SUPPLY, 0, &home));
	assert_false(principal_home(&none, ROLES_ALL_GRANTED, 0, &home));
}

/* Bits and names go together: a grant is stored by its number. */
static void test_names(void **state)
{
	size_t n = 0;
	(void)state;
	while (ROLE_NAMES[n] && ROLE_NAMES_ZH[n])
		n++;
	assert_null(ROLE_NAMES[n]);
	assert_null(ROLE_NAMES_ZH[n]);
	assert_int_equal(1u << n, ROLE_SYSTEM);
	assert_string_equal(ROLE_NAMES[0], "commander");
	assert_string_equal(ROLE_NAMES[9], "admin");
	assert_int_equal(1u << 8, ROLE_AUDITOR);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_may), cmocka_unit_test(test_home),
					    cmocka_unit_test(test_names) };
	return cmocka_run_group_tests_name("domain/access", tests, NULL, NULL);
}
