/* The envelope: decoded from requests, written to and read from the ledger. */
#include "event/event.h"

#include <assert.h>
#include <sodium.h>

#include "base/clock.h"
#include "event/internal.h"

const struct err_kind ERR_TYPE_UNKNOWN = { "type_unknown", 400, "没有“{0}”这种记录", "There is no event type \"{0}\"" };
const struct err_kind ERR_TIME_FUTURE = { "time_future", 400, "时间“at”比现在晚了10分钟以上，请检查手机的时钟",
					  "The time \"at\" is more than 10 minutes ahead: check the device's clock" };

enum { AT = 1, DATA = 2, ID = 4, TYPE = 8, PLACE = 16, INCIDENT = 32 };

static int form_error(const char *field, const char *example, struct err *err)
{
	return err_set(err, &ERR_FIELD_FORM, field, field, example, NULL);
}

static int decode_member(struct str name, struct str text, event_form_fn find, struct event *ev, struct err *err)
{
	if (str_is(name, "id"))
		return uuid_parse(text, &ev->id) ? 0 : form_error("id", "01936f2e-7b1c-7d3a-8f45-2c9e6a1b0d37", err);
	if (str_is(name, "at"))
		return time_parse(text, &ev->at) ? 0 : form_error("at", "2020-02-08T09:30:00+08:00", err);
	if (str_is(name, "incident"))
		return uuid_parse(text, &ev->incident)
			   ? 0
			   : form_error("incident", "01936f2e-7b1c-7d3a-8f45-2c9e6a1b0d37", err);
	if (str_is(name, "place")) {
		if (text.len == UUID_TEXT && uuid_parse(text, &ev->place_site))
			return 0;
		return place_parse(text, &ev->place) ? 0 : form_error("place", "610927100000", err);
	}
	assert(str_is(name, "type"));
	ev->form = find(text);
	if (ev->form)
		return 0;
	char shown[NAME_SHOWN];
	return err_set(err, &ERR_TYPE_UNKNOWN, "type", name_shown(text, shown), NULL);
}

static unsigned member_bit(struct str name)
{
	static const struct {
		const char *name;
		unsigned bit;
	} MEMBERS[] = { { "id", ID },     { "type", TYPE },   { "at", AT },
			{ "data", DATA }, { "place", PLACE }, { "incident", INCIDENT } };
	for (size_t i = 0; i < ARRAY_LEN(MEMBERS); i++) {
		if (str_is(name, MEMBERS[i].name))
			return MEMBERS[i].bit;
	}
	return 0;
}

int event_decode(struct json_reader *r, event_form_fn find, struct event *ret, struct err *err)
{
	struct str name, text, data = STR_NONE;
	unsigned seen = 0;
	int more, rc = 0;
	*ret = (struct event){ .at = FIELD_ABSENT, .place = FIELD_ABSENT, .area = FIELD_ABSENT };
	if (json_peek(r) != JSON_OBJECT) {
		if (r->failed || json_skip(r, NULL) < 0)
			return json_fail(r, err);
		return err_set(err, &ERR_FIELD_TYPE, "", "event", "an object / 对象", NULL);
	}
	json_object_begin(r);
	while ((more = json_member(r, &name)) == 1) {
		unsigned bit = member_bit(name);
		char shown[NAME_SHOWN];
		name_shown(name, shown);
		if (!bit || (seen & bit)) {
			if (rc == 0)
				rc = err_set(err, bit ? &ERR_FIELD_DOUBLED : &ERR_FIELD_UNKNOWN, shown, shown, NULL);
			if (json_skip(r, NULL) < 0)
				return json_fail(r, err);
			continue;
		}
		seen |= bit;
		if (bit == DATA) {
			/* Decoded below, when the type is known whatever the order. */
			if (json_skip(r, &data) < 0)
				return json_fail(r, err);
			continue;
		}
		if (json_peek(r) == JSON_NULL && (bit == PLACE || bit == INCIDENT)) {
			json_null(r);
			continue;
		}
		if (json_peek(r) != JSON_STRING) {
			if (r->failed || json_skip(r, NULL) < 0)
				return json_fail(r, err);
			if (rc == 0)
				rc = err_set(err, &ERR_FIELD_TYPE, shown, shown, "a string / 文字", NULL);
			continue;
		}
		if (json_string(r, &text) < 0)
			return json_fail(r, err);
		if (rc == 0 || bit == ID) { /* the id is wanted in the answer even when something else is wrong */
			struct err other = { 0 };
			if (decode_member(name, text, find, ret, rc == 0 ? err : &other) < 0)
				rc = -1;
		}
	}
	if (more < 0)
		return json_fail(r, err);
	static const struct {
		unsigned bit;
		const char *name;
	} NEEDED[] = { { ID, "id" }, { TYPE, "type" }, { AT, "at" }, { DATA, "data" } };
	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(NEEDED); i++) {
		if (!(seen & NEEDED[i].bit))
			rc = err_set(err, &ERR_FIELD_MISSING, NEEDED[i].name, NEEDED[i].name, NULL);
	}
	if (rc < 0)
		return rc;
	ret->data = arena_alloc(r->arena, ret->form->shape->size);
	if (!ret->data)
		return err_kind_set(err, &ERR_NO_MEMORY);
	struct json_reader inner;
	json_read_init(&inner, data, r->arena);
	inner.depth = r->depth + 1;
	return shape_decode(ret->form->shape, &inner, ret->data, err);
}

