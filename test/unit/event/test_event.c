/* The envelope: decoding whatever the order, errors that leave a batch whole,
 * the bytes of sameness, and ledger entries there and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "sample.h"

#define U1 "01890a5d-ac96-774b-bcce-b302099a8057"
#define U2 "01890a5d-ac96-774b-bcce-b302099a8058"
#define U3 "01890a5d-ac96-774b-bcce-b302099a8059"

#define DATA   "{\"id\":\"" U1 "\",\"text\":\"t\"}"
#define SIMPLE "{\"id\":\"" U1 "\",\"type\":\"sample.taken\",\"at\":\"2020-02-08T09:30:00+08:00\",\"data\":" DATA "}"

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

static int decode(const char *json, struct event *ev)
{
	struct json_reader r;
	err = (struct err){ 0 };
	json_read_init(&r, str_of(json), &arena);
	int rc = event_decode(&r, sample_form, ev, &err);
	assert_true(rc < 0 || json_end(&r) == 0);
	return rc;
}

static void assert_refused(const char *json, const struct err_kind *kind, const char *field)
{
	struct event ev;
	assert_int_equal(decode(json, &ev), -1);
	assert_non_null(err.kind);
	if (err.kind != kind || strcmp(err.field, field))
		fail_msg("%s: %s at \"%s\" instead of %s at \"%s\"", json, err.kind->code, err.field, kind->code,
			 field);
}

static const char *sent(const struct event *ev, shape_seal_fn seal)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	struct json_writer w;
	json_write_init(&w, &b);
	assert_int_equal(event_write_sent(ev, &w, seal, NULL, &err), 0);
	buf_char(&b, 0);
	return arena_str(&arena, buf_view(&b)).ptr;
}

static const char *entry_of(const struct event *ev, shape_seal_fn seal)
{
	_cleanup_(buf_finish) struct buf middle = { 0 };
	_cleanup_(buf_finish) struct buf b = { 0 };
	struct json_writer w;
	json_write_init(&w, &middle);
	assert_int_equal(event_write_middle(ev, &w, seal, NULL, &err), 0);
	event_write_entry(ev, buf_view(&middle), &b);
	buf_char(&b, 0);
	assert_false(b.failed);
	return arena_str(&arena, buf_view(&b)).ptr;
}

/* What the server adds before an event is recorded. */
static void settle(struct event *ev)
{
	ev->seq = 42;
	ev->received = 1581125400123;
	ev->actor = STR("town100");
	ev->area = 610927100000000;
	memset(ev->same, 0xfb, sizeof ev->same);
}

/* ---- decoding ------------------------------------------------------------------------- */

static void decodes_an_event(void **state)
{
	struct event ev;
	(void)state;
	assert_int_equal(
	    decode("{\"id\":\"" U1
		   "\",\"type\":\"sample.dropped\",\"at\":\"2020-02-08T09:30:00+08:00\",\"place\":\"610927100001\","
		   "\"incident\":\"" U3 "\",\"data\":{\"sample\":\"" U2 "\"}}",
		   &ev),
	    0);
	assert_int_equal(ev.id.b[15], 0x57);
	assert_string_equal(ev.form->type, "sample.dropped");
	assert_int_equal(ev.at, 1581125400000);
	assert_int_equal(ev.place, 610927100001000);
	assert_true(uuid_is_nil(&ev.place_site));
	assert_int_equal(ev.incident.b[15], 0x59);
	assert_int_equal(((struct sample_dropped *)ev.data)->sample.b[15], 0x58);
	assert_int_equal(ev.seq, 0);
	assert_int_equal(ev.area, FIELD_ABSENT);
}

static void leaves_out_what_may_be_left_out(void **state)
{
	static const char *const rows[] = {
		SIMPLE,
		"{\"place\":null,\"incident\":null,\"id\":\"" U1
		"\",\"type\":\"sample.taken\",\"at\":\"2020-02-08T01:30:00Z\",\"data\":" DATA "}",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct event ev;
		assert_int_equal(decode(rows[i], &ev), 0);
		assert_int_equal(ev.place, FIELD_ABSENT);
		assert_true(uuid_is_nil(&ev.place_site) && uuid_is_nil(&ev.incident));
		assert_int_equal(ev.incident_no, 0);
	}
}

