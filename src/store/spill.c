/* A queue of byte rows written once and then read once, bounded in memory: what
 * does not fit goes to a nameless temporary file. */
#include <errno.h>
#include <stdio.h>

#include "store/postgres.h"

static int flush(struct spill *s)
{
	if (!s->file && !(s->file = tmpfile()))
		return -1;
	if (s->memory.len && fwrite(s->memory.ptr, s->memory.len, 1, s->file) != 1)
		return -1;
	buf_clear(&s->memory);
	return 0;
}

int spill_put(struct spill *s, const void *row, uint32_t len)
{
	buf_add(&s->memory, &len, sizeof(len));
	buf_add(&s->memory, row, len);
	if (s->memory.failed) {
		errno = ENOMEM;
		return -1;
	}
	return s->memory.len > SPILL_MEMORY ? flush(s) : 0;
}

int spill_rewind(struct spill *s)
{
	s->at = 0;
	if (!s->file)
		return 0;
	if (flush(s) < 0 || fflush(s->file))
		return -1;
	rewind(s->file);
	return 0;
}

static int take(struct spill *s, void *out, size_t len)
{
	if (s->file) {
		if (fread(out, len, 1, s->file) == 1)
			return 1;
		return ferror((FILE *)s->file) ? -1 : 0;
	}
	if (s->memory.len - s->at < len)
		return 0;
	memcpy(out, s->memory.ptr + s->at, len);
	s->at += len;
	return 1;
}

int spill_take(struct spill *s, struct buf *row)
{
	uint32_t len;
	int r = take(s, &len, sizeof(len));

	if (r <= 0)
		return r;
	buf_clear(row);
	if (!buf_reserve(row, len)) {
		errno = ENOMEM;
		return -1;
	}
	row->len = len;
	return len ? take(s, row->ptr, len) : 1;
}

void spill_finish(struct spill *s)
{
	if (s->file)
		fclose(s->file);
	buf_finish(&s->memory);
	*s = (struct spill){ 0 };
}
