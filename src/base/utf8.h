/* The one place that knows how UTF-8 is formed (RFC 3629). Inline, because
 * string scanning is on the path of every event. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Length of the well-formed sequence at `p` with `left` bytes (at least one)
 * remaining: 1–4, or 0 when ill-formed, over-long, a surrogate or cut off. */
static inline size_t utf8_step(const char *p, size_t left)
{
	const uint8_t *s = (const uint8_t *)p;
	uint8_t low = 0x80, high = 0xbf;
	size_t n;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	if (s[0] < 0xe0) {
		n = 2;
	} else if (s[0] < 0xf0) {
		n = 3;
		if (s[0] == 0xe0)
			low = 0xa0;
		else if (s[0] == 0xed)
			high = 0x9f;
	} else {
		n = 4;
		if (s[0] == 0xf0)
			low = 0x90;
		else if (s[0] == 0xf4)
			high = 0x8f;
	}
	if (left < n || s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

/* True when eight bytes hold only ASCII that stands in a JSON string as it is:
 * no quote, backslash, control or high byte. */
static inline bool utf8_plain8(const char *p)
{
	const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
	uint64_t w, quote, back;

	memcpy(&w, p, sizeof(w));
	quote = w ^ (ones * '"');
	back = w ^ (ones * '\\');
	return !((w | (w - ones * 0x20) | ((quote - ones) & ~quote) | ((back - ones) & ~back)) & highs);
}

#endif
