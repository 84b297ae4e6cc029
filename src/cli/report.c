/* lianfang report: the situation report of a place, as of any day, as text or
 * JSON. Every number comes from the figures' own view; nothing is counted here. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/import_view.h"
#include "domain/places/places.h"

#define FIGURES_MAX 512
#define BELOW_MAX   500

struct line {
	struct str name; /* in the page */
	int64_t value;
	const struct module *module;
	const struct figure_def *def;
	struct str part;
};

/* One row of the table of places directly below. */
struct below {
	place_t code;
	char name[128];
	int64_t values[5];
};

static const struct {
	const char *name, *zh, *en;
} BELOW_FIGURES[] = { { "villages", "村", "villages" },
		      { "households", "户", "households" },
		      { "households_covered", "已覆盖", "covered" },
		      { "groups", "责任组", "groups" },
		      { "groups_complete", "配齐", "complete" } };

struct report {
	struct buf page; /* the view's answer */
	struct arena arena;
	place_t place;
	char place_name[128];
	struct str as_of, known_at; /* as the view writes them; known_at absent: as known now */
	int64_t day;
	struct line lines[FIGURES_MAX];
	size_t n;
	struct below *below;
	size_t n_below;
};

/* ---- reading ---------------------------------------------------------------------------- */

static const struct module *module_of(const struct figure_def *def)
{
	for (size_t m = 0; MODULES[m]; m++) {
		if (def >= MODULES[m]->figures && def < MODULES[m]->figures + MODULES[m]->n_figures)
			return MODULES[m];
	}
	return NULL;
}

static int read_figures(struct report *p, struct json_reader *r, struct err *err)
{
	struct str name, number;
	int more;
	if (json_object_begin(r) < 0)
		return json_fail(r, err);
	while ((more = json_member(r, &name)) == 1) {
		struct line l = { .name = name };
		if (json_number(r, &number) < 0)
			return json_fail(r, err);
		l.def = registry_figure(name, &l.part);
		if (!l.def || !str_to_i64(number, &l.value) || p->n == FIGURES_MAX)
			return err_fmt(err, &ERR_INTERNAL, "figure %.*s", STR_ARG(name));
		l.module = module_of(l.def);
		p->lines[p->n++] = l;
	}
	return more < 0 ? json_fail(r, err) : 0;
}

static int read_page(struct report *p, struct err *err)
{
	struct json_reader r;
	struct str name;
	int more;
	json_read_init(&r, buf_view(&p->page), &p->arena);
	if (json_object_begin(&r) < 0)
		return json_fail(&r, err);
	while ((more = json_member(&r, &name)) == 1) {
		int rc = str_is(name, "as_of")      ? json_string(&r, &p->as_of)
			 : str_is(name, "known_at") ? json_string(&r, &p->known_at)
			 : str_is(name, "figures")  ? 1
						    : json_skip(&r, NULL);
		if (rc == 1 && read_figures(p, &r, err) < 0)
			return -1;
		if (rc < 0)
			return json_fail(&r, err);
	}
	if (more < 0)
		return json_fail(&r, err);
	return day_parse(p->as_of, &p->day) ? 0 : err_fmt(err, &ERR_INTERNAL, "as_of");
}

static int add_below(void *ctx, const struct division *d, struct err *err)
{
	struct report *p = ctx;
	struct below *b = &p->below[p->n_below++];
	(void)err;
	*b = (struct below){ .code = d->code };
	snprintf(b->name, sizeof b->name, "%.*s", STR_ARG(d->name));
	return 0;
}

/* The table below is of what is known now; as of an earlier knowledge each row would be a replay of its own. */
static int read_below(struct report *p, struct work *w, struct err *err)
{
	if (p->known_at.ptr || place_level(p->place) >= LEVEL_VILLAGE)
		return 0;
	p->below = calloc(BELOW_MAX, sizeof *p->below);
	if (!p->below)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (divisions_below(w, p->place, -1, BELOW_MAX, add_below, p, err) < 0)
		return -1;
	for (size_t i = 0; i < p->n_below; i++) {
		for (size_t k = 0; k < ARRAY_LEN(BELOW_FIGURES); k++) {
			if (figure_value(w, BELOW_FIGURES[k].name, 0, p->below[i].code, p->day, &p->below[i].values[k],
					 err) < 0)
				return -1;
		}
		struct str name = place_name(w, p->below[i].code, day_start(p->day + 1) - 1);
		snprintf(p->below[i].name, sizeof p->below[i].name, "%.*s", STR_ARG(name));
	}
	return 0;
}