static void takes_a_place_or_a_site(void **state)
{
	struct event ev;
	(void)state;
	assert_int_equal(decode("{\"id\":\"" U1
				"\",\"type\":\"sample.taken\",\"at\":\"2020-02-08T01:30:00Z\",\"place\":\"" U2
				"\",\"data\":" DATA "}",
				&ev),
			 0);
	assert_int_equal(ev.place, FIELD_ABSENT);
	assert_int_equal(ev.place_site.b[15], 0x58);
	assert_int_equal(
	    decode("{\"id\":\"" U1
		   "\",\"type\":\"sample.taken\",\"at\":\"2020-02-08T01:30:00Z\",\"place\":\"610927\",\"data\":" DATA
		   "}",
		   &ev),
	    0);
	assert_int_equal(ev.place, 610927000000000);
	assert_true(uuid_is_nil(&ev.place_site));
}

/* All 720 orders of the six members decode to the same. */
static void takes_members_in_any_order(void **state)
{
	static const char *const members[] = {
		"\"id\":\"" U1 "\"",          "\"type\":\"sample.taken\"", "\"at\":\"2020-02-08T01:30:00Z\"",
		"\"place\":\"610927100001\"", "\"incident\":\"" U3 "\"",   "\"data\":" DATA
	};
	static const char expected[] = "{\"at\":\"2020-02-08T01:30:00.000Z\",\"data\":" DATA ",\"incident\":\"" U3
				       "\",\"place\":\"610927100001\",\"type\":\"sample.taken\"}";
	(void)state;
	for (int k = 0; k < 720; k++) {
		int left[6] = { 0, 1, 2, 3, 4, 5 }, rest = k;
		char json[600] = "{";
		struct event ev;
		for (int n = 6; n > 0; n--) {
			int pick = rest % n;
			rest /= n;
			strcat(json, members[left[pick]]);
			strcat(json, n > 1 ? " , " : "}");
			memmove(left + pick, left + pick + 1, sizeof left - sizeof *left * (size_t)(pick + 1));
		}
		if (decode(json, &ev))
			fail_msg("%s: %s", json, err.kind->code);
		assert_int_equal(ev.id.b[15], 0x57);
		assert_string_equal(sent(&ev, NULL), expected);
		arena_reset(&arena);
	}
}

#define ID   "\"id\":\"" U1 "\""
#define TYPE "\"type\":\"sample.taken\""
#define WHEN "\"at\":\"2020-02-08T01:30:00Z\""
#define WHAT "\"data\":" DATA

