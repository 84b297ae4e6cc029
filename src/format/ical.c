/* Calendars: see ical.h. */
#include "format/ical.h"

#include "base/clock.h"

#define LINE_MAX_OCTETS 75

static bool inside_character(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Folded lines begin with a space, which counts; no character of several octets is cut. */
static void fold(struct buf *out, struct str line)
{
	size_t at = 0, room = LINE_MAX_OCTETS;
	while (line.len - at > room) {
		size_t end = at + room;
		while (end > at + 1 && inside_character(line.ptr[end]))
			end--;
		buf_add(out, line.ptr + at, end - at);
		buf_cstr(out, "\r\n ");
		at = end;
		room = LINE_MAX_OCTETS - 1;
	}
	buf_add(out, line.ptr + at, line.len - at);
	buf_cstr(out, "\r\n");
}

void ical_text(struct buf *out, const char *name, struct str value)
{
	struct buf line = { 0 };
	buf_cstr(&line, name);
	buf_char(&line, ':');
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];
		if (c == '\\' || c == ';' || c == ',')
			buf_char(&line, '\\');
		if (c == '\n')
			buf_cstr(&line, "\\n");
		else if (c >= 0x20 && c != 0x7f)
			buf_char(&line, (char)c); /* other controls have no place in a text */
	}
	fold(out, buf_view(&line));
	out->failed |= line.failed;
	buf_finish(&line);
}

/* "20200208T013000Z" */
static void put_time(struct buf *out, const char *name, int64_t ms)
{
	char t[TIME_TEXT_MAX];
	time_format_utc(ms, t);
	buf_printf(out, "%s:%.4s%.2s%.2sT%.2s%.2s%.2sZ\r\n", name, t, t + 5, t + 8, t + 11, t + 14, t + 17);
}

void ical_begin(struct buf *out, struct str name)
{
	buf_cstr(out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//lianfang//duty//ZH\r\nCALSCALE:GREGORIAN\r\n"
		      "METHOD:PUBLISH\r\n");
	ical_text(out, "X-WR-CALNAME", name);
}

void ical_event(struct buf *out, const struct ical_event *ev)
{
	buf_cstr(out, "BEGIN:VEVENT\r\n");
	ical_text(out, "UID", ev->uid);
	put_time(out, "DTSTAMP", ev->stamp);
	put_time(out, "DTSTART", ev->start);
	put_time(out, "DTEND", ev->end);
	if (ev->summary.len)
		ical_text(out, "SUMMARY", ev->summary);
	if (ev->location.len)
		ical_text(out, "LOCATION", ev->location);
	buf_cstr(out, "END:VEVENT\r\n");
}

void ical_end(struct buf *out)
{
	buf_cstr(out, "END:VCALENDAR\r\n");
}
