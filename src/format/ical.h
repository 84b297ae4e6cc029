/* Calendars as RFC 5545: times of day in UTC, lines of at most 75 octets folded
 * between characters, texts escaped. Bytes out; knows nothing of duty. */
#ifndef FORMAT_ICAL_H
#define FORMAT_ICAL_H

#include "base/str.h"

struct ical_event {
	struct str uid;               /* the same for as long as it is the same appointment */
	int64_t stamp, start, end;    /* ms since 1970 */
	struct str summary, location; /* UTF-8; absent or empty: left out */
};

void ical_begin(struct buf *out, struct str name);
void ical_event(struct buf *out, const struct ical_event *ev);
void ical_end(struct buf *out);
/* One content line "NAME:value", value escaped as TEXT, folded and ended. */
void ical_text(struct buf *out, const char *name, struct str value);

#endif