static void refuses_bad_envelopes(void **state)
{
	const struct {
		const char *json;
		const struct err_kind *kind;
		const char *field;
	} rows[] = {
		{ "[]", &ERR_FIELD_TYPE, "" },
		{ "7", &ERR_FIELD_TYPE, "" },
		{ "null", &ERR_FIELD_TYPE, "" },
		{ "{}", &ERR_FIELD_MISSING, "id" },
		{ "{" TYPE "," WHEN "," WHAT "}", &ERR_FIELD_MISSING, "id" },
		{ "{" ID "," WHEN "," WHAT "}", &ERR_FIELD_MISSING, "type" },
		{ "{" ID "," TYPE "," WHAT "}", &ERR_FIELD_MISSING, "at" },
		{ "{" ID "," TYPE "," WHEN "}", &ERR_FIELD_MISSING, "data" },
		{ "{" ID "," TYPE "," WHEN "," WHAT ",\"seq\":1}", &ERR_FIELD_UNKNOWN, "seq" },
		{ "{" ID "," TYPE "," WHEN "," WHAT ",\"actor\":\"me\"}", &ERR_FIELD_UNKNOWN, "actor" },
		{ "{" ID "," TYPE "," WHEN "," WHAT "," ID "}", &ERR_FIELD_DOUBLED, "id" },
		{ "{" ID "," TYPE "," WHEN "," WHAT "," WHAT "}", &ERR_FIELD_DOUBLED, "data" },
		{ "{" ID "," TYPE "," WHEN "," WHAT "," TYPE "}", &ERR_FIELD_DOUBLED, "type" },
		{ "{" ID "," TYPE "," WHEN "," WHAT ",\"place\":null,\"place\":\"61\"}", &ERR_FIELD_DOUBLED, "place" },
		{ "{\"id\":null," TYPE "," WHEN "," WHAT "}", &ERR_FIELD_TYPE, "id" },
		{ "{\"id\":1," TYPE "," WHEN "," WHAT "}", &ERR_FIELD_TYPE, "id" },
		{ "{\"id\":\"x\"," TYPE "," WHEN "," WHAT "}", &ERR_FIELD_FORM, "id" },
		{ "{\"id\":\"00000000-0000-0000-0000-000000000000\"," TYPE "," WHEN "," WHAT "}", &ERR_FIELD_FORM,
		  "id" },
		{ "{" ID ",\"type\":\"sample.lost\"," WHEN "," WHAT "}", &ERR_TYPE_UNKNOWN, "type" },
		{ "{" ID ",\"type\":\"\"," WHEN "," WHAT "}", &ERR_TYPE_UNKNOWN, "type" },
		{ "{" ID ",\"type\":[]," WHEN "," WHAT "}", &ERR_FIELD_TYPE, "type" },
		{ "{" ID "," TYPE ",\"at\":\"2020-02-08\"," WHAT "}", &ERR_FIELD_FORM, "at" },
		{ "{" ID "," TYPE ",\"at\":1581125400000," WHAT "}", &ERR_FIELD_TYPE, "at" },
		{ "{" ID "," TYPE ",\"at\":null," WHAT "}", &ERR_FIELD_TYPE, "at" },
		{ "{" ID "," TYPE "," WHEN "," WHAT ",\"place\":610927}", &ERR_FIELD_TYPE, "place" },
		{ "{" ID "," TYPE "," WHEN "," WHAT ",\"place\":\"6109\\u0000\"}", &ERR_MALFORMED, "" },
		{ "{" ID "," TYPE "," WHEN "," WHAT ",\"place\":\"61092\"}", &ERR_FIELD_FORM, "place" },
		{ "{" ID "," TYPE "," WHEN "," WHAT ",\"place\":\"00000000-0000-0000-0000-000000000000\"}",
		  &ERR_FIELD_FORM, "place" },
		{ "{" ID "," TYPE "," WHEN "," WHAT ",\"incident\":\"epidemic\"}", &ERR_FIELD_FORM, "incident" },
		{ "{" ID "," TYPE "," WHEN ",\"data\":[]}", &ERR_FIELD_TYPE, "" },
		{ "{" ID "," TYPE "," WHEN ",\"data\":null}", &ERR_FIELD_TYPE, "" },
		{ "{" ID "," TYPE "," WHEN ",\"data\":{}}", &ERR_FIELD_MISSING, "id" },
		{ "{" ID "," TYPE "," WHEN ",\"data\":{\"id\":\"" U1 "\",\"text\":\"t\",\"people\":[{\"subject\":\"" U2
		  "\",\"person\":{\"name\":\"a\"},\"decision\":\"red\"},{\"temperature\":50}]}}",
		  &ERR_FIELD_RANGE, "people[1].temperature" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_refused(rows[i].json, rows[i].kind, rows[i].field);
}

/* The id is wanted in the answer even when something else is wrong, before it or after. */
static void knows_the_id_of_a_bad_event(void **state)
{
	static const char *const rows[] = {
		"{" ID ",\"type\":\"sample.lost\"," WHEN "," WHAT "}",
		"{\"type\":\"sample.lost\"," WHEN "," WHAT "," ID "}",
		"{\"x\":[{}]," TYPE "," WHEN "," WHAT "," ID "}",
		"{" TYPE ",\"at\":7," WHAT "," ID "}",
		"{" TYPE "," WHEN ",\"data\":{\"text\":7}," ID "}",
		"{" ID "}",
		"{" TYPE "," TYPE "," WHEN ",\"data\":7," ID "}",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct event ev;
		assert_int_equal(decode(rows[i], &ev), -1);
		assert_int_equal(ev.id.b[15], 0x57);
	}
	struct event ev;
	assert_int_equal(decode("{\"id\":\"x\"," TYPE "}", &ev), -1);
	assert_true(uuid_is_nil(&ev.id));
}

static void goes_on_with_the_batch(void **state)
{
	static const char *const bad[] = {
		"7",
		"[[1],{}]",
		"{}",
		"{\"x\":{\"y\":[1,2,{}]},\"x\":1}",
		"{" ID ",\"type\":\"sample.lost\"," WHEN ",\"data\":{\"any\":[1,{\"x\":2}]}}",
		"{" ID "," TYPE "," WHEN ",\"data\":{\"number\":1.5}}",
		"{" ID "," TYPE ",\"at\":{\"x\":[]}," WHAT "}",
		"{" ID "," TYPE "," WHEN ",\"data\":[1,2,3]}",
		"{" ID "," TYPE "," WHEN ",\"data\":{\"people\":[{\"temperature\":1.23456},[]],\"z\":[{}]}}",
		"{" ID "," TYPE "," WHEN "," WHAT ",\"place\":[{}],\"incident\":{}}",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct json_reader r;
		struct event ev;
		char text[600];
		snprintf(text, sizeof text, "[" SIMPLE ", %s ," SIMPLE "]", bad[i]);
		json_read_init(&r, str_of(text), &arena);
		assert_int_equal(json_array_begin(&r), 0);
		for (int k = 0; k < 3; k++) {
			assert_int_equal(json_element(&r), 1);
			int rc = event_decode(&r, sample_form, &ev, &err);
			if (rc != (k == 1 ? -1 : 0) || r.failed)
				fail_msg("%s: event %d gives %d, %s", bad[i], k, rc, r.failed ? r.what : "sound");
		}
		assert_int_equal(json_element(&r), 0);
		assert_int_equal(json_end(&r), 0);
	}
}

static void stops_at_broken_syntax(void **state)
{
	static const char *const broken[] = {
		"",
		"{",
		"{" ID,
		"{" ID ",}",
		"{\"x\":[}",
		"{" ID "," TYPE "," WHEN ",\"data\":{\"id\":}}",
		"{" ID "," TYPE "," WHEN ",\"data\":{}",
		"{\"id\":\"\xc3\x28\"}",
		"{\"place\":nul}",
		"{\"data\":{},\"data\":{]}",
		"[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]",
		"{\"data\":{\"a\":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}}",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		struct json_reader r;
		struct event ev;
		err = (struct err){ 0 };
		json_read_init(&r, str_of(broken[i]), &arena);
		assert_int_equal(event_decode(&r, sample_form, &ev, &err), -1);
		if (!r.failed || err.kind != &ERR_MALFORMED)
			fail_msg("%s is not seen as broken but as %s", broken[i],
				 err.kind ? err.kind->code : "nothing");
	}
}

static void cuts_long_names_between_characters(void **state)
{
	static const char *const forms[] = { "{\"%s\":1}",        "{\"x%s\":[]}",       "{\"xx%s\":null}",
					     "{\"type\":\"%s\"}", "{\"type\":\"x%s\"}", "{\"type\":\"xx%s\"}" };
	char name[601], json[700];
	(void)state;
	for (int i = 0; i < 200; i++)
		memcpy(name + 3 * i, "中", 4);
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct event ev;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(json, sizeof json, forms[i], name);
#pragma GCC diagnostic pop
		assert_int_equal(decode(json, &ev), -1);
		assert_true(str_is_utf8(str_of(err.field)));
		assert_true(str_is_utf8(str_of(err.arg[0])) && strlen(err.arg[0]) > 100);
	}
}

/* ---- sameness --------------------------------------------------------------------------- */

static void writes_what_was_sent(void **state)
{
	struct event ev;
	(void)state;
	assert_int_equal(
	    decode(" { \"data\" : { \"text\":\"t\", "
		   "\"temperature\":36.50,\"id\":\"01890A5D-AC96-774B-BCCE-B302099A8057\",\"colour\":null }, "
		   "\"type\":\"sample.taken\",\"place\":\"610927\",\"at\":\"2020-02-08T09:30:00+08:00\",\"id\":\"" U2
		   "\" } ",
		   &ev),
	    0);
	assert_string_equal(sent(&ev, NULL), "{\"at\":\"2020-02-08T01:30:00.000Z\",\"data\":{\"id\":\"" U1
					     "\",\"temperature\":3650,\"text\":\"t\"},"
					     "\"place\":\"610927000000\",\"type\":\"sample.taken\"}");
	/* What the server adds is none of it. */
	const char *before = sent(&ev, NULL);
	settle(&ev);
	ev.incident_no = 1;
	assert_string_equal(sent(&ev, NULL), before);
}

static void tells_different_events_apart(void **state)
{
	static const char *const rows[] = {
		"{" ID "," TYPE "," WHEN "," WHAT "}",
		"{" ID ",\"type\":\"sample.dropped\"," WHEN ",\"data\":{\"sample\":\"" U1 "\"}}",
		"{" ID "," TYPE ",\"at\":\"2020-02-08T01:30:00.001Z\"," WHAT "}",
		"{" ID "," TYPE "," WHEN "," WHAT ",\"place\":\"610927\"}",
		"{" ID "," TYPE "," WHEN "," WHAT ",\"place\":\"610928\"}",
		"{" ID "," TYPE "," WHEN "," WHAT ",\"place\":\"" U2 "\"}",
		"{" ID "," TYPE "," WHEN "," WHAT ",\"incident\":\"" U2 "\"}",
		"{" ID "," TYPE "," WHEN ",\"data\":{\"id\":\"" U1 "\",\"text\":\"T\"}}",
		"{" ID "," TYPE "," WHEN ",\"data\":{\"id\":\"" U1 "\",\"text\":\"t\",\"flag\":false}}",
	};
	const char *texts[ARRAY_LEN(rows)];
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct event ev;
		assert_int_equal(decode(rows[i], &ev), 0);
		texts[i] = sent(&ev, NULL);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(texts[i], texts[k]);
	}
}

