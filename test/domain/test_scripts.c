/* Runs the scripts of this folder: plain text, a fresh store for each section
 * that begins with "== title". Lines (# begins a comment; a line ending in \ goes on):
 *   top CODE [FILE]      another store than the county's; first in its section
 *   now TIME             sets the clock
 *   as NAME GRANTS [person] | as system      who records and reads from here on
 *   ok EVENT · dup EVENT · no CODE[:field] EVENT     what becomes of an event
 *   ok+N EVENT                               recorded, and the server records N more beside it
 *   warn CODE EVENT                          recorded, with that warning beside it; after ok none may stand
 *   skew SECONDS                             the senders' clocks are ahead by so much, and the server knows
 *   batch … end · atomic … end               such lines as one request
 *   figure NAME PLACE DAY VALUE
 *   see PATH TEXT · hide PATH TEXT           the view's answer holds TEXT or does not
 *   deny CODE PATH       the view is refused
 *   lapse FROM TO        what came true by time alone in between goes to the outbox
 *   told KIND N          so many messages of the kind are in the outbox
 *   sound                verify and rebuild agree with the live tables; also at the end of every section
 *   reopen
 * A refused event or atomic request must leave the store as it was: that is checked each time. */
#include "harness.h"

#include <assert.h>
#include <ctype.h>
#include <glob.h>

#define LINES_MAX 2000

struct line {
	char *text;
	int number;
};

struct section {
	const char *file;
	char *title;
	struct line *lines;
	size_t n;
};

static struct section sections[400];
static size_t n_sections;

struct run {
	const struct section *s;
	size_t at; /* the line */
	const struct principal *who;
};

static void fail_line(const struct run *r, const char *fmt, ...) __attribute__((format(printf, 2, 3), noreturn));
static void fail_line(const struct run *r, const char *fmt, ...)
{
	char text[1500];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	const struct line *l = &r->s->lines[r->at < r->s->n ? r->at : r->s->n - 1];
	rig_fail(r->s->file, l->number, "%s\n\t%s", l->text, text);
}

static char *word(char **p)
{
	while (**p == ' ' || **p == '\t')
		(*p)++;
	char *start = *p;
	while (**p && **p != ' ' && **p != '\t')
		(*p)++;
	if (**p)
		*(*p)++ = 0;
	while (**p == ' ' || **p == '\t')
		(*p)++;
	return start;
}

/* ---- recording ---------------------------------------------------------------------------- */

struct expected {
	enum result_status status;
	char code[64], field[64];
	int64_t followed; /* records that the server makes beside it */
	const char *event;
};

/* False when the line is no expectation. */
static bool parse_expected(char *line, struct expected *e)
{
	char *p = line, *verb = word(&p);
	*e = (struct expected){ 0 };
	if (strcmp(verb, "ok") == 0 || strncmp(verb, "ok+", 3) == 0) {
		e->status = RESULT_RECORDED;
		e->followed = verb[2] ? atoll(verb + 3) : 0;
	} else if (strcmp(verb, "warn") == 0) {
		e->status = RESULT_RECORDED;
		snprintf(e->code, sizeof e->code, "%s", word(&p));
	} else if (strcmp(verb, "dup") == 0) {
		e->status = RESULT_DUPLICATE;
	} else if (strcmp(verb, "no") == 0) {
		char *code = word(&p), *colon = strchr(code, ':');
		e->status = RESULT_REFUSED;
		if (colon) {
			*colon = 0;
			snprintf(e->field, sizeof e->field, "%s", colon + 1);
		}
		snprintf(e->code, sizeof e->code, "%s", code);
	} else {
		return false;
	}
	e->event = p;
	return true;
}

static void compare(const struct run *r, const struct expected *e, const struct outcome *o)
{
	static const char *const NAMES[] = { "recorded", "duplicate", "refused" };
	if (o->status != e->status || (e->status == RESULT_REFUSED && strcmp(o->code, e->code) != 0))
		fail_line(r, "%s\n\tis %s %s (%s) %s; expected: %s %s", e->event, NAMES[o->status], o->code, o->field,
			  o->text, NAMES[e->status], e->code);
	size_t k = 0;
	while (k < o->n_warnings && strcmp(o->warnings[k], e->code) != 0)
		k++;
	if (e->status == RESULT_RECORDED && (e->code[0] ? k == o->n_warnings : o->n_warnings > 0))
		fail_line(r, "%s\n\t%zu warnings, the first \"%s\"; expected: \"%s\"", e->event, o->n_warnings,
			  o->n_warnings ? o->warnings[0] : "", e->code);
	if (e->field[0] && strcmp(o->field, e->field) != 0)
		fail_line(r, "%s\n\tnames the field \"%s\", not \"%s\"", e->event, o->field, e->field);
}