static int read_report(struct report *p, struct app *a, struct err *err)
{
	struct reader *r = NULL;
	const char *place = cli_option("place");
	struct view_arg args[] = { { "place", str_of(place) },
				   { "as_of", str_of(cli_option("as-of")) },
				   { "known_at", str_of(cli_option("known-at")) },
				   { "incident", str_of(cli_option("incident")) } };
	p->place = app_top(a);
	if (place)
		place_parse(str_of(place), &p->place); /* the view refuses what is none */
	if (reader_create(a, &r, err) < 0)
		return -1;
	int rc = view_ask(r, "/api/v1/figures", args, ARRAY_LEN(args), cli_lang(), &p->page, err);
	if (rc == 0)
		rc = read_page(p, err);
	if (rc == 0)
		rc = reader_begin(r, err);
	if (rc == 0) {
		struct work *w = reader_work(r, principal_system(), cli_lang());
		struct str name = place_name(w, p->place, day_start(p->day + 1) - 1);
		snprintf(p->place_name, sizeof p->place_name, "%.*s", STR_ARG(name));
		rc = read_below(p, w, err);
	}
	reader_destroy(r);
	return rc;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static const char *part_label(const struct line *l, enum lang lang)
{
	for (size_t i = 0; l->part.ptr && l->def->parts[i]; i++) {
		if (str_is(l->part, l->def->parts[i]))
			return lang == LANG_ZH && l->def->parts_zh ? l->def->parts_zh[i] : l->def->parts[i];
	}
	return NULL;
}

static void label(const struct line *l, enum lang lang, char out[160])
{
	const char *own = lang == LANG_ZH ? l->def->zh : l->def->en, *part = part_label(l, lang);
	snprintf(out, 160, part ? (lang == LANG_ZH ? "%s：%s" : "%s: %s") : "%s%s", own, part ? part : "");
	for (char *c = out; lang == LANG_EN && *c; c++)
		*c = *c == '_' ? ' ' : *c;
}

static void write_text(struct json_writer *w, const char *key, const char *text)
{
	json_key(w, key);
	json_put_cstr(w, text);
}

static void write_below(struct json_writer *w, const struct report *p)
{
	json_open(w, '{');
	write_text(w, "module", "below");
	write_text(w, "zh", "下级地点");
	write_text(w, "en", "Places below");
	json_key(w, "places");
	json_open(w, '[');
	for (size_t i = 0; i < p->n_below; i++) {
		char code[PLACE_TEXT + 1];
		code[place_format(p->below[i].code, code)] = 0;
		json_open(w, '{');
		write_text(w, "place", code);
		write_text(w, "name", p->below[i].name);
		for (size_t k = 0; k < ARRAY_LEN(BELOW_FIGURES); k++) {
			json_key(w, BELOW_FIGURES[k].name);
			json_put_i64(w, p->below[i].values[k]);
		}
		json_close(w, '}');
	}
	json_close(w, ']');
	json_close(w, '}');
}

static void write_section(struct json_writer *w, const struct report *p, const struct module *m)
{
	char text[160];
	json_open(w, '{');
	write_text(w, "module", m->name);
	write_text(w, "zh", m->zh);
	write_text(w, "en", m->en);
	json_key(w, "figures");
	json_open(w, '[');
	for (size_t i = 0; i < p->n; i++) {
		const struct line *l = &p->lines[i];
		if (l->module != m)
			continue;
		json_open(w, '{');
		json_key(w, "name");
		json_put_str(w, l->name);
		label(l, LANG_ZH, text);
		write_text(w, "zh", text);
		label(l, LANG_EN, text);
		write_text(w, "en", text);
		json_key(w, "value");
		json_put_i64(w, l->value);
		json_close(w, '}');
	}
	json_close(w, ']');
	json_close(w, '}');
}

static bool has_lines(const struct report *p, const struct module *m)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->lines[i].module == m)
			return true;
	}
	return false;
}

static void write_json(const struct report *p, struct buf *out)
{
	struct json_writer w;
	char code[PLACE_TEXT + 1];
	code[place_format(p->place, code)] = 0;
	json_write_init(&w, out);
	json_open(&w, '{');
	write_text(&w, "place", code);
	write_text(&w, "place_name", p->place_name);
	json_key(&w, "as_of");
	json_put_str(&w, p->as_of);
	json_key(&w, "known_at");
	json_put_str(&w, p->known_at);
	json_key(&w, "figures");
	json_open(&w, '{');
	for (size_t i = 0; i < p->n; i++) {
		json_key_str(&w, p->lines[i].name);
		json_put_i64(&w, p->lines[i].value);
	}
	json_close(&w, '}');
	json_key(&w, "sections");
	json_open(&w, '[');
	for (size_t m = 0; MODULES[m]; m++) {
		if (has_lines(p, MODULES[m]))
			write_section(&w, p, MODULES[m]);
	}
	if (p->n_below)
		write_below(&w, p);
	json_close(&w, ']');
	json_close(&w, '}');
	buf_char(out, '\n');
}

/* ---- text --------------------------------------------------------------------------------------- */

/* Columns that a text takes on a terminal: two for a Han character or full-width sign. */
static int width_of(const char *s)
{
	int w = 0;
	for (const unsigned char *p = (const unsigned char *)s; *p; p++) {
		if ((*p & 0xc0) != 0x80)
			w += *p >= 0xe3 && *p <= 0xef ? 2 : 1;
	}
	return w;
}

static void pad(struct buf *out, const char *text, int width, bool right)
{
	int gap = width - width_of(text);
	if (!right)
		buf_cstr(out, text);
	while (gap-- > 0)
		buf_char(out, ' ');
	if (right)
		buf_cstr(out, text);
}