static void seals_within_the_sent_bytes(void **state)
{
	struct event ev;
	(void)state;
	assert_int_equal(
	    decode("{" ID "," TYPE "," WHEN ",\"data\":{\"id\":\"" U1 "\",\"text\":\"t\",\"note\":\"secret\"}}", &ev),
	    0);
	assert_non_null(strstr(sent(&ev, NULL), "secret"));
	assert_null(strstr(sent(&ev, toy_seal), "secret"));
	assert_null(strstr(sent(&ev, toy_seal), "note"));
	assert_non_null(strstr(sent(&ev, toy_seal), "\"sealed\":\""));
}

/* ---- entries ------------------------------------------------------------------------------ */

static void assert_same(const struct event *a, const struct event *b)
{
	assert_true(uuid_eq(&a->id, &b->id) && uuid_eq(&a->incident, &b->incident) &&
		    uuid_eq(&a->place_site, &b->place_site));
	assert_ptr_equal(a->form, b->form);
	assert_true(a->at == b->at && a->place == b->place && a->seq == b->seq && a->received == b->received &&
		    a->area == b->area);
	assert_int_equal(a->incident_no, b->incident_no);
	assert_true(str_eq(a->actor, b->actor));
	assert_memory_equal(a->same, b->same, sizeof a->same);
	assert_string_equal(sent(a, NULL), sent(b, NULL));
}

