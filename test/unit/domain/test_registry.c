/* The registry's tables: every row has what the rest of the program takes for
 * granted of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "domain/domain.h"

/* Personal members are sealed under an owner that stands beside them, in lists and objects too. */
static void check_owners(const char *type, const struct shape *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct field *f = &s->fields[i];
		if ((f->flags & FIELD_PERSONAL) && s->owner_at < 0)
			fail_msg("%s: %s has no owner", type, f->name);
		if (f->shape && !(f->flags & FIELD_PERSONAL))
			check_owners(type, f->shape);
	}
}

static void test_types(void **state)
{
	size_t n = 0;
	(void)state;
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_events; i++, n++) {
			const struct event_type *t = &MODULES[m]->events[i];
			assert_ptr_equal(registry_form(str_of(t->form.type)), &t->form);
			assert_ptr_equal(registry_type(&t->form), t);
			assert_ptr_equal(registry_module_of(t), MODULES[m]);
			check_owners(t->form.type, t->form.shape);
			/* One that decides access by itself needs a command. */
			assert_true(!(t->flags & EVENT_OWN_ACCESS) || t->check);
		}
	}
	assert_true(n > 25);
	assert_null(registry_form(STR("household.burnt")));
	assert_null(registry_form(STR("")));
	assert_null(registry_form(STR("household.registered ")));
}

static void test_figures(void **state)
{
	struct str part;
	(void)state;
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_figures; i++) {
			const struct figure_def *d = &MODULES[m]->figures[i];
			assert_non_null(d->behind);
			assert_true(d->zh && d->en);
			for (size_t p = 0; d->parts && d->parts[p]; p++) {
				char name[80];
				/* Part of a longer text, as in a path: what is handed out ends where the part does. */
				int len = snprintf(name, sizeof name, "%s%s/events", d->name, d->parts[p]) - 7;
				assert_ptr_equal(registry_figure((struct str){ name, (size_t)len }, &part), d);
				assert_string_equal(part.ptr, d->parts[p]);
				assert_true(d->parts_zh && d->parts_zh[p]);
			}
			if (!d->parts) {
				assert_ptr_equal(registry_figure(str_of(d->name), &part), d);
				assert_null(part.ptr);
			}
		}
	}
	assert_null(registry_figure(STR("people."), &part));
	assert_null(registry_figure(STR("people.boss"), &part));
	assert_null(registry_figure(STR("household"), &part));
	assert_null(registry_figure(STR(""), &part));
}

/* Shared names of tables would let one module drop another's on a rebuild. */
static void test_tables(void **state)
{
	const char *seen[100];
	size_t n = 0;
	(void)state;
	for (size_t i = 0; DOMAIN_TABLES[i]; i++)
		seen[n++] = DOMAIN_TABLES[i];
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; MODULES[m]->tables[i]; i++)
			seen[n++] = MODULES[m]->tables[i];
	}
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(seen[i], seen[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_types), cmocka_unit_test(test_figures),
					    cmocka_unit_test(test_tables) };
	registry_prepare();
	return cmocka_run_group_tests_name("domain/registry", tests, NULL, NULL);
}
