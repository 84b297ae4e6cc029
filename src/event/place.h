/* Place codes (GB/T 10114 and the statistics bureau's division codes): 12
 * digits, a grid 15. Held as one integer of 15 digits, so that ancestry is a
 * range: every place below P lies in [P, P + place_span(P)). The nation is 0. */
#ifndef EVENT_PLACE_H
#define EVENT_PLACE_H

#include "base/str.h"

typedef int64_t place_t;

#define PLACE_NATION 0
#define PLACE_TEXT   15

enum place_level { LEVEL_NATION, LEVEL_PROVINCE, LEVEL_CITY, LEVEL_COUNTY, LEVEL_TOWN, LEVEL_VILLAGE, LEVEL_GRID };

/* Reads 12 or 15 digits, or a shorter level's own digits (2, 4, 6, 9); false when malformed. */
bool place_parse(struct str text, place_t *ret);
/* 12 digits, or 15 for a grid; returns the length. Not terminated. */
size_t place_format(place_t p, char out[PLACE_TEXT]);
/* By trailing zeros; a city without counties reads as LEVEL_CITY though it is a county too. */
enum place_level place_level(place_t p);
place_t place_span(place_t p);
/* The place at `level` that holds p (p itself when it is at or above that level). */
place_t place_at(place_t p, enum place_level level);
/* The next distinct place above; PLACE_NATION's is itself. */
place_t place_parent(place_t p);
/* True when p is at or below `above`. */
bool place_within(place_t p, place_t above);
/* The first six digits as a number: leads derived tables' keys. */
int64_t place_county(place_t p);

#endif