static void writes_the_canonical_leaf(void **state)
{
	struct event ev;
	(void)state;
	assert_int_equal(
	    decode("{" ID "," TYPE "," WHEN ",\"place\":\"610927100001002\",\"incident\":\"" U3 "\"," WHAT "}", &ev),
	    0);
	settle(&ev);
	ev.incident_no = 7;
	ev.actor = STR("a\"b");
	assert_string_equal(
	    entry_of(&ev, NULL),
	    "{\"actor\":\"a\\\"b\",\"area\":\"610927100000\",\"at\":\"2020-02-08T01:30:00.000Z\",\"data\":" DATA
	    ",\"id\":\"" U1 "\",\"incident\":\"" U3
	    "\",\"incident_no\":7,\"place\":\"610927100001002\",\"received\":\"2020-02-08T01:30:00.123Z\","
	    "\"same\":\"-_v7-_v7-_v7-_v7-_v7-w\",\"seq\":42,\"type\":\"sample.taken\"}");
}

static void reads_entries_back(void **state)
{
	static const char *const rows[] = {
		SIMPLE,
		"{" ID "," TYPE "," WHEN "," WHAT ",\"place\":\"610927100001\"}",
		"{" ID "," TYPE "," WHEN "," WHAT ",\"place\":\"" U2 "\",\"incident\":\"" U3 "\"}",
		"{" ID ",\"type\":\"sample.dropped\"," WHEN ",\"data\":{\"sample\":\"" U1 "\"}}",
		"{" ID "," TYPE "," WHEN ",\"data\":{\"id\":\"" U1
		"\",\"text\":\"\\ud83d\\ude00 \\\" \\\\ \\n\",\"note\":\"s\",\"lon\":-0.000001,"
		"\"people\":[{\"subject\":\"" U2
		"\",\"person\":{\"name\":\"a\"},\"decision\":\"blue\",\"temperature\":36.5}]}}",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (int sealed = 0; sealed < 2; sealed++) {
			struct event ev, back;
			assert_int_equal(decode(rows[i], &ev), 0);
			settle(&ev);
			ev.incident_no = (int64_t)i;
			const char *entry = entry_of(&ev, sealed ? toy_seal : NULL);
			assert_int_equal(
			    event_read_entry(str_of(entry), sample_form, toy_open, NULL, &arena, &back, &err), 0);
			assert_same(&ev, &back);
			assert_string_equal(entry_of(&back, sealed ? toy_seal : NULL), entry);
		}
	}
}

