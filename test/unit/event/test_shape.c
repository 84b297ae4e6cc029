/* Decoding and writing by field tables: every kind at its edges, errors with
 * their paths, canonical order, sealing, references. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sample.h"

#define U1 "01890a5d-ac96-774b-bcce-b302099a8057"
#define U2 "01890a5d-ac96-774b-bcce-b302099a8058"
#define U3 "01890a5d-ac96-774b-bcce-b302099a8059"

static struct arena arena;
static struct err err;

static int start(void **state)
{
	(void)state;
	sample_prepare();
	arena_init(&arena, 0);
	err = (struct err){ 0 };
	return 0;
}

static int stop(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

/* Decodes the whole of a text; `r` is left for whoever wants to see where it stands. */
static int decode_with(struct json_reader *r, const char *json, struct sample *out)
{
	err = (struct err){ 0 };
	json_read_init(r, str_of(json), &arena);
	return shape_decode(&SAMPLE, r, out, &err);
}

static int decode(const char *json, struct sample *out)
{
	struct json_reader r;
	int rc = decode_with(&r, json, out);
	assert_true(rc < 0 || json_end(&r) == 0);
	return rc;
}

/* The canonical text, in the arena. */
static const char *written(const struct sample *s, shape_seal_fn seal)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	struct json_writer w;
	json_write_init(&w, &b);
	assert_int_equal(shape_write(&SAMPLE, s, &w, seal, NULL, &err), 0);
	buf_char(&b, 0);
	return arena_str(&arena, buf_view(&b)).ptr;
}

static void assert_refused(const char *json, const struct err_kind *kind, const char *field)
{
	struct sample s;
	assert_int_equal(decode(json, &s), -1);
	assert_non_null(err.kind);
	if (err.kind != kind)
		fail_msg("%s: %s instead of %s", json, err.kind->code, kind->code);
	if (strcmp(err.field, field))
		fail_msg("%s: field %s instead of %s", json, err.field, field);
}

/* {"id":…,"text":"t", and what is given} */
static const char *with(const char *members)
{
	static char text[70000];
	assert_true(snprintf(text, sizeof text, "{\"id\":\"" U1 "\",\"text\":\"t\",%s}", members) < (int)sizeof text);
	return text;
}

/* ---- single values -------------------------------------------------------------------- */