struct counts {
	int64_t size, keys, things, links, figures;
};

static struct counts counts_now(void)
{
	return (struct counts){ rig_size(), rig_count("subject_key"), rig_count("thing"), rig_count("link"),
				rig_count("figure") };
}

static void assert_same_counts(const struct run *r, const struct counts *a)
{
	struct counts b = counts_now();
	if (memcmp(a, &b, sizeof b) != 0)
		fail_line(r, "left something behind: size %+lld, keys %+lld, things %+lld, links %+lld, figures %+lld",
			  (long long)(b.size - a->size), (long long)(b.keys - a->keys),
			  (long long)(b.things - a->things), (long long)(b.links - a->links),
			  (long long)(b.figures - a->figures));
}

static void run_events(struct run *r, struct expected *e, size_t n, bool atomic)
{
	const char *events[100];
	struct outcome out[100];
	bool all_refused = true, none_refused = true;
	struct counts before = counts_now();
	for (size_t i = 0; i < n; i++) {
		events[i] = e[i].event;
		all_refused &= e[i].status == RESULT_REFUSED;
		none_refused &= e[i].status != RESULT_REFUSED;
	}
	rig_submit(r->who, events, n, atomic, out);
	for (size_t i = 0; i < n; i++)
		compare(r, &e[i], &out[i]);
	if (all_refused || (atomic && !none_refused))
		assert_same_counts(r, &before);
	int64_t recorded = 0;
	for (size_t i = 0; i < n; i++)
		recorded += out[i].status == RESULT_RECORDED ? 1 + e[i].followed : 0;
	if (rig_size() != before.size + recorded)
		fail_line(r, "the ledger has grown by %lld, not %lld", (long long)(rig_size() - before.size),
			  (long long)recorded);
}

static void run_batch(struct run *r, bool atomic)
{
	struct expected e[100];
	size_t n = 0;
	for (r->at++; r->at < r->s->n && strcmp(r->s->lines[r->at].text, "end") != 0; r->at++) {
		static char copies[100][2000];
		snprintf(copies[n], sizeof copies[n], "%s", r->s->lines[r->at].text);
		if (!parse_expected(copies[n], &e[n]))
			fail_line(r, "not an event of a batch");
		n++;
	}
	run_events(r, e, n, atomic);
}

/* ---- asking ----------------------------------------------------------------------------------- */

static void check_figure(struct run *r, char *p)
{
	const char *name = word(&p), *place = word(&p), *day = word(&p);
	long long expected = atoll(word(&p)), is = rig_figure(name, place, day);
	if (is != expected)
		fail_line(r, "is %lld", is);
}

static void check_view(struct run *r, char *p, bool holds)
{
	char code[64];
	const char *path = word(&p), *body = rig_view(r->who, path, code);
	struct buf text = { 0 };
	rig_expand(p, &text);
	buf_char(&text, 0);
	if (!body)
		fail_line(r, "refused: %s", code);
	if (!strstr(body, text.ptr) == holds)
		fail_line(r, "the answer is %.1000s", body);
	buf_finish(&text);
}

static void check_denied(struct run *r, char *p)
{
	char code[64];
	const char *expected = word(&p), *body = rig_view(r->who, word(&p), code);
	if (body || strcmp(code, expected) != 0)
		fail_line(r, "%s %.500s", code, body ? body : "");
}

static void check_told(struct run *r, char *p)
{
	const char *kind = word(&p);
	long long expected = atoll(word(&p)), is = rig_messages(kind);
	if (is != expected)
		fail_line(r, "%lld messages", is);
}

static void run_lapse(char *p)
{
	int64_t from = rig_time(word(&p)), to = rig_time(word(&p));
	rig_lapse(from, to);
}

static void change_who(struct run *r, char *p)
{
	const char *name = word(&p), *grants = word(&p), *person = word(&p);
	r->who =
	    strcmp(name, "system") == 0 ? principal_system() : rig_principal(name, grants, *person ? person : NULL);
}

