/* Fuzz target of the event codec, on a shape with a field of every kind: what
 * is accepted is the same when written to the ledger and read back, sealed or
 * not; what is refused leaves the reader behind the value, so a batch goes on. */
#include <stdlib.h>

#include "../test/unit/event/sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void put_sent(const struct event *ev, struct buf *out)
{
	struct json_writer w;
	struct err err;

	json_write_init(&w, out);
	must(event_write_sent(ev, &w, NULL, NULL, &err) == 0);
}

static void put_entry(const struct event *ev, shape_seal_fn seal, struct buf *out)
{
	_cleanup_(buf_finish) struct buf middle = { 0 };
	struct json_writer w;
	struct err err;

	json_write_init(&w, &middle);
	must(event_write_middle(ev, &w, seal, NULL, &err) == 0);
	event_write_entry(ev, buf_view(&middle), out);
	must(!out->failed && str_is_utf8(buf_view(out)));
}

/* Written, read and written again: the same bytes, and the same event as sent. */
static void there_and_back(const struct event *ev, shape_seal_fn seal, struct arena *arena)
{
	_cleanup_(buf_finish) struct buf entry = { 0 }, again = { 0 }, sent = { 0 }, sent_back = { 0 };
	struct event back;
	struct err err;

	put_entry(ev, seal, &entry);
	must(event_read_entry(buf_view(&entry), sample_form, toy_open, NULL, arena, &back, &err) == 0);
	put_entry(&back, seal, &again);
	must(str_eq(buf_view(&entry), buf_view(&again)));
	put_sent(ev, &sent);
	put_sent(&back, &sent_back);
	must(str_eq(buf_view(&sent), buf_view(&sent_back)));
	must(uuid_eq(&ev->id, &back.id) && ev->form == back.form && ev->seq == back.seq &&
	     ev->received == back.received);
	must(event_read_entry(buf_view(&entry), sample_form, NULL, NULL, arena, &back, &err) == 0);
}

/* As a request's event. */
static void try_event(struct str text)
{
	struct json_reader r, skip;
	struct arena arena;
	struct event ev;
	struct err err = { 0 };

	arena_init(&arena, 0);
	json_read_init(&r, text, &arena);
	json_read_init(&skip, text, &arena);
	json_skip(&skip, NULL);
	int rc = event_decode(&r, sample_form, &ev, &err);
	must(rc == 0 || err.kind);
	must(r.failed == skip.failed && (r.failed || r.p == skip.p));
	must(str_is_utf8(str_of(err.field)) && str_is_utf8(str_of(err.arg[0])));
	if (rc == 0) {
		ev.seq = 42;
		ev.received = ev.at;
		ev.area = ev.place == FIELD_ABSENT ? 610927100000000 : ev.place;
		ev.actor = STR("fuzz");
		ev.incident_no = uuid_is_nil(&ev.incident) ? 0 : 7;
		there_and_back(&ev, NULL, &arena);
		there_and_back(&ev, toy_seal, &arena);
	}
	arena_finish(&arena);
}

/* As a ledger entry, which may be damaged. */
static void try_entry(struct str text)
{
	struct arena arena;
	struct event ev;
	struct err err = { 0 };

	arena_init(&arena, 0);
	if (event_read_entry(text, sample_form, toy_open, NULL, &arena, &ev, &err))
		must(err.kind);
	else
		there_and_back(&ev, NULL, &arena);
	arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };

	sample_prepare();
	try_event(text);
	try_entry(text);
	return 0;
}
