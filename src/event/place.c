/* Place codes as integers; see place.h. */
#include "event/place.h"

#include <stdio.h>

/* Width of each level's own digits counted from the left, and what one unit of the level spans. */
static const place_t SPAN[] = {
	[LEVEL_NATION] = 1000000000000000LL,
	[LEVEL_PROVINCE] = 10000000000000LL,
	[LEVEL_CITY] = 100000000000LL,
	[LEVEL_COUNTY] = 1000000000LL,
	[LEVEL_TOWN] = 1000000LL,
	[LEVEL_VILLAGE] = 1000LL,
	[LEVEL_GRID] = 1LL,
};

bool place_parse(struct str text, place_t *ret)
{
	if (!text.ptr)
		return false;
	int missing;
	switch (text.len) {
	case 2:
	case 4:
	case 6:
	case 9:
	case 12:
	case 15:
		missing = 15 - (int)text.len;
		break;
	default:
		return false;
	}
	place_t v = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
		v = v * 10 + (text.ptr[i] - '0');
	}
	while (missing-- > 0)
		v *= 10;
	*ret = v;
	return true;
}

size_t place_format(place_t p, char out[PLACE_TEXT])
{
	size_t len = p % 1000 ? 15 : 12;
	if (len == 12)
		p /= 1000;
	for (size_t i = len; i-- > 0; p /= 10)
		out[i] = (char)('0' + p % 10);
	return len;
}

enum place_level place_level(place_t p)
{
	for (int l = LEVEL_NATION; l < LEVEL_GRID; l++) {
		if (p % SPAN[l] == 0)
			return (enum place_level)l;
	}
	return LEVEL_GRID;
}

place_t place_span(place_t p)
{
	return SPAN[place_level(p)];
}

place_t place_at(place_t p, enum place_level level)
{
	return p - p % SPAN[level];
}

place_t place_parent(place_t p)
{
	for (int l = (int)place_level(p) - 1; l >= LEVEL_NATION; l--) {
		place_t above = place_at(p, (enum place_level)l);
		if (above != p)
			return above;
	}
	return PLACE_NATION;
}

bool place_within(place_t p, place_t above)
{
	return p >= above && p < above + place_span(above);
}

int64_t place_county(place_t p)
{
	return p / SPAN[LEVEL_COUNTY];
}