static void takes_good_values(void **state)
{
	/* As given, and as written: the form that is hashed. */
	static const char *const rows[][2] = {
		{ "\"phone\":\"0915-3312345\"", NULL },
		{ "\"idno\":\"11010519491231002x\"", "\"idno\":\"11010519491231002X\"" },
		{ "\"plate\":\"陕gA1234\"", "\"plate\":\"陕GA1234\"" },
		{ "\"plate\":\"1\"", NULL },
		{ "\"account\":\"town.100_a-b\"", NULL },
		{ "\"account\":\"abcdefghijklmnopqrstuvwxyz012345\"", NULL },
		{ "\"boundary\":{\"type\":\"Polygon\",\"coordinates\":[[[109.1,33.2],[109.2,33.2],[109.1,33.3],[109.1,"
		  "33.2]]]}",
		  NULL },
		{ "\"boundary\":{\"coordinates\":[],\"type\":\"Multi\\u0050olygon\"}", NULL },
		{ "\"number\":-3", NULL },
		{ "\"number\":12", NULL },
		{ "\"number\":12.0", "\"number\":12" },
		{ "\"number\":-0", "\"number\":0" },
		{ "\"any\":9223372036854775807", NULL },
		{ "\"any\":-9223372036854775807", NULL },
		{ "\"quantity\":1", NULL },
		{ "\"money\":9223372036854775807", NULL },
		{ "\"temperature\":36.5", "\"temperature\":3650" },
		{ "\"temperature\":36.50", "\"temperature\":3650" },
		{ "\"temperature\":37", "\"temperature\":3700" },
		{ "\"temperature\":3730", NULL },
		{ "\"temperature\":30", "\"temperature\":3000" },
		{ "\"temperature\":45.00", "\"temperature\":4500" },
		{ "\"temperature\":3000", NULL },
		{ "\"temperature\":4500", NULL },
		{ "\"lon\":109.526412", NULL },
		{ "\"lon\":-180", NULL },
		{ "\"lon\":180.000000", "\"lon\":180" },
		{ "\"lon\":-0.5", NULL },
		{ "\"time\":\"2020-02-08T09:30:00+08:00\"", "\"time\":\"2020-02-08T01:30:00.000Z\"" },
		{ "\"time\":\"2020-02-08T01:30:00.1239Z\"", "\"time\":\"2020-02-08T01:30:00.123Z\"" },
		{ "\"day\":\"2020-02-29\"", NULL },
		{ "\"place\":\"610927\"", "\"place\":\"610927000000\"" },
		{ "\"place\":\"610927100001002\"", NULL },
		{ "\"flag\":true", NULL },
		{ "\"flag\":false", NULL },
		{ "\"colour\":\"red\"", NULL },
		{ "\"colour\":\"blue\"", NULL },
		{ "\"site\":\"01890A5D-AC96-774B-BCCE-B302099A8058\"", "\"site\":\"" U2 "\"" },
		{ "\"guest\":{\"name\":\"张三\"}", NULL },
		{ "\"tags\":[\"blue\",\"blue\",\"red\"]", NULL },
		{ "\"flags\":[true,false]", NULL },
		{ "\"sites\":[\"" U2 "\",\"" U3 "\"]", NULL },
		{ "\"names\":[\"a\\nb\",\"\\u4e2d\"]", "\"names\":[\"a\\nb\",\"中\"]" },
		{ "\"flags\":[]", "" }, /* an empty list is none */
		{ "\"colour\":null", "" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct sample s;
		const char *out = rows[i][1] ? rows[i][1] : rows[i][0];
		if (decode(with(rows[i][0]), &s))
			fail_msg("%s: %s", rows[i][0], err.kind->code);
		const char *text = written(&s, NULL);
		if (!strstr(text, out) || (!*out && strcmp(text, "{\"id\":\"" U1 "\",\"text\":\"t\"}")))
			fail_msg("%s: written %s", rows[i][0], text);
		/* What was written is read back to the same. */
		assert_int_equal(decode(text, &s), 0);
		assert_string_equal(written(&s, NULL), text);
	}
}

static void refuses_wrong_kinds(void **state)
{
	static const char *const strings[] = { "phone", "idno",  "plate",  "account", "time",
					       "day",   "place", "colour", "site",    "note" };
	static const char *const numbers[] = { "number", "any", "quantity", "money", "temperature", "lon" };
	static const char *const not_strings[] = { "1", "true", "[]", "{}", "[\"x\"]" };
	static const char *const not_numbers[] = { "\"1\"", "true", "[1]", "{}" };
	char text[80];
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(strings); i++) {
		for (size_t k = 0; k < ARRAY_LEN(not_strings); k++) {
			snprintf(text, sizeof text, "\"%s\":%s", strings[i], not_strings[k]);
			assert_refused(with(text), &ERR_FIELD_TYPE, strings[i]);
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		for (size_t k = 0; k < ARRAY_LEN(not_numbers); k++) {
			snprintf(text, sizeof text, "\"%s\":%s", numbers[i], not_numbers[k]);
			assert_refused(with(text), &ERR_FIELD_TYPE, numbers[i]);
		}
	}
	assert_refused(with("\"flag\":1"), &ERR_FIELD_TYPE, "flag");
	assert_refused(with("\"flag\":\"true\""), &ERR_FIELD_TYPE, "flag");
	assert_refused(with("\"guest\":[]"), &ERR_FIELD_TYPE, "guest");
	assert_refused(with("\"people\":{}"), &ERR_FIELD_TYPE, "people");
	assert_refused(with("\"boundary\":\"Polygon\""), &ERR_FIELD_TYPE, "boundary");
	assert_refused(with("\"boundary\":[]"), &ERR_FIELD_TYPE, "boundary");
	assert_refused("[]", &ERR_FIELD_TYPE, "");
	assert_refused("\"x\"", &ERR_FIELD_TYPE, "");
	assert_refused("null", &ERR_FIELD_TYPE, "");
}

static void refuses_bad_values(void **state)
{
	const struct {
		const char *members;
		const struct err_kind *kind;
		const char *field;
	} rows[] = {
		{ "\"phone\":\"12\"", &ERR_FIELD_FORM, "phone" },
		{ "\"phone\":\"\"", &ERR_FIELD_FORM, "phone" },
		{ "\"idno\":\"110105194912310021\"", &ERR_FIELD_FORM, "idno" },
		{ "\"plate\":\"\"", &ERR_FIELD_RANGE, "plate" },
		{ "\"plate\":\"陕12345678901234567890\"", &ERR_FIELD_RANGE, "plate" },
		{ "\"account\":\"\"", &ERR_FIELD_RANGE, "account" },
		{ "\"account\":\"abcdefghijklmnopqrstuvwxyz0123456\"", &ERR_FIELD_RANGE, "account" },
		{ "\"account\":\"Town\"", &ERR_FIELD_FORM, "account" },
		{ "\"account\":\"镇\"", &ERR_FIELD_FORM, "account" },
		{ "\"boundary\":{\"type\":\"Point\",\"coordinates\":[1,2]}", &ERR_FIELD_FORM, "boundary" },
		{ "\"boundary\":{\"type\":\"Polygon\"}", &ERR_FIELD_FORM, "boundary" },
		{ "\"boundary\":{\"type\":\"Polygon\",\"coordinates\":\"x\"}", &ERR_FIELD_FORM, "boundary" },
		{ "\"boundary\":{}", &ERR_FIELD_FORM, "boundary" },
		{ "\"number\":-4", &ERR_FIELD_RANGE, "number" },
		{ "\"number\":13", &ERR_FIELD_RANGE, "number" },
		{ "\"number\":1.5", &ERR_FIELD_TYPE, "number" },
		{ "\"number\":1e0", &ERR_FIELD_TYPE, "number" },
		{ "\"any\":9223372036854775808", &ERR_FIELD_TYPE, "any" },
		{ "\"any\":-9223372036854775808", &ERR_FIELD_RANGE, "any" }, /* stands for absent */
		{ "\"quantity\":0", &ERR_FIELD_RANGE, "quantity" },
		{ "\"quantity\":-1", &ERR_FIELD_RANGE, "quantity" },
		{ "\"quantity\":0.5", &ERR_FIELD_TYPE, "quantity" },
		{ "\"money\":0", &ERR_FIELD_RANGE, "money" },
		{ "\"temperature\":36.555", &ERR_FIELD_FORM, "temperature" },
		{ "\"temperature\":29.99", &ERR_FIELD_RANGE, "temperature" },
		{ "\"temperature\":45.01", &ERR_FIELD_RANGE, "temperature" },
		{ "\"temperature\":2999", &ERR_FIELD_RANGE, "temperature" },
		{ "\"temperature\":4501", &ERR_FIELD_RANGE, "temperature" },
		{ "\"temperature\":3650.5", &ERR_FIELD_RANGE, "temperature" },
		{ "\"temperature\":-36.5", &ERR_FIELD_RANGE, "temperature" },
		{ "\"temperature\":3.65e1", &ERR_FIELD_FORM, "temperature" },
		{ "\"lon\":180.000001", &ERR_FIELD_RANGE, "lon" },
		{ "\"lon\":-181", &ERR_FIELD_RANGE, "lon" },
		{ "\"lon\":109.1234567", &ERR_FIELD_FORM, "lon" },
		{ "\"time\":\"2020-02-08T09:30:00\"", &ERR_FIELD_FORM, "time" },
		{ "\"time\":\"2020-02-30T09:30:00Z\"", &ERR_FIELD_FORM, "time" },
		{ "\"day\":\"2020-02-30\"", &ERR_FIELD_FORM, "day" },
		{ "\"day\":\"2020-2-3\"", &ERR_FIELD_FORM, "day" },
		{ "\"place\":\"6109271\"", &ERR_FIELD_FORM, "place" },
		{ "\"place\":\"\"", &ERR_FIELD_FORM, "place" },
		{ "\"colour\":\"RED\"", &ERR_FIELD_RANGE, "colour" },
		{ "\"colour\":\"\"", &ERR_FIELD_RANGE, "colour" },
		{ "\"site\":\"00000000-0000-0000-0000-000000000000\"", &ERR_FIELD_FORM, "site" },
		{ "\"site\":\"610927\"", &ERR_FIELD_FORM, "site" },
		{ "\"note\":\"\"", &ERR_FIELD_RANGE, "note" },
		{ "\"note\":\"一二三四五六七八九十百\"", &ERR_FIELD_RANGE, "note" },
		{ "\"tags\":[\"red\"]", &ERR_FIELD_RANGE, "tags" },
		{ "\"tags\":[]", &ERR_FIELD_RANGE, "tags" },
		{ "\"tags\":[\"red\",\"red\",\"red\",\"red\"]", &ERR_FIELD_RANGE, "tags" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_refused(with(rows[i].members), rows[i].kind, rows[i].field);
}

/* Lengths are counted in characters, not bytes. */
static void bounds_texts_by_characters(void **state)
{
	char json[1200];
	struct sample s;
	(void)state;
	for (int n = 199; n <= 201; n++) {
		size_t len = (size_t)snprintf(json, sizeof json, "{\"id\":\"" U1 "\",\"text\":\"");
		for (int i = 0; i < n; i++, len += 3)
			memcpy(json + len, "中", 3);
		memcpy(json + len, "\"}", 3);
		if (n <= 200) {
			assert_int_equal(decode(json, &s), 0);
			assert_int_equal(s.text.len, (size_t)n * 3);
		} else {
			assert_refused(json, &ERR_FIELD_RANGE, "text");
		}
	}
	assert_int_equal(decode(with("\"note\":\"一二三四五六七八九十\""), &s), 0);
}

static void bounds_geojson(void **state)
{
	static char members[66200];
	struct sample s;
	(void)state;
	for (int more = 0; more < 2; more++) {
		size_t len = (size_t)snprintf(members, sizeof members,
					      "\"boundary\":{\"type\":\"Polygon\",\"coordinates\":[],\"x\":\"");
		size_t fill = 65536 - (len - strlen("\"boundary\":")) - 2 + (size_t)more;
		memset(members + len, 'x', fill);
		memcpy(members + len + fill, "\"}", 3);
		if (more) {
			assert_refused(with(members), &ERR_FIELD_RANGE, "boundary");
		} else {
			assert_int_equal(decode(with(members), &s), 0);
			assert_int_equal(s.boundary.len, 65536);
		}
	}
}

/* ---- members ---------------------------------------------------------------------------- */

static void refuses_unknown_doubled_and_missing(void **state)
{
	(void)state;
	assert_refused(with("\"colours\":1"), &ERR_FIELD_UNKNOWN, "colours");
	assert_refused(with("\"\":1"), &ERR_FIELD_UNKNOWN, "");
	assert_refused(with("\"sealed\":\"AAAA\""), &ERR_FIELD_UNKNOWN, "sealed");
	assert_refused(with("\"Colour\":\"red\""), &ERR_FIELD_UNKNOWN, "Colour");
	assert_refused(with("\"colour\":\"red\",\"colour\":\"red\""), &ERR_FIELD_DOUBLED, "colour");
	assert_refused(with("\"colour\":\"red\",\"c\\u006flour\":\"red\""), &ERR_FIELD_DOUBLED, "colour");
	assert_refused(with("\"colour\":null,\"colour\":\"red\""), &ERR_FIELD_DOUBLED, "colour");
	assert_refused(with("\"colour\":\"red\",\"colour\":null"), &ERR_FIELD_DOUBLED, "colour");
	assert_refused("{}", &ERR_FIELD_MISSING, "id");
	assert_refused("{\"id\":\"" U1 "\"}", &ERR_FIELD_MISSING, "text");
	assert_refused("{\"text\":\"t\"}", &ERR_FIELD_MISSING, "id");
	assert_refused("{\"id\":\"" U1 "\",\"text\":null}", &ERR_FIELD_MISSING, "text");
	/* The first fault is told. */
	assert_refused("{\"colour\":\"no\",\"x\":1,\"x\":1}", &ERR_FIELD_RANGE, "colour");
}

/* A long name from outside is cut, but never within a character: it is told back in an answer. */
static void cuts_long_names_between_characters(void **state)
{
	(void)state;
	for (size_t shift = 0; shift < 3; shift++) {
		char json[1200] = "{\"xx";
		size_t len = 2 + shift;
		struct sample s;
		for (int i = 0; i < 200; i++, len += 3)
			memcpy(json + len, "中", 3);
		memcpy(json + len, "\":1}", 5);
		assert_int_equal(decode(json, &s), -1);
		assert_ptr_equal(err.kind, &ERR_FIELD_UNKNOWN);
		assert_true(str_is_utf8(str_of(err.field)));
		assert_true(str_is_utf8(str_of(err.arg[0])));
		assert_true(strlen(err.field) > 80);
	}
}

#define PEOPLE_OF(first, second) "\"people\":[{\"subject\":\"" U2 "\"," first "},{\"subject\":\"" U3 "\"," second "}]"
#define GOOD                     "\"person\":{\"name\":\"甲\"},\"decision\":\"red\""

static void names_the_path_of_an_error(void **state)
{
	const struct {
		const char *members;
		const struct err_kind *kind;
		const char *field;
	} rows[] = {
		{ PEOPLE_OF(GOOD, GOOD ",\"temperature\":99"), &ERR_FIELD_RANGE, "people[1].temperature" },
		{ PEOPLE_OF(GOOD ",\"temperature\":\"x\"", GOOD), &ERR_FIELD_TYPE, "people[0].temperature" },
		{ PEOPLE_OF("\"person\":{\"name\":\"\"},\"decision\":\"red\"", GOOD), &ERR_FIELD_RANGE,
		  "people[0].person.name" },
		{ PEOPLE_OF("\"person\":{\"name\":\"甲\",\"phone\":\"1\"},\"decision\":\"red\"", GOOD), &ERR_FIELD_FORM,
		  "people[0].person.phone" },
		{ PEOPLE_OF("\"person\":{},\"decision\":\"red\"", GOOD), &ERR_FIELD_MISSING, "people[0].person.name" },
		{ PEOPLE_OF("\"person\":[],\"decision\":\"red\"", GOOD), &ERR_FIELD_TYPE, "people[0].person" },
		{ PEOPLE_OF("\"decision\":\"red\"", GOOD), &ERR_FIELD_MISSING, "people[0].person" },
		{ PEOPLE_OF(GOOD, GOOD ",\"age\":3"), &ERR_FIELD_UNKNOWN, "people[1].age" },
		{ PEOPLE_OF(GOOD, GOOD ",\"decision\":\"red\""), &ERR_FIELD_DOUBLED, "people[1].decision" },
		{ PEOPLE_OF(GOOD ",\"symptoms\":[\"red\",\"pink\"]", GOOD), &ERR_FIELD_RANGE, "people[0].symptoms[1]" },
		{ "\"people\":[{}]", &ERR_FIELD_MISSING, "people[0].subject" },
		{ "\"people\":[1]", &ERR_FIELD_TYPE, "people[0]" },
		{ "\"people\":[null]", &ERR_FIELD_TYPE, "people[0]" },
		{ "\"people\":[[]]", &ERR_FIELD_TYPE, "people[0]" },
		{ "\"people\":[1,2,3,4,5]", &ERR_FIELD_TYPE, "people[0]" },
		{ "\"guest\":{\"name\":\"甲乙丙丁戊己\"}", &ERR_FIELD_RANGE, "guest.name" },
		{ "\"guest\":{\"name\":\"甲\",\"id_number\":\"1\"}", &ERR_FIELD_FORM, "guest.id_number" },
		{ "\"tags\":[\"red\",1]", &ERR_FIELD_TYPE, "tags[1]" },
		{ "\"tags\":[\"red\",null]", &ERR_FIELD_TYPE, "tags[1]" },
		{ "\"flags\":[true,true,0]", &ERR_FIELD_TYPE, "flags[2]" },
		{ "\"sites\":[\"" U2 "\",\"x\"]", &ERR_FIELD_FORM, "sites[1]" },
		{ "\"names\":[\"\"]", &ERR_FIELD_RANGE, "names[0]" },
		{ "\"names\":[[\"a\"]]", &ERR_FIELD_TYPE, "names[0]" },
		{ "\"names\":[\"a\",\"a\",\"a\",\"a\"]", &ERR_FIELD_RANGE, "names" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_refused(with(rows[i].members), rows[i].kind, rows[i].field);
}

static void fills_nested_lists(void **state)
{
	struct sample s;
	(void)state;
	assert_int_equal(
	    decode(with(PEOPLE_OF(GOOD ",\"temperature\":36.6,\"symptoms\":[\"blue\",\"red\"]", GOOD)), &s), 0);
	const struct sample_companion *people = s.people.items;
	assert_int_equal(s.people.n, 2);
	assert_int_equal(people[0].temperature, 3660);
	assert_int_equal(people[0].decision, 0);
	assert_true(str_is(people[0].person->name, "甲"));
	assert_null(people[0].person->phone.ptr);
	assert_int_equal(people[0].symptoms.n, 2);
	assert_int_equal(((const int64_t *)people[0].symptoms.items)[0], 2);
	assert_int_equal(people[1].temperature, FIELD_ABSENT);
	assert_null(people[1].symptoms.items);
	assert_int_equal(people[1].subject.b[15], 0x59);
}

static void leaves_absent_what_is_not_given(void **state)
{
	struct sample s, cleared;
	(void)state;
	memset(&s, 0xa5, sizeof s);
	assert_int_equal(decode("{\"text\":\"t\",\"id\":\"" U1 "\"}", &s), 0);
	assert_true(s.number == FIELD_ABSENT && s.lon == FIELD_ABSENT && s.time == FIELD_ABSENT &&
		    s.flag == FIELD_ABSENT);
	assert_true(s.place == FIELD_ABSENT && s.day == FIELD_ABSENT && s.colour == FIELD_ABSENT &&
		    s.temperature == FIELD_ABSENT);
	assert_null(s.note.ptr);
	assert_null(s.boundary.ptr);
	assert_null(s.guest);
	assert_true(uuid_is_nil(&s.site));
	assert_true(s.people.n == 0 && !s.people.items);
	shape_clear(&SAMPLE, &cleared);
	s.id = cleared.id;
	s.text = cleared.text;
	assert_memory_equal(&s, &cleared, sizeof s);
	assert_string_equal(written(&cleared, NULL), "{}");
}

/* ---- after an error ------------------------------------------------------------------------ */

/* Whatever is wrong with a value, when the syntax is sound the reader stands behind it. */
static void goes_on_after_an_error(void **state)
{
	static const char *const bad[] = {
		"{}",
		"1",
		"\"x\"",
		"{\"id\":\"" U1 "\",\"text\":\"t\",\"number\":1.5}",
		"{\"number\":1.5,\"x\":{\"y\":[1,{}]}}",
		"{\"any\":1e9,\"text\":\"t\"}",
		"{\"any\":99999999999999999999}",
		"{\"quantity\":[1,[2]]}",
		"{\"text\":{\"a\":[]},\"text\":\"x\"}",
		"{\"people\":[{\"temperature\":36.555,\"x\":[]},{\"y\":1},3],\"z\":1}",
		"{\"people\":[1,2,3,4,5,6,7]}",
		"{\"names\":[\"a\",\"b\",\"c\",\"d\",{\"e\":[]}]}",
		"{\"tags\":[\"pink\",{},[]]}",
		"{\"boundary\":{\"type\":\"Point\",\"coordinates\":[1,[2,3]]}}",
		"{\"boundary\":7}",
		"{\"guest\":{\"name\":7,\"name\":8,\"x\":[{}]}}",
		"{\"temperature\":1.23456}",
		"{\"lon\":1.23456789}",
		"{\"flag\":\"x\"}",
		"{\"colour\":{\"red\":true}}",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct sample s;
		struct json_reader r;
		char text[400];
		snprintf(text, sizeof text, "[%s, {\"id\":\"" U1 "\",\"text\":\"after\"} ]", bad[i]);
		json_read_init(&r, str_of(text), &arena);
		assert_int_equal(json_array_begin(&r), 0);
		assert_int_equal(json_element(&r), 1);
		err = (struct err){ 0 };
		assert_int_equal(shape_decode(&SAMPLE, &r, &s, &err), -1);
		if (r.failed || err.kind == &ERR_MALFORMED)
			fail_msg("%s ends the batch: %s", bad[i], r.what ? r.what : err.arg[0]);
		assert_int_equal(json_element(&r), 1);
		assert_int_equal(shape_decode(&SAMPLE, &r, &s, &err), 0);
		assert_true(str_is(s.text, "after"));
		assert_int_equal(json_element(&r), 0);
		assert_int_equal(json_end(&r), 0);
	}
}

static void stops_at_broken_syntax(void **state)
{
	static const char *const broken[] = {
		"",
		"{",
		"{\"id\"}",
		"{\"id\":}",
		"{\"text\":\"t\",}",
		"{\"number\":01}",
		"{\"number\":1.}",
		"{\"flag\":tru}",
		"{\"flag\":nul}",
		"{\"text\":\"\\x\"}",
		"{\"text\":\"\xff\"}",
		"{\"people\":[}",
		"{\"people\":[{\"x\":}]}",
		"{\"tags\":[\"red\" \"red\"]}",
		"{\"guest\":{\"name\":\"a\"}",
		"{\"x\":[1,2}",
		"{\"colour\":\"no\",\"x\":[}",
		"{\"names\":[\"\",[}]}",
		"{\"boundary\":{\"type\":}}",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		struct sample s;
		struct json_reader r;
		assert_int_equal(decode_with(&r, broken[i], &s), -1);
		if (!r.failed || err.kind != &ERR_MALFORMED)
			fail_msg("%s is not seen as broken but as %s", broken[i], err.kind->code);
	}
}

static void says_when_memory_ends(void **state)
{
	static const char *const rows[] = { "{\"guest\":{\"name\":\"a\"}}", "{\"names\":[\"a\"]}", "{\"people\":[{}]}",
					    "{\"plate\":\"abc\"}" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena small;
		struct json_reader r;
		struct sample s;
		arena_init(&small, 16);
		assert_non_null(arena_alloc(&small, 16));
		json_read_init(&r, str_of(rows[i]), &small);
		err = (struct err){ 0 };
		assert_int_equal(shape_decode(&SAMPLE, &r, &s, &err), -1);
		assert_ptr_equal(err.kind, &ERR_NO_MEMORY);
		assert_true(r.failed); /* it cannot go on in the middle of a value */
		arena_finish(&small);
	}
}

/* ---- writing and sealing ---------------------------------------------------------------------- */

static const char CANONICAL[] =
    "{\"account\":\"a\",\"any\":-1,\"boundary\":{\"type\":\"Polygon\", "
    "\"coordinates\":[]},\"colour\":\"green\",\"day\":\"2020-02-08\","
    "\"flag\":true,\"guest\":{\"name\":\"甲\",\"phone\":\"110\"},\"id\":\"" U1
    "\",\"lon\":109.5,\"money\":3,\"names\":[\"x\"],\"note\":\"秘\","
    "\"number\":2,\"people\":[{\"decision\":\"blue\",\"person\":{\"name\":\"乙\"},\"subject\":\"" U2
    "\",\"symptoms\":[\"red\"]}],"
    "\"phone\":\"110\",\"place\":\"610927100001\",\"plate\":\"A1\",\"quantity\":4,\"site\":\"" U3
    "\",\"tags\":[\"red\",\"blue\"],"
    "\"temperature\":3650,\"text\":\"t\",\"time\":\"2020-02-08T01:30:00.000Z\"}";

static void writes_members_in_canonical_order(void **state)
{
	struct sample s;
	(void)state;
	/* The table's order differs; so does the order of these. */
	assert_int_equal(decode("{\"time\":\"2020-02-08T09:30:00+08:00\",\"text\":\"t\",\"temperature\":36.5,\"tags\":["
				"\"red\",\"blue\"],\"site\":\"" U3
				"\",\"quantity\":4,\"plate\":\"a1\",\"place\":\"610927100001\",\"phone\":\"110\","
				"\"people\":[{\"symptoms\":[\"red\"],"
				"\"subject\":\"" U2 "\",\"person\":{\"name\":\"乙\"},\"decision\":\"blue\"}],"
				"\"number\":2,\"note\":\"秘\",\"names\":[\"x\"],"
				"\"money\":3,\"lon\":109.5,\"id\":\"" U1
				"\",\"guest\":{\"phone\":\"110\",\"name\":\"甲\"},\"flag\":true,"
				"\"day\":\"2020-02-08\",\"colour\":\"green\",\"boundary\":{\"type\":\"Polygon\", "
				"\"coordinates\":[]},\"any\":-1,"
				"\"account\":\"a\"}",
				&s),
			 0);
	assert_string_equal(written(&s, NULL), CANONICAL);
	assert_int_equal(decode(CANONICAL, &s), 0);
	assert_string_equal(written(&s, NULL), CANONICAL);
}

static void seals_and_opens(void **state)
{
	struct sample s, back;
	struct json_reader r;
	(void)state;
	assert_int_equal(decode(CANONICAL, &s), 0);
	const char *sealed = written(&s, toy_seal);
	/* One box of the sample's own, between quantity and site; one of each companion; nothing personal beside them.
	 */
	const char *box = strstr(sealed, "\"quantity\":4,\"sealed\":\"");
	assert_non_null(box);
	assert_non_null(strstr(box, "\",\"site\":"));
	assert_non_null(strstr(sealed, "\"decision\":\"blue\",\"sealed\":\""));
	assert_null(strstr(sealed, "guest"));
	assert_null(strstr(sealed, "phone"));
	assert_null(strstr(sealed, "note"));
	assert_null(strstr(sealed, "person"));
	assert_null(strstr(sealed, "symptoms"));

	json_read_init(&r, str_of(sealed), &arena);
	assert_int_equal(shape_decode_stored(&SAMPLE, &r, toy_open, NULL, &back, &err), 0);
	assert_string_equal(written(&back, NULL), CANONICAL);
	assert_string_equal(written(&back, toy_seal), sealed);
}

static void reads_what_stays_sealed(void **state)
{
	struct sample s, back;
	struct json_reader r;
	const struct sample_companion *c;
	(void)state;
	assert_int_equal(decode(CANONICAL, &s), 0);
	struct str sealed = str_of(written(&s, toy_seal));

	json_read_init(&r, sealed, &arena);
	assert_int_equal(shape_decode_stored(&SAMPLE, &r, NULL, NULL, &back, &err), 0);
	assert_null(back.note.ptr);
	assert_null(back.guest);
	c = back.people.items;
	assert_null(c->person); /* needed, but personal */
	assert_true(str_is(back.text, "t"));

	/* The sample's key is gone, the companion's is not. */
	json_read_init(&r, sealed, &arena);
	assert_int_equal(shape_decode_stored(&SAMPLE, &r, toy_open, &s.id, &back, &err), 0);
	assert_null(back.note.ptr);
	c = back.people.items;
	assert_true(str_is(c->person->name, "乙"));
}

static void refuses_boxes_that_do_not_open(void **state)
{
	static const char *const boxes[] = { "AAAA", "", "not base64!", "AYkKXayWd0u8zrMCCZqAWA" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(boxes); i++) {
		struct json_reader r;
		struct sample s;
		char text[200];
		snprintf(text, sizeof text, "{\"id\":\"" U1 "\",\"text\":\"t\",\"sealed\":\"%s\"}", boxes[i]);
		json_read_init(&r, str_of(text), &arena);
		err = (struct err){ 0 };
		assert_int_equal(shape_decode_stored(&SAMPLE, &r, toy_open, NULL, &s, &err), -1);
		assert_ptr_equal(err.kind, &ERR_STORE_CORRUPT);
	}
}

static int open_as(void *ctx, const struct uuid *owner, struct str box, struct arena *a, struct str *ret_plain,
		   struct err *e)
{
	(void)owner, (void)box, (void)a, (void)e;
	*ret_plain = str_of(ctx);
	return 1;
}

/* The plaintext is the server's own, but damage must not become data. */
static void checks_what_a_box_holds(void **state)
{
	static const char *const bad[] = {
		"", "[]", "{", "{\"note\":7}", "{\"note\":\"一二三四五六七八九十百\"}", "{\"guest\":{}}"
	};
	struct json_reader r;
	struct sample s;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		json_read_init(&r, STR("{\"id\":\"" U1 "\",\"text\":\"t\",\"sealed\":\"x\"}"), &arena);
		err = (struct err){ 0 };
		assert_int_equal(shape_decode_stored(&SAMPLE, &r, open_as, (void *)(uintptr_t)bad[i], &s, &err), -1);
		assert_non_null(err.kind);
	}
	json_read_init(&r, STR("{\"id\":\"" U1 "\",\"text\":\"t\",\"sealed\":\"x\"}"), &arena);
	assert_int_equal(shape_decode_stored(&SAMPLE, &r, open_as, "{\"later\":[1],\"note\":\"n\"}", &s, &err), 0);
	assert_true(str_is(s.note, "n"));
}

static int seal_fails(void *ctx, const struct uuid *owner, struct str plain, struct buf *out, struct err *e)
{
	(void)ctx, (void)owner, (void)plain, (void)out;
	return err_kind_set(e, &ERR_BUSY);
}

static void passes_on_a_seal_that_fails(void **state)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	struct json_writer w;
	struct sample s;
	(void)state;
	assert_int_equal(decode(CANONICAL, &s), 0);
	json_write_init(&w, &b);
	assert_int_equal(shape_write(&SAMPLE, &s, &w, seal_fails, NULL, &err), -1);
	assert_ptr_equal(err.kind, &ERR_BUSY);
	/* Nothing personal: nothing to seal. */
	assert_int_equal(decode("{\"id\":\"" U1 "\",\"text\":\"t\"}", &s), 0);
	assert_string_equal(written(&s, seal_fails), "{\"id\":\"" U1 "\",\"text\":\"t\"}");
}

static void says_when_the_buffer_is_full(void **state)
{
	struct buf b = { .max = 20 };
	struct json_writer w;
	struct sample s;
	(void)state;
	assert_int_equal(decode(CANONICAL, &s), 0);
	json_write_init(&w, &b);
	assert_int_equal(shape_write(&SAMPLE, &s, &w, NULL, NULL, &err), -1);
	assert_ptr_equal(err.kind, &ERR_NO_MEMORY);
	buf_finish(&b);
}

/* Stored entries may be of a later version: unknown members are passed over; unknown stays an error from outside. */
static void reads_stored_objects_with_more_members(void **state)
{
	struct json_reader r;
	struct sample s;
	(void)state;
	json_read_init(&r, STR("{\"id\":\"" U1 "\",\"later\":{\"x\":[]},\"text\":\"t\"}"), &arena);
	assert_int_equal(shape_decode_stored(&SAMPLE, &r, NULL, NULL, &s, &err), 0);
	assert_true(str_is(s.text, "t"));
}

/* Lists of names and counts are only written. */
static void writes_counts_and_raw(void **state)
{
	struct answer {
		struct list counts, none;
		struct str raw;
	};
	static const struct field fields[] = {
		{ "counts", FIELD_COUNTS, FIELD_NEEDED, AT(answer, counts), .zh = "甲", .en = "A" },
		{ "none", FIELD_LIST, FIELD_NEEDED, AT(answer, none), .element = FIELD_INT, .zh = "乙", .en = "B" },
		{ "raw", FIELD_RAW, 0, AT(answer, raw), .zh = "丙", .en = "C" },
	};
	static struct shape shape = { .name = "Answer", SHAPE_OF(fields, struct answer) };
	struct count counts[] = { { STR("teams.a"), 3 }, { STR("b"), -1 } };
	struct answer a = { .counts = { counts, 2 }, .raw = STR("{\"x\": 1}") };
	_cleanup_(buf_finish) struct buf b = { 0 };
	struct json_writer w;
	(void)state;
	shape_prepare(&shape);
	json_write_init(&w, &b);
	assert_int_equal(shape_write(&shape, &a, &w, NULL, NULL, &err), 0);
	assert_true(str_is(buf_view(&b), "{\"counts\":{\"teams.a\":3,\"b\":-1},\"none\":[],\"raw\":{\"x\": 1}}"));
}

/* ---- references ------------------------------------------------------------------------------- */

struct visits {
	char text[400];
	int stop_at, n;
};

static int visit(void *ctx, const struct field *f, const struct uuid *id)
{
	struct visits *v = ctx;
	char *end = v->text + strlen(v->text);
	snprintf(end, sizeof v->text - (size_t)(end - v->text), "%s=%02x ", f->name, id->b[15]);
	return ++v->n == v->stop_at ? 7 : 0;
}

static void walks_references(void **state)
{
	struct visits all = { .stop_at = 0 }, some = { .stop_at = 2 };
	struct sample s;
	(void)state;
	assert_int_equal(
	    decode(with("\"sites\":[\"" U3 "\",\"" U2 "\"],\"site\":\"" U2 "\"," PEOPLE_OF(GOOD, GOOD)), &s), 0);
	assert_int_equal(shape_refs(&SAMPLE, &s, visit, &all), 0);
	assert_string_equal(all.text, "id=57 site=58 subject=58 subject=59 sites=59 sites=58 ");
	assert_int_equal(shape_refs(&SAMPLE, &s, visit, &some), 7);
	assert_string_equal(some.text, "id=57 site=58 ");
	assert_int_equal(decode("{\"id\":\"" U1 "\",\"text\":\"t\"}", &s), 0);
	all = (struct visits){ .stop_at = 0 };
	assert_int_equal(shape_refs(&SAMPLE, &s, visit, &all), 0);
	assert_string_equal(all.text, "id=57 ");
}

/* ---- bad tables ---------------------------------------------------------------------------------- */

/* A bad table ends the start: tried in a child. */
static void assert_not_prepared(const struct field *fields, size_t n, size_t size, const char *owner)
{
	struct shape s = { .name = "Bad", .fields = fields, .n = n, .size = size, .owner = owner };
	int status;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int null = open("/dev/null", O_WRONLY);
		dup2(null, STDERR_FILENO);
		signal(SIGABRT, SIG_DFL);
		shape_prepare(&s);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void stops_at_bad_tables(void **state)
{
	static const struct field no_label[] = { { "a", FIELD_INT, 0, 0, .zh = "甲" } };
	static const struct field outside[] = { { "a", FIELD_TEXT, 0, 8, .zh = "甲", .en = "A" } };
	static const struct field no_values[] = { { "a", FIELD_ENUM, 0, 0, .zh = "甲", .en = "A" } };
	static const struct field no_list_values[] = { { "a", FIELD_LIST, 0, 0, .element = FIELD_ENUM, .zh = "甲",
							 .en = "A" } };
	static const struct field no_shape[] = { { "a", FIELD_OBJECT, 0, 0, .zh = "甲", .en = "A" } };
	static const struct field twice[] = { { "a", FIELD_INT, 0, 0, .zh = "甲", .en = "A" },
					      { "a", FIELD_INT, 0, 8, .zh = "甲", .en = "A" } };
	static const struct field box[] = { { "sealed", FIELD_INT, 0, 0, .zh = "甲", .en = "A" } };
	static const struct field ownerless[] = { { "a", FIELD_INT, FIELD_PERSONAL, 0, .zh = "甲", .en = "A" } };
	static const struct field odd_owner[] = { { "a", FIELD_INT, 0, 0, .zh = "甲", .en = "A" } };
	(void)state;
	assert_not_prepared(no_label, 1, 16, NULL);
	assert_not_prepared(outside, 1, 16, NULL);
	assert_not_prepared(no_values, 1, 16, NULL);
	assert_not_prepared(no_list_values, 1, 16, NULL);
	assert_not_prepared(no_shape, 1, 16, NULL);
	assert_not_prepared(twice, 2, 16, NULL);
	assert_not_prepared(box, 1, 16, NULL);
	assert_not_prepared(ownerless, 1, 16, NULL);
	assert_not_prepared(odd_owner, 1, 16, "a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(takes_good_values, start, stop),
		cmocka_unit_test_setup_teardown(refuses_wrong_kinds, start, stop),
		cmocka_unit_test_setup_teardown(refuses_bad_values, start, stop),
		cmocka_unit_test_setup_teardown(bounds_texts_by_characters, start, stop),
		cmocka_unit_test_setup_teardown(bounds_geojson, start, stop),
		cmocka_unit_test_setup_teardown(refuses_unknown_doubled_and_missing, start, stop),
		cmocka_unit_test_setup_teardown(cuts_long_names_between_characters, start, stop),
		cmocka_unit_test_setup_teardown(names_the_path_of_an_error, start, stop),
		cmocka_unit_test_setup_teardown(fills_nested_lists, start, stop),
		cmocka_unit_test_setup_teardown(leaves_absent_what_is_not_given, start, stop),
		cmocka_unit_test_setup_teardown(goes_on_after_an_error, start, stop),
		cmocka_unit_test_setup_teardown(stops_at_broken_syntax, start, stop),
		cmocka_unit_test_setup_teardown(says_when_memory_ends, start, stop),
		cmocka_unit_test_setup_teardown(writes_members_in_canonical_order, start, stop),
		cmocka_unit_test_setup_teardown(seals_and_opens, start, stop),
		cmocka_unit_test_setup_teardown(reads_what_stays_sealed, start, stop),
		cmocka_unit_test_setup_teardown(refuses_boxes_that_do_not_open, start, stop),
		cmocka_unit_test_setup_teardown(checks_what_a_box_holds, start, stop),
		cmocka_unit_test_setup_teardown(passes_on_a_seal_that_fails, start, stop),
		cmocka_unit_test_setup_teardown(says_when_the_buffer_is_full, start, stop),
		cmocka_unit_test_setup_teardown(reads_stored_objects_with_more_members, start, stop),
		cmocka_unit_test_setup_teardown(writes_counts_and_raw, start, stop),
		cmocka_unit_test_setup_teardown(walks_references, start, stop),
		cmocka_unit_test(stops_at_bad_tables),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