static void pad_number(struct buf *out, int64_t v, int width)
{
	char text[24];
	snprintf(text, sizeof text, "%lld", (long long)v);
	pad(out, text, width, true);
}

static void text_section(const struct report *p, const struct module *m, int width, struct buf *out)
{
	char text[160];
	buf_printf(out, "\n%s\n", cli_pick(m->zh, m->en));
	for (size_t i = 0; i < p->n; i++) {
		if (p->lines[i].module != m)
			continue;
		label(&p->lines[i], cli_lang(), text);
		buf_cstr(out, "  ");
		pad(out, text, width, false);
		pad_number(out, p->lines[i].value, 14);
		buf_char(out, '\n');
	}
}

static void text_below(const struct report *p, struct buf *out)
{
	int name = 0;
	for (size_t i = 0; i < p->n_below; i++)
		name = width_of(p->below[i].name) > name ? width_of(p->below[i].name) : name;
	buf_printf(out, "\n%s\n  ", cli_pick("下级地点", "Places below"));
	pad(out, "", name, false);
	for (size_t k = 0; k < ARRAY_LEN(BELOW_FIGURES); k++)
		pad(out, cli_pick(BELOW_FIGURES[k].zh, BELOW_FIGURES[k].en), 12, true);
	buf_char(out, '\n');
	for (size_t i = 0; i < p->n_below; i++) {
		buf_cstr(out, "  ");
		pad(out, p->below[i].name, name, false);
		for (size_t k = 0; k < ARRAY_LEN(BELOW_FIGURES); k++)
			pad_number(out, p->below[i].values[k], 12);
		buf_char(out, '\n');
	}
}

static void text_report(const struct report *p, struct buf *out)
{
	char code[PLACE_TEXT + 1], text[160], time[TIME_TEXT_MAX];
	int64_t ms;
	int width = 0;
	code[place_format(p->place, code)] = 0;
	buf_printf(out,
		   cli_pick("%s（%s）情况报告\n截至 %.*s 日终", "Situation report of %s (%s)\nas of the end of %.*s"),
		   p->place_name, code, STR_ARG(p->as_of));
	if (p->known_at.ptr && time_parse(p->known_at, &ms)) {
		time_format_local(ms, time);
		buf_printf(out, cli_pick("，按 %s 已收到的记录", ", as known at %s"), time);
	}
	buf_char(out, '\n');
	for (size_t i = 0; i < p->n; i++) {
		label(&p->lines[i], cli_lang(), text);
		width = width_of(text) > width ? width_of(text) : width;
	}
	for (size_t m = 0; MODULES[m]; m++) {
		if (has_lines(p, MODULES[m]))
			text_section(p, MODULES[m], width, out);
	}
	if (p->n_below)
		text_below(p, out);
}

/* ---- the command --------------------------------------------------------------------------------- */

static void report_finish(struct report *p)
{
	buf_finish(&p->page);
	arena_finish(&p->arena);
	free(p->below);
	free(p);
}

static void report_finishp(struct report **p)
{
	if (*p)
		report_finish(*p);
}

/* 0 text, 1 JSON, or -1 with the exit code. */
static int format_of(int *ret_exit)
{
	const char *format = cli_option("format");
	static const char *const LATER[] = { "html", "pdf", "xlsx", NULL };
	if (cli_json() && format && strcmp(format, "json") != 0) {
		*ret_exit =
		    cli_wrong("--json 与 --format %s 矛盾", "--json and --format %s contradict each other", format);
		return -1;
	}
	if (cli_json() || (format && strcmp(format, "json") == 0))
		return 1;
	if (!format || strcmp(format, "text") == 0)
		return 0;
	*ret_exit = cli_index(LATER, format) >= 0 ? cli_wrong("本版还不能输出 %s：请用 text 或 json",
							      "this version has no %s yet: use text or json", format)
						  : cli_wrong("没有格式“%s”：请用 text 或 json",
							      "there is no format \"%s\": use text or json", format);
	return -1;
}

int cmd_report(int argc, char **argv)
{
	_cleanup_(report_finishp) struct report *p = NULL;
	_cleanup_(buf_finish) struct buf out = { 0 };
	struct cli_store store = { 0 };
	struct err err = { 0 };
	int code = CLI_DONE, format = format_of(&code);
	(void)argc;
	(void)argv;
	if (format < 0)
		return code;
	p = calloc(1, sizeof *p);
	if (!p)
		return cli_error(&(struct err){ .kind = &ERR_NO_MEMORY });
	arena_init(&p->arena, 0);
	int rc = cli_open(&store, CLI_READ, &err);
	if (rc == 0)
		rc = read_report(p, store.app, &err);
	cli_close(&store);
	if (rc < 0)
		return cli_error(&err);
	if (format == 1)
		write_json(p, &out);
	else
		text_report(p, &out);
	if (out.failed || fwrite(out.ptr, 1, out.len, stdout) != out.len)
		return cli_error(&(struct err){ .kind = &ERR_NO_MEMORY });
	return CLI_DONE;
}
