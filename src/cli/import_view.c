/* Asking views in process: see import_view.h. */
#include "cli/import_view.h"

#include "cli/cli.h"

struct asked {
	const struct view_arg *args;
	size_t n;
};

static struct str arg_value(void *ctx, const char *name)
{
	const struct asked *a = ctx;
	for (size_t i = 0; i < a->n; i++) {
		if (strcmp(a->args[i].name, name) == 0)
			return a->args[i].value;
	}
	return STR_NONE;
}

static struct str arg_name(void *ctx, size_t index)
{
	const struct asked *a = ctx;
	for (size_t i = 0; i < a->n; i++) {
		if (a->args[i].value.ptr && index-- == 0)
			return str_of(a->args[i].name);
	}
	return STR_NONE;
}

int view_ask(struct reader *r, const char *path, const struct view_arg *args, size_t n, enum lang lang, struct buf *out,
	     struct err *err)
{
	struct asked asked = { args, n };
	struct view_request q = {
		.who = principal_system(), .param = arg_value, .param_ctx = &asked, .param_name = arg_name, .lang = lang
	};
	q.view = app_find_view(str_of(path), &q.id);
	if (!q.view)
		return err_fmt(err, &ERR_INTERNAL, "no view %s", path);
	return reader_view(r, &q, out, err);
}

/* One page: its items to the caller, the cursor of the next into `next`. */
static int walk_page(struct str page, struct arena *arena, view_item_fn item, void *ctx, struct buf *next,
		     struct err *err)
{
	struct json_reader r;
	struct str name, text;
	int more;
	buf_clear(next);
	json_read_init(&r, page, arena);
	if (json_object_begin(&r) < 0)
		return json_fail(&r, err);
	while ((more = json_member(&r, &name)) == 1) {
		if (str_is(name, "next")) {
			if (json_string(&r, &text) < 0)
				return json_fail(&r, err);
			buf_str(next, text);
			continue;
		}
		if (!str_is(name, "items")) {
			if (json_skip(&r, NULL) < 0)
				return json_fail(&r, err);
			continue;
		}
		if (json_array_begin(&r) < 0)
			return json_fail(&r, err);
		while ((more = json_element(&r)) == 1) {
			if (item(ctx, &r, err) < 0)
				return r.failed ? json_fail(&r, err) : -1;
		}
		if (more < 0)
			return json_fail(&r, err);
	}
	return more < 0 ? json_fail(&r, err) : 0;
}

int view_walk(struct reader *r, const char *path, place_t place, view_item_fn item, void *ctx, struct err *err)
{
	_cleanup_(buf_finish) struct buf page = { 0 }, next = { 0 };
	_cleanup_(arena_finish) struct arena arena;
	char code[PLACE_TEXT];
	struct str at = { code, place_format(place, code) };
	arena_init(&arena, 0);
	do {
		struct view_arg args[] = { { "place", at },
					   { "limit", STR("500") },
					   { "after", next.len ? buf_view(&next) : STR_NONE } };
		buf_clear(&page);
		arena_reset(&arena);
		if (view_ask(r, path, args, ARRAY_LEN(args), LANG_ZH, &page, err) < 0)
			return -1;
		if (walk_page(buf_view(&page), &arena, item, ctx, &next, err) < 0)
			return -1;
		if (page.failed || next.failed)
			return err_kind_set(err, &ERR_NO_MEMORY);
	} while (next.len);
	return 0;
}