static void run_line(struct run *r)
{
	char copy[2000], *p = copy;
	struct expected e;
	snprintf(copy, sizeof copy, "%s", r->s->lines[r->at].text);
	if (parse_expected(copy, &e)) {
		run_events(r, &e, 1, false);
		return;
	}
	snprintf(copy, sizeof copy, "%s", r->s->lines[r->at].text);
	const char *verb = word(&p);
	if (strcmp(verb, "batch") == 0 || strcmp(verb, "atomic") == 0)
		run_batch(r, *verb == 'a');
	else if (strcmp(verb, "now") == 0)
		rig_now = rig_time(p);
	else if (strcmp(verb, "as") == 0)
		change_who(r, p);
	else if (strcmp(verb, "figure") == 0)
		check_figure(r, p);
	else if (strcmp(verb, "see") == 0 || strcmp(verb, "hide") == 0)
		check_view(r, p, *verb == 's');
	else if (strcmp(verb, "deny") == 0)
		check_denied(r, p);
	else if (strcmp(verb, "skew") == 0)
		rig_skew = atoll(p) * 1000;
	else if (strcmp(verb, "lapse") == 0)
		run_lapse(p);
	else if (strcmp(verb, "told") == 0)
		check_told(r, p);
	else if (strcmp(verb, "sound") == 0)
		rig_sound_at(r->s->file, r->s->lines[r->at].number);
	else if (strcmp(verb, "reopen") == 0)
		rig_reopen();
	else
		fail_line(r, "what is \"%s\"?", verb);
}

static void run_section(void **state)
{
	struct run r = { .s = *state, .who = principal_system() };
	char copy[300], *p = copy;
	snprintf(copy, sizeof copy, "%s", r.s->n ? r.s->lines[0].text : "");
	if (strcmp(word(&p), "top") == 0) {
		const char *top = word(&p), *file = word(&p);
		rig_open(top, *file ? file : NULL);
		r.at = 1;
	} else {
		rig_open(RIG_COUNTY, RIG_DIVISIONS);
	}
	for (; r.at < r.s->n; r.at++)
		run_line(&r);
	rig_sound_at(r.s->file, r.s->n ? r.s->lines[r.s->n - 1].number : 0);
	rig_close();
}

/* ---- reading ------------------------------------------------------------------------------------- */

static void begin_section(const char *file, const char *title)
{
	char name[300];
	struct section *s = &sections[n_sections++];
	assert(n_sections <= ARRAY_LEN(sections));
	snprintf(name, sizeof name, "%.*s: %.200s", (int)strcspn(file, "."), file, title);
	*s = (struct section){ file, strdup(name), calloc(LINES_MAX, sizeof *s->lines), 0 };
}

static void add_line(struct section *s, char *text, int number)
{
	assert(s->n < LINES_MAX);
	s->lines[s->n++] = (struct line){ strdup(text), number };
}

static void read_script(const char *file)
{
	char path[300], line[2000], whole[4000] = "";
	int number = 0;
	snprintf(path, sizeof path, "test/domain/%s", file);
	FILE *f = fopen(rig_source(path), "r");
	if (!f) {
		fprintf(stderr, "%s can't be read\n", rig_source(path));
		exit(1);
	}
	while (fgets(line, sizeof line, f)) {
		size_t len = strcspn(line, "\n");
		char *start = line;
		number++;
		while (len && isspace((unsigned char)line[len - 1]))
			len--;
		line[len] = 0;
		while (isspace((unsigned char)*start))
			start++;
		bool more = len && line[len - 1] == '\\';
		if (more)
			line[len - 1] = 0;
		strcat(whole, start);
		if (more)
			continue;
		if (strncmp(whole, "== ", 3) == 0)
			begin_section(file, whole + 3);
		else if (*whole && *whole != '#' && n_sections)
			add_line(&sections[n_sections - 1], whole, number);
		*whole = 0;
	}
	fclose(f);
}

/* Every *.txt but the access tables, which are another program's. */
static void read_scripts(void)
{
	glob_t found;
	if (glob(rig_source("test/domain/*.txt"), 0, NULL, &found) != 0) {
		fprintf(stderr, "%s: no scripts\n", rig_source("test/domain"));
		exit(1);
	}
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *file = strrchr(found.gl_pathv[i], '/') + 1;
		if (strncmp(file, "access", 6) != 0)
			read_script(strdup(file));
	}
	globfree(&found);
}

int main(int argc, char **argv)
{
	static struct CMUnitTest tests[ARRAY_LEN(sections)];
	read_scripts();
	size_t n = 0;
	for (size_t i = 0; i < n_sections; i++) {
		if (argc > 1 && !strstr(sections[i].title, argv[1]))
			continue;
		tests[n++] = (struct CMUnitTest){ sections[i].title, run_section, NULL, NULL, &sections[i] };
	}
	return rig_run("domain/scripts", tests, n);
}
