/* The pass as it is carried, on paper or a screen, and verified without network:
 *
 *   "LF1." base64url( payload ‖ Ed25519 signature of "lianfang pass 1\n" ‖ payload )
 *
 * payload: version 1 · id of the pass (16 bytes) · county (3) · valid from, valid to (4 each, minutes since 1970) ·
 * n and the last n characters of the id number · n and n bytes of the masked name · the purpose, to the end.
 * Numbers are big-endian, lengths one byte, texts UTF-8. At most PASS_CODE_MAX characters, so that the QR code
 * stays coarse; the purpose is cut to fit. The key is the one that signs the ledger's heads. */
#include "domain/checkpoints/internal.h"

#include <stdio.h>

#define PASS_VERSION 1
#define SIGNED_AS    "lianfang pass 1\n"
#define CODE_HEAD    "LF1."
#define SIGNATURE    64
/* Three bytes of four characters. */
#define PAYLOAD_MAX ((PASS_CODE_MAX - (sizeof CODE_HEAD - 1)) * 3 / 4 - SIGNATURE)
#define NAME_SHOWN  12
#define TAIL        4

static const char CUT[] = "…";

static void put_number(struct buf *b, uint64_t v, int bytes)
{
	while (bytes--)
		buf_char(b, (char)(v >> (8 * bytes)));
}

/* The longest beginning of whole characters within `most` bytes. */
static struct str whole_chars(struct str s, size_t most)
{
	if (s.len <= most)
		return s;
	while (most && ((unsigned char)s.ptr[most] & 0xc0) == 0x80)
		most--;
	return (struct str){ s.ptr, most };
}

static void put_text(struct buf *b, struct str s)
{
	put_number(b, s.len, 1);
	buf_add(b, s.ptr ? s.ptr : "", s.len);
}

static void put_payload(struct work *w, const struct pass_shown *p, struct buf *b)
{
	const int64_t minute = 60LL * 1000;
	struct str tail = p->id_number;
	if (tail.len > TAIL)
		tail = (struct str){ tail.ptr + tail.len - TAIL, TAIL };
	put_number(b, PASS_VERSION, 1);
	buf_add(b, p->id.b, sizeof p->id.b);
	put_number(b, (uint64_t)place_county(p->county), 3);
	/* Whole minutes within the period. */
	put_number(b, (uint64_t)((p->valid_from + minute - 1) / minute), 4);
	put_number(b, (uint64_t)(p->valid_to / minute), 4);
	put_text(b, tail);
	put_text(b, whole_chars(mask_name(w->arena, p->name), NAME_SHOWN));
	size_t room = PAYLOAD_MAX - b->len;
	if (p->purpose.len <= room) {
		buf_str(b, p->purpose);
	} else {
		buf_str(b, whole_chars(p->purpose, room - (sizeof CUT - 1)));
		buf_cstr(b, CUT);
	}
}

int pass_code(struct work *w, const struct pass_shown *p, struct str *ret, struct err *err)
{
	_cleanup_(buf_finish) struct buf said = { 0 }, code = { 0 };
	uint8_t signature[SIGNATURE];
	struct buf payload = { 0 };
	put_payload(w, p, &payload);
	buf_cstr(&said, SIGNED_AS);
	buf_str(&said, buf_view(&payload));
	keyring_sign(w->keys, buf_view(&said), signature);
	buf_add(&payload, signature, sizeof signature);
	buf_cstr(&code, CODE_HEAD);
	buf_b64(&code, payload.ptr, payload.len);
	bool failed = payload.failed || said.failed || code.failed;
	buf_finish(&payload);
	*ret = failed ? STR_NONE : arena_str(w->arena, buf_view(&code));
	return ret->ptr ? 0 : err_kind_set(err, &ERR_NO_MEMORY);
}
