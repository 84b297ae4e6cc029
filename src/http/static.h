/* The web app's files as tools/embed.py puts them into the program. */
#ifndef HTTP_STATIC_H
#define HTTP_STATIC_H

#include <stdbool.h>
#include <stddef.h>

struct asset {
	const char *path; /* "/assets/index-1a2b3c4d.js" */
	const char *type;
	const char *etag;        /* with its quotation marks */
	bool forever;            /* its name changes with its content */
	const char *data, *gzip; /* gzip NULL: not worth it */
	size_t size, gzip_size;
};

extern const struct asset ASSETS[]; /* by path; the first is always "/index.html"'s */
extern const size_t ASSETS_N;

#endif
