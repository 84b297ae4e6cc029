/* What is looked up in the list of modules (modules.c). */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "domain/domain.h"

/* Types by name: filled once, read by many threads. */
#define TYPES_CAP 256
static const struct event_type *types[TYPES_CAP];
static const struct module *types_module[TYPES_CAP];
static bool prepared;

static size_t slot_of(struct str name)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < name.len; i++)
		h = (h ^ (unsigned char)name.ptr[i]) * 16777619u;
	size_t i = h & (TYPES_CAP - 1);
	while (types[i] && !str_is(name, types[i]->form.type))
		i = (i + 1) & (TYPES_CAP - 1);
	return i;
}

static void fail(const char *module, const char *row, const char *why)
{
	fprintf(stderr, "module %s, %s: %s\n", module, row, why);
	abort();
}

static void prepare_events(const struct module *m)
{
	for (size_t i = 0; i < m->n_events; i++) {
		const struct event_type *t = &m->events[i];
		if (!t->roles)
			fail(m->name, t->form.type, "names no role");
		if (!t->zh || !t->en)
			fail(m->name, t->form.type, "has no label");
		shape_prepare(t->form.shape);
		size_t k = slot_of(str_of(t->form.type));
		if (types[k])
			fail(m->name, t->form.type, "is listed twice");
		types[k] = t;
		types_module[k] = m;
	}
}

void registry_prepare(void)
{
	if (prepared)
		return;
	prepared = true;
	shape_prepare(&HISTORY_SHAPE);
	int rank = 0;
	for (size_t m = 0; MODULES[m]; m++) {
		if (MODULES[m]->rank < rank)
			fail(MODULES[m]->name, "-", "stands out of its rank");
		rank = MODULES[m]->rank;
		prepare_events(MODULES[m]);
	}
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_views; i++) {
			const struct view *v = &MODULES[m]->views[i];
			if (!v->roles || !v->zh || !v->en)
				fail(MODULES[m]->name, v->path, "has no roles or labels");
			shape_prepare(v->shape);
		}
		for (size_t i = 0; i < MODULES[m]->n_reactions; i++) {
			if (!registry_form(str_of(MODULES[m]->reactions[i].type)))
				fail(MODULES[m]->name, MODULES[m]->reactions[i].type, "no such type to react to");
		}
		for (size_t i = 0; i < MODULES[m]->n_tasks; i++) {
			const struct task_rule *t = &MODULES[m]->tasks[i];
			if (!t->roles || !t->zh || !t->en || !registry_form(str_of(t->settles)))
				fail(MODULES[m]->name, t->name, "has no roles, labels or settling type");
		}
	}
}

const struct event_form *registry_form(struct str type)
{
	assert(prepared);
	const struct event_type *t = types[slot_of(type)];
	return t ? &t->form : NULL;
}

const struct event_type *registry_type(const struct event_form *form)
{
	return (const struct event_type *)((const char *)form - offsetof(struct event_type, form));
}

const struct module *registry_module_of(const struct event_type *t)
{
	return types_module[slot_of(str_of(t->form.type))];
}

const struct figure_def *registry_figure(struct str name, struct str *ret_part)
{
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_figures; i++) {
			const struct figure_def *d = &MODULES[m]->figures[i];
			size_t len = strlen(d->name);
			if (!d->parts) {
				if (str_is(name, d->name)) {
					*ret_part = STR_NONE;
					return d;
				}
				continue;
			}
			if (!str_starts(name, d->name))
				continue;
			struct str part = { name.ptr + len, name.len - len };
			for (size_t p = 0; d->parts[p]; p++) {
				if (str_is(part, d->parts[p])) {
					*ret_part = str_of(d->parts[p]); /* terminated, unlike the caller's name */
					return d;
				}
			}
		}
	}
	return NULL;
}