static void put_uuid(struct json_writer *w, const char *key, const struct uuid *u)
{
	char text[UUID_TEXT];
	uuid_format(u, text);
	json_key(w, key);
	json_put_str(w, (struct str){ text, UUID_TEXT });
}

static void put_time(struct json_writer *w, const char *key, int64_t ms)
{
	char text[TIME_TEXT_MAX];
	time_format_utc(ms, text);
	json_key(w, key);
	json_put_cstr(w, text);
}

static void put_place(struct json_writer *w, const struct event *ev)
{
	char text[PLACE_TEXT];
	if (!uuid_is_nil(&ev->place_site)) {
		put_uuid(w, "place", &ev->place_site);
	} else if (ev->place != FIELD_ABSENT) {
		json_key(w, "place");
		json_put_str(w, (struct str){ text, place_format(ev->place, text) });
	}
}

int event_write_sent(const struct event *ev, struct json_writer *w, shape_seal_fn seal, void *ctx, struct err *err)
{
	json_open(w, '{');
	put_time(w, "at", ev->at);
	json_key(w, "data");
	if (shape_write(ev->form->shape, ev->data, w, seal, ctx, err) < 0)
		return -1;
	if (!uuid_is_nil(&ev->incident))
		put_uuid(w, "incident", &ev->incident);
	put_place(w, ev);
	json_key(w, "type");
	json_put_cstr(w, ev->form->type);
	json_close(w, '}');
	return 0;
}

int event_write_middle(const struct event *ev, struct json_writer *w, shape_seal_fn seal, void *ctx, struct err *err)
{
	put_time(w, "at", ev->at);
	json_key(w, "data");
	if (shape_write(ev->form->shape, ev->data, w, seal, ctx, err) < 0)
		return -1;
	put_uuid(w, "id", &ev->id);
	return 0;
}

