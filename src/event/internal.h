/* What the decoders of this directory share: telling a name that came from outside. */
#ifndef EVENT_INTERNAL_H
#define EVENT_INTERNAL_H

#include "base/str.h"

/* Longer than any text of an error, which cuts it at the end of a whole character. */
#define NAME_SHOWN 256

/* The name terminated, for err_set; returns `out`. */
static inline const char *name_shown(struct str name, char out[NAME_SHOWN])
{
	return str_show(name, out, NAME_SHOWN);
}

#endif
