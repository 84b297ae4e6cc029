/* Personal data on the way out: opening boxes, who may see what, masking. */
#include "domain/domain.h"

void work_box_bound(const struct uuid *event, const struct uuid *owner, char out[32])
{
	memcpy(out, event->b, 16);
	memcpy(out + 16, owner->b, 16);
}

int work_open_box(void *ctx, const struct uuid *owner, struct str box, struct arena *arena, struct str *ret_plain,
		  struct err *err)
{
	struct open_ctx *o = ctx;
	struct subject_key key;
	char bound[32];
	if (!o->w->keys || !keyring_has_secrets(o->w->keys))
		return 0;
	int rc = subject_key_load(o->w->keys, o->w->ledger, owner, &key, err);
	if (rc <= 0)
		return rc;
	work_box_bound(&o->event, owner, bound);
	return seal_open(&key, (struct str){ bound, sizeof bound }, box, arena, ret_plain, err) < 0 ? -1 : 1;
}

/* The village and town officer work on every record of their territory; the others in scope see it masked.
 * What a responsible group or a checkpoint's shift may open is decided by those modules. */
enum reveal reveal_for(const struct work *w, place_t area)
{
	const struct principal *p = w->who;
	enum reveal best = REVEAL_NOTHING;
	if (!p)
		return REVEAL_NOTHING;
	if (p->local || !uuid_is_nil(&w->opened))
		return REVEAL_FULL;
	for (size_t i = 0; i < p->n_grants; i++) {
		const struct grant *g = &p->grants[i];
		if (!place_within(area, g->place) || (g->until != FIELD_ABSENT && g->until <= w->now))
			continue;
		if (g->role & (ROLE_AUDITOR | ROLE_ADMIN))
			continue;
		if (g->role == ROLE_OFFICER && place_level(g->place) >= LEVEL_TOWN)
			return REVEAL_FULL;
		best = REVEAL_MASKED;
	}
	return best;
}

enum reveal reveal_if(const struct work *w, place_t area, bool works_on)
{
	place_t anywhere;
	/* An auditor or admin works on no record. */
	if (works_on && w->who && !principal_home(w->who, ROLE_AUDITOR | ROLE_ADMIN, w->now, &anywhere))
		return REVEAL_FULL;
	return reveal_for(w, area);
}

static size_t first_char(struct str s)
{
	size_t n = s.len ? 1 : 0;
	while (n < s.len && ((unsigned char)s.ptr[n] & 0xc0) == 0x80)
		n++;
	return n;
}

static struct str join(struct arena *a, struct str head, const char *stars, struct str tail)
{
	size_t k = strlen(stars);
	char *out = arena_alloc(a, head.len + k + tail.len + 1);
	if (!out)
		return STR_NONE;
	memcpy(out, head.ptr, head.len);
	memcpy(out + head.len, stars, k);
	memcpy(out + head.len + k, tail.ptr, tail.len);
	return (struct str){ out, head.len + k + tail.len };
}

struct str mask_name(struct arena *a, struct str s)
{
	return s.ptr ? join(a, (struct str){ s.ptr, first_char(s) }, "*", (struct str){ "", 0 }) : s;
}

struct str mask_phone(struct arena *a, struct str s)
{
	if (!s.ptr)
		return s;
	if (s.len < 8)
		return join(a, (struct str){ "", 0 }, "****", (struct str){ "", 0 });
	return join(a, (struct str){ s.ptr, 3 }, "****", (struct str){ s.ptr + s.len - 4, 4 });
}

struct str mask_idno(struct arena *a, struct str s)
{
	if (!s.ptr || s.len != 18)
		return s.ptr ? join(a, (struct str){ "", 0 }, "****", (struct str){ "", 0 }) : s;
	return join(a, (struct str){ s.ptr, 4 }, "**********", (struct str){ s.ptr + 14, 4 });
}

/* An address keeps its first third, at least one character: enough to tell the hamlet, not the door. */
struct str mask_address(struct arena *a, struct str s)
{
	if (!s.ptr)
		return s;
	size_t keep = str_codepoints(s) / 3, at = 0;
	for (size_t n = keep ? keep : 1; n && at < s.len; n--)
		at += first_char((struct str){ s.ptr + at, s.len - at });
	return join(a, (struct str){ s.ptr, at }, "***", (struct str){ "", 0 });
}

static const struct err_kind ERR_REASON_SHORT = { "reason_needed", 400, "请写明查看个人信息的理由（2至200字）",
						  "Give a reason for opening personal data (2 to 200 characters)" };

int view_reason_open(struct work *w, const struct view_query *q, const struct uuid *subject, struct err *err)
{
	if (!q->reason.ptr)
		return 0;
	size_t n = str_codepoints(q->reason);
	if (n < 2 || n > 200)
		return err_set(err, &ERR_REASON_SHORT, "reason", NULL);
	/* Not to an auditor or admin of any place. */
	place_t anywhere;
	if (principal_home(w->who, ROLE_AUDITOR | ROLE_ADMIN, w->now, &anywhere))
		return err_kind_set(err, &ERR_NOT_ALLOWED);
	w->opened = *subject;
	w->opened_reason = arena_str(w->arena, q->reason);
	return 0;
}
