/* Spans of time during which something held, and what they add to figures. */
#include "domain/domain.h"

bool spans_hold_at(const struct spans *s, int64_t at)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->items[i].from <= at && at < s->items[i].to)
			return true;
	}
	return false;
}

int spans_intersect(struct arena *a, const struct spans *x, const struct spans *y, struct spans *ret, struct err *err)
{
	struct span *out = NULL;
	size_t n = 0;
	if (x->n && y->n) {
		out = arena_alloc(a, (x->n + y->n) * sizeof *out);
		if (!out)
			return err_kind_set(err, &ERR_NO_MEMORY);
	}
	for (size_t i = 0, k = 0; i < x->n && k < y->n;) {
		int64_t from = x->items[i].from > y->items[k].from ? x->items[i].from : y->items[k].from;
		int64_t to = x->items[i].to < y->items[k].to ? x->items[i].to : y->items[k].to;
		if (from < to)
			out[n++] = (struct span){ from, to };
		if (x->items[i].to < y->items[k].to)
			i++;
		else
			k++;
	}
	*ret = (struct spans){ out, n };
	return 0;
}

int figure_add_spans(struct work *w, const char *name, const char *part, int64_t incident_no, place_t place,
		     const struct spans *s, int sign, struct err *err)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct span *p = &s->items[i];
		if (figure_add_part(w, name, part, incident_no, place, day_of(p->from), sign, err) < 0)
			return -1;
		if (p->to != INT64_MAX &&
		    figure_add_part(w, name, part, incident_no, place, day_of(p->to), -sign, err) < 0)
			return -1;
	}
	return 0;
}