static void reads_entries_without_keys(void **state)
{
	struct event ev, back;
	(void)state;
	assert_int_equal(
	    decode("{" ID "," TYPE "," WHEN ",\"data\":{\"id\":\"" U1 "\",\"text\":\"t\",\"note\":\"secret\"}}", &ev),
	    0);
	settle(&ev);
	const char *entry = entry_of(&ev, toy_seal);
	assert_null(strstr(entry, "secret"));
	assert_int_equal(event_read_entry(str_of(entry), sample_form, NULL, NULL, &arena, &back, &err), 0);
	assert_null(((struct sample *)back.data)->note.ptr);
	assert_true(str_is(((struct sample *)back.data)->text, "t"));
	struct uuid gone = ((struct sample *)back.data)->id;
	assert_int_equal(event_read_entry(str_of(entry), sample_form, toy_open, &gone, &arena, &back, &err), 0);
	assert_null(((struct sample *)back.data)->note.ptr);
}

#define LEAF(actor, area, at, data, id, received, same, seq, type) \
	"{" actor area at data id received same seq type "\"x\":\"later\"}"
#define ACTOR_ "\"actor\":\"a\","
#define AREA_  "\"area\":\"610927100000\","
#define AT_    "\"at\":\"2020-02-08T01:30:00.000Z\","
#define DATA_  "\"data\":" DATA ","
#define ID_    "\"id\":\"" U1 "\","
#define RECD_  "\"received\":\"2020-02-08T01:30:00.123Z\","
#define SAME_  "\"same\":\"-_v7-_v7-_v7-_v7-_v7-w\","
#define SEQ_   "\"seq\":42,"
#define TYPE_  "\"type\":\"sample.taken\","