void event_write_entry(const struct event *ev, struct str middle, struct buf *out)
{
	struct json_writer w;
	char text[64];
	json_write_init(&w, out);
	json_open(&w, '{');
	json_key(&w, "actor");
	json_put_str(&w, ev->actor);
	json_key(&w, "area");
	json_put_str(&w, (struct str){ text, place_format(ev->area, text) });
	buf_char(out, ',');
	buf_str(out, middle);
	w.comma = true;
	if (!uuid_is_nil(&ev->incident))
		put_uuid(&w, "incident", &ev->incident);
	if (ev->incident_no) {
		json_key(&w, "incident_no");
		json_put_i64(&w, ev->incident_no);
	}
	put_place(&w, ev);
	put_time(&w, "received", ev->received);
	json_key(&w, "same");
	char same[32];
	sodium_bin2base64(same, sizeof same, ev->same, sizeof ev->same, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	json_put_cstr(&w, same);
	json_key(&w, "seq");
	json_put_i64(&w, ev->seq);
	if (ev->skew) {
		json_key(&w, "skew");
		json_put_i64(&w, ev->skew);
	}
	json_key(&w, "type");
	json_put_cstr(&w, ev->form->type);
	json_close(&w, '}');
}

static int entry_member(struct json_reader *r, struct str name, event_form_fn find, struct event *ev, struct str *data)
{
	struct str text;
	if (str_is(name, "data"))
		return json_skip(r, data);
	if (str_is(name, "seq") || str_is(name, "incident_no") || str_is(name, "skew")) {
		int64_t v;
		if (json_number(r, &text) < 0 || !str_to_i64(text, &v))
			return -1;
		*(str_is(name, "seq") ? &ev->seq : str_is(name, "skew") ? &ev->skew : &ev->incident_no) = v;
		return 0;
	}
	if (json_string(r, &text) < 0)
		return -1;
	struct err ignored = { 0 };
	if (str_is(name, "actor"))
		ev->actor = text;
	else if (str_is(name, "area"))
		return place_parse(text, &ev->area) ? 0 : -1;
	else if (str_is(name, "received"))
		return time_parse(text, &ev->received) ? 0 : -1;
	else if (str_is(name, "same"))
		return b64_decode(text, ev->same, sizeof ev->same) == (int)sizeof ev->same ? 0 : -1;
	else if (member_bit(name))
		return decode_member(name, text, find, ev, &ignored);
	return 0;
}

int event_read_entry(struct str entry, event_form_fn find, shape_open_fn open, void *ctx, struct arena *arena,
		     struct event *ret, struct err *err)
{
	struct json_reader r;
	struct str name, data = STR_NONE;
	struct event ev = { .at = FIELD_ABSENT, .place = FIELD_ABSENT, .area = FIELD_ABSENT, .received = FIELD_ABSENT };
	int more;
	json_read_init(&r, entry, arena);
	if (json_peek(&r) != JSON_OBJECT)
		return err_fmt(err, &ERR_STORE_CORRUPT, "ledger entry is not an object");
	json_object_begin(&r);
	while ((more = json_member(&r, &name)) == 1) {
		if (entry_member(&r, name, find, &ev, &data) < 0)
			return err_fmt(err, &ERR_STORE_CORRUPT, "ledger entry, member %.*s", STR_ARG(name));
	}
	if (more < 0 || json_end(&r) < 0 || !ev.form || !data.ptr || ev.area == FIELD_ABSENT || ev.at == FIELD_ABSENT ||
	    ev.received == FIELD_ABSENT || uuid_is_nil(&ev.id) || !ev.actor.ptr)
		return err_fmt(err, &ERR_STORE_CORRUPT, "ledger entry is incomplete");
	ev.data = arena_alloc(arena, ev.form->shape->size);
	if (!ev.data)
		return err_kind_set(err, &ERR_NO_MEMORY);
	struct json_reader inner;
	json_read_init(&inner, data, arena);
	if (shape_decode_stored(ev.form->shape, &inner, open, ctx, ev.data, err) < 0)
		return -1;
	*ret = ev;
	return 0;
}

bool event_entry_area(struct str entry, place_t *ret)
{
	struct json_reader r;
	struct arena arena;
	struct str name, text;
	bool found = false;
	arena_init(&arena, 4096);
	json_read_init(&r, entry, &arena);
	if (json_peek(&r) == JSON_OBJECT && json_object_begin(&r) == 0) {
		while (!found && json_member(&r, &name) == 1) {
			if (!str_is(name, "area"))
				json_skip(&r, NULL);
			else if (json_string(&r, &text) == 0)
				found = place_parse(text, ret);
			else
				break;
		}
	}
	arena_finish(&arena);
	return found;
}
