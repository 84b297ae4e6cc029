/* QR codes as SVG: text in, a picture out that prints at any size. */
#ifndef FORMAT_QR_H
#define FORMAT_QR_H

#include "base/err.h"
#include "base/str.h"

/* The longest text, at error correction M in a code that a phone still reads from paper. */
#define QR_TEXT_MAX 600

/* Appends an <svg> element: dark modules as one path on white, with the quiet zone of four modules. */
int qr_svg(struct str text, struct buf *out, struct err *err);

extern const struct err_kind ERR_QR_LENGTH;

#endif
