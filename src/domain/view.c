/* Keyset cursors that list views hand out. */
#include "domain/domain.h"

struct str view_cursor(struct arena *a, place_t place, const struct uuid *id)
{
	char text[PLACE_TEXT + 1 + UUID_TEXT];
	size_t len = place_format(place, text);
	text[len++] = ':';
	uuid_format(id, text + len);
	return arena_str(a, (struct str){ text, len + UUID_TEXT });
}

int view_cursor_parse(struct str after, place_t *ret_place, struct uuid *ret_id, struct err *err)
{
	const char *colon = after.ptr ? memchr(after.ptr, ':', after.len) : NULL;
	place_t place;
	struct uuid id = { 0 };
	if (colon) {
		size_t len = (size_t)(colon - after.ptr);
		struct str rest = { colon + 1, after.len - len - 1 };
		/* A division has no id: the cursor's is nil. */
		bool nil =
		    rest.len == UUID_TEXT && memcmp(rest.ptr, "00000000-0000-0000-0000-000000000000", UUID_TEXT) == 0;
		if (place_parse((struct str){ after.ptr, len }, &place) && (nil || uuid_parse(rest, &id))) {
			*ret_place = place;
			*ret_id = id;
			return 0;
		}
	}
	return err_set(err, &ERR_FIELD_FORM, "after", "after", "next", NULL);
}
