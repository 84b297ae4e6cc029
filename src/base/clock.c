/* The clock, the source of randomness, and the text forms of moments and days.
 * The calendar is the proleptic Gregorian one; no locale, no time-zone database. */
#include "base/clock.h"

#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <time.h>

#define YEAR_LEAST 1900
#define YEAR_MOST  2200

static int64_t (*injected_now)(void);
static void (*injected_random)(void *out, size_t len);

int64_t clock_now(void)
{
	struct timespec ts;

	if (injected_now)
		return injected_now();
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void clock_inject(int64_t (*now)(void))
{
	injected_now = now;
}

int64_t clock_ticks(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void sodium_start(void)
{
	int rc = sodium_init();

	assert(rc >= 0); /* without randomness nothing here is safe to do */
	(void)rc;
}

void random_bytes(void *out, size_t len)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	static _Thread_local uint8_t pool[1024];
	static _Thread_local size_t left;

	if (injected_random) {
		injected_random(out, len);
		return;
	}
	pthread_once(&once, sodium_start);
	/* Keys, nonces and ids are small and many: a system call for each would cost more than the sealing. Bytes are
	 * wiped from the pool as they are handed out. */
	if (len > sizeof(pool) / 4) {
		randombytes_buf(out, len);
		return;
	}
	if (len > left) {
		randombytes_buf(pool, sizeof(pool));
		left = sizeof(pool);
	}
	left -= len;
	memcpy(out, pool + left, len);
	sodium_memzero(pool + left, len);
}

void random_inject(void (*fill)(void *out, size_t len))
{
	injected_random = fill;
}

/* Days since 1970-01-01 of a civil date; years counted from March so that the
 * leap day ends the year. Year 0 and later only. */
static int64_t days_of(int year, int month, int day)
{
	int y = year - (month <= 2);
	int era = (y < 0 ? y - 399 : y) / 400;
	int in_era = y - era * 400;
	int in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int of_era = in_era * 365 + in_era / 4 - in_era / 100 + in_year;

	return (int64_t)era * 146097 + of_era - 719468;
}

static void civil_of(int64_t days, int *ret_year, int *ret_month, int *ret_day)
{
	int64_t z = days + 719468;
	int64_t era = (z < 0 ? z - 146096 : z) / 146097;
	int of_era = (int)(z - era * 146097);
	int in_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int in_year = of_era - (365 * in_era + in_era / 4 - in_era / 100);
	int march_month = (5 * in_year + 2) / 153;
	int month = march_month + (march_month < 10 ? 3 : -9);

	*ret_year = (int)(era * 400) + in_era + (month <= 2);
	*ret_month = month;
	*ret_day = in_year - (153 * march_month + 2) / 5 + 1;
}

static bool leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Exactly `n` digits at the front of `s`, which is cut by them. */
static bool take_digits(struct str *s, int n, int *ret)
{
	int v = 0;

	if (s->len < (size_t)n)
		return false;
	for (int i = 0; i < n; i++) {
		if (s->ptr[i] < '0' || s->ptr[i] > '9')
			return false;
		v = v * 10 + (s->ptr[i] - '0');
	}
	*s = (struct str){ s->ptr + n, s->len - (size_t)n };
	*ret = v;
	return true;
}

static bool take_char(struct str *s, char a, char b)
{
	if (!s->len || (s->ptr[0] != a && s->ptr[0] != b))
		return false;
	*s = (struct str){ s->ptr + 1, s->len - 1 };
	return true;
}

static bool take_day(struct str *s, int64_t *ret_day)
{
	static const int8_t lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year, month, day;

	if (!take_digits(s, 4, &year) || !take_char(s, '-', '-') || !take_digits(s, 2, &month) ||
	    !take_char(s, '-', '-') || !take_digits(s, 2, &day))
		return false;
	if (year < YEAR_LEAST || year > YEAR_MOST || month < 1 || month > 12 || day < 1 ||
	    day > lengths[month - 1] + (month == 2 && leap(year)))
		return false;
	*ret_day = days_of(year, month, day);
	return true;
}

static bool take_fraction(struct str *s, int *ret_ms)
{
	int ms = 0, n = 0, digit;

	if (!take_char(s, '.', '.'))
		return true;
	while (take_digits(s, 1, &digit)) {
		if (n < 3)
			ms = ms * 10 + digit;
		n++;
	}
	if (n < 1 || n > 9)
		return false;
	for (; n < 3; n++)
		ms *= 10;
	*ret_ms = ms;
	return true;
}

static bool take_offset(struct str *s, int64_t *ret_ms)
{
	bool west = s->len && s->ptr[0] == '-';
	int hours, minutes;

	if (take_char(s, 'Z', 'z')) {
		*ret_ms = 0;
		return true;
	}
	if (!take_char(s, '+', '-') || !take_digits(s, 2, &hours) || !take_char(s, ':', ':') ||
	    !take_digits(s, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*ret_ms = (hours * 60 + minutes) * 60000LL * (west ? -1 : 1);
	return true;
}

bool time_parse(struct str text, int64_t *ret_ms)
{
	int hour, minute, second, ms = 0;
	int64_t day, offset;

	if (!take_day(&text, &day) || !take_char(&text, 'T', 't') || !take_digits(&text, 2, &hour) ||
	    !take_char(&text, ':', ':') || !take_digits(&text, 2, &minute) || !take_char(&text, ':', ':') ||
	    !take_digits(&text, 2, &second) || !take_fraction(&text, &ms) || !take_offset(&text, &offset) || text.len)
		return false;
	if (hour > 23 || minute > 59 || second > 59) /* leap seconds have no place in the count */
		return false;
	*ret_ms = day * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000LL + ms - offset;
	return true;
}

static char *put_digits(char *p, int v, int n)
{
	for (int i = n - 1; i >= 0; i--, v /= 10)
		p[i] = (char)('0' + v % 10);
	return p + n;
}

/* Years outside 0–9999 are clamped: they cannot be written in RFC 3339. */
static char *put_day(char *p, int64_t days)
{
	int year, month, day;

	if (days < -719528)
		days = -719528;
	else if (days > 2932896)
		days = 2932896;
	civil_of(days, &year, &month, &day);
	p = put_digits(p, year, 4);
	*p++ = '-';
	p = put_digits(p, month, 2);
	*p++ = '-';
	return put_digits(p, day, 2);
}

static int64_t floor_days(int64_t ms)
{
	return ms / DAY_MS - (ms % DAY_MS < 0);
}

static char *put_moment(char *p, int64_t ms, bool fraction)
{
	int64_t days = floor_days(ms);
	int of_day = (int)((ms % DAY_MS + DAY_MS) % DAY_MS);

	p = put_day(p, days);
	*p++ = 'T';
	p = put_digits(p, of_day / 3600000, 2);
	*p++ = ':';
	p = put_digits(p, of_day / 60000 % 60, 2);
	*p++ = ':';
	p = put_digits(p, of_day / 1000 % 60, 2);
	if (fraction) {
		*p++ = '.';
		p = put_digits(p, of_day % 1000, 3);
	}
	return p;
}

void time_format_utc(int64_t ms, char out[TIME_TEXT_MAX])
{
	char *p = put_moment(out, ms, true);

	memcpy(p, "Z", 2);
}

/* Far ends of int64 stay put instead of overflowing. */
static int64_t to_zone(int64_t ms)
{
	return ms > INT64_MAX - ZONE_OFFSET_MS ? INT64_MAX : ms + ZONE_OFFSET_MS;
}

void time_format_local(int64_t ms, char out[TIME_TEXT_MAX])
{
	char *p = put_moment(out, to_zone(ms), ms % 1000 != 0);

	memcpy(p, "+08:00", 7);
}

bool day_parse(struct str text, int64_t *ret_day)
{
	int64_t day;

	if (!take_day(&text, &day) || text.len)
		return false;
	*ret_day = day;
	return true;
}

void day_format(int64_t day, char out[TIME_TEXT_MAX])
{
	*put_day(out, day) = '\0';
}

int64_t day_of(int64_t ms)
{
	return floor_days(to_zone(ms));
}

int64_t day_start(int64_t day)
{
	return day * DAY_MS - ZONE_OFFSET_MS;
}