static void refuses_damaged_entries(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"7",
		"{}",
		"{" ACTOR_,
		LEAF(, AREA_, AT_, DATA_, ID_, RECD_, SAME_, SEQ_, TYPE_),
		LEAF(ACTOR_, , AT_, DATA_, ID_, RECD_, SAME_, SEQ_, TYPE_),
		LEAF(ACTOR_, AREA_, , DATA_, ID_, RECD_, SAME_, SEQ_, TYPE_),
		LEAF(ACTOR_, AREA_, AT_, , ID_, RECD_, SAME_, SEQ_, TYPE_),
		LEAF(ACTOR_, AREA_, AT_, DATA_, , RECD_, SAME_, SEQ_, TYPE_),
		LEAF(ACTOR_, AREA_, AT_, DATA_, ID_, , SAME_, SEQ_, TYPE_),
		LEAF(ACTOR_, AREA_, AT_, DATA_, ID_, RECD_, SAME_, SEQ_, ),
		LEAF(ACTOR_, "\"area\":\"6109271\",", AT_, DATA_, ID_, RECD_, SAME_, SEQ_, TYPE_),
		LEAF(ACTOR_, AREA_, "\"at\":\"now\",", DATA_, ID_, RECD_, SAME_, SEQ_, TYPE_),
		LEAF(ACTOR_, AREA_, AT_, DATA_, "\"id\":\"x\",", RECD_, SAME_, SEQ_, TYPE_),
		LEAF(ACTOR_, AREA_, AT_, DATA_, ID_, "\"received\":1,", SAME_, SEQ_, TYPE_),
		LEAF(ACTOR_, AREA_, AT_, DATA_, ID_, RECD_, "\"same\":\"AAAA\",", SEQ_, TYPE_),
		LEAF(ACTOR_, AREA_, AT_, DATA_, ID_, RECD_, SAME_, "\"seq\":\"42\",", TYPE_),
		LEAF(ACTOR_, AREA_, AT_, DATA_, ID_, RECD_, SAME_, "\"seq\":4.2,", TYPE_),
		LEAF(ACTOR_, AREA_, AT_, DATA_, ID_, RECD_, SAME_, SEQ_, "\"type\":\"sample.lost\","),
		LEAF(ACTOR_, AREA_, AT_, DATA_, ID_, RECD_, SAME_, SEQ_, TYPE_) "x",
		LEAF(ACTOR_, AREA_, AT_, DATA_, ID_, RECD_, SAME_, SEQ_, TYPE_) "{}",
	};
	static const char good[] = LEAF(ACTOR_, AREA_, AT_, DATA_, ID_, RECD_, SAME_, SEQ_, TYPE_);
	struct event ev, untouched = { .seq = 99 };
	(void)state;
	assert_int_equal(event_read_entry(STR(""), sample_form, NULL, NULL, &arena, &untouched, &err), -1);
	assert_int_equal(untouched.seq, 99);
	assert_int_equal(event_read_entry(str_of(good), sample_form, NULL, NULL, &arena, &ev, &err), 0);
	assert_int_equal(ev.seq, 42);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		err = (struct err){ 0 };
		int rc = event_read_entry(str_of(bad[i]), sample_form, NULL, NULL, &arena, &ev, &err);
		if (rc != -1 || err.kind != &ERR_STORE_CORRUPT)
			fail_msg("%s: %d %s", bad[i], rc, err.kind ? err.kind->code : "-");
	}
}

static void says_when_memory_ends(void **state)
{
	struct arena small;
	struct json_reader r;
	struct event ev;
	(void)state;
	arena_init(&small, 16);
	assert_non_null(arena_alloc(&small, 16));
	json_read_init(&r, STR(SIMPLE), &small);
	assert_int_equal(event_decode(&r, sample_form, &ev, &err), -1);
	assert_ptr_equal(err.kind, &ERR_NO_MEMORY);
	arena_finish(&small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(decodes_an_event, start, stop),
		cmocka_unit_test_setup_teardown(leaves_out_what_may_be_left_out, start, stop),
		cmocka_unit_test_setup_teardown(takes_a_place_or_a_site, start, stop),
		cmocka_unit_test_setup_teardown(takes_members_in_any_order, start, stop),
		cmocka_unit_test_setup_teardown(refuses_bad_envelopes, start, stop),
		cmocka_unit_test_setup_teardown(knows_the_id_of_a_bad_event, start, stop),
		cmocka_unit_test_setup_teardown(goes_on_with_the_batch, start, stop),
		cmocka_unit_test_setup_teardown(stops_at_broken_syntax, start, stop),
		cmocka_unit_test_setup_teardown(cuts_long_names_between_characters, start, stop),
		cmocka_unit_test_setup_teardown(writes_what_was_sent, start, stop),
		cmocka_unit_test_setup_teardown(tells_different_events_apart, start, stop),
		cmocka_unit_test_setup_teardown(seals_within_the_sent_bytes, start, stop),
		cmocka_unit_test_setup_teardown(writes_the_canonical_leaf, start, stop),
		cmocka_unit_test_setup_teardown(reads_entries_back, start, stop),
		cmocka_unit_test_setup_teardown(reads_entries_without_keys, start, stop),
		cmocka_unit_test_setup_teardown(refuses_damaged_entries, start, stop),
		cmocka_unit_test_setup_teardown(says_when_memory_ends, start, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
