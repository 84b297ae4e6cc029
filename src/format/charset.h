/* Character sets of files from offices: UTF-8 with or without BOM, and GB18030
 * (WPS and Excel on Chinese Windows). Whole files only; inside the program all is UTF-8. */
#ifndef FORMAT_CHARSET_H
#define FORMAT_CHARSET_H

#include "base/err.h"
#include "base/str.h"

enum charset { CHARSET_UTF8, CHARSET_GB18030 };

/* A whole file's bytes as UTF-8 without BOM. UTF-8 is tried first, then
 * GB18030; a text that is UTF-8 for a good while and then breaks is an error,
 * not GB18030. `*ret` borrows from `bytes`, or from `scratch` when it had to be
 * converted; `scratch` starts empty and is the caller's to finish. `ret_from` may be NULL. */
int charset_decode(struct str bytes, struct buf *scratch, struct str *ret, enum charset *ret_from, struct err *err);

/* Appends UTF-8 text in the wanted character set; for streaming, each call takes whole characters. */
int charset_encode(struct str utf8, enum charset to, struct buf *out, struct err *err);

/* Reads "utf-8" or "gb18030" in either case. */
bool charset_parse(struct str name, enum charset *ret);

/* {0} line, {1} byte offset from 0 */
extern const struct err_kind ERR_CHARSET, ERR_CHARSET_BINARY;

#endif
