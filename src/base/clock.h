/* Time and randomness, injected so that tests are deterministic. Times are
 * UTC milliseconds since 1970; a day is a count of days since 1970-01-01 in the
 * county's zone (Asia/Shanghai: +08:00 all year since 1992). */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/str.h"

#define ZONE_OFFSET_MS (8LL * 3600 * 1000)
#define DAY_MS         (24LL * 3600 * 1000)
#define TIME_TEXT_MAX  40

int64_t clock_now(void);
/* Replaces the clock (NULL: the system's). For tests and the demo only, before threads start. */
void clock_inject(int64_t (*now)(void));
/* Monotonic microseconds, for measuring. */
int64_t clock_ticks(void);

void random_bytes(void *out, size_t len);
/* Replaces the randomness (NULL: the system's). For tests only. */
void random_inject(void (*fill)(void *out, size_t len));

/* Reads RFC 3339 with offset ("2020-02-08T09:30:00+08:00", "…Z", up to 9 fraction
 * digits, cut to milliseconds). False when malformed or when the date does not exist. Years 1900–2200. */
bool time_parse(struct str text, int64_t *ret_ms);
/* Writes as RFC 3339 in UTC with milliseconds ("2020-02-08T01:30:00.000Z") — the canonical form. */
void time_format_utc(int64_t ms, char out[TIME_TEXT_MAX]);
/* Writes as RFC 3339 in the county's zone ("2020-02-08T09:30:00+08:00"; milliseconds only when not zero) — for people.
 */
void time_format_local(int64_t ms, char out[TIME_TEXT_MAX]);

/* "2020-02-08" to a day; false when malformed or no such date. */
bool day_parse(struct str text, int64_t *ret_day);
void day_format(int64_t day, char out[TIME_TEXT_MAX]);
int64_t day_of(int64_t ms);     /* the day that holds the moment, in the county's zone */
int64_t day_start(int64_t day); /* its first millisecond */

#endif
