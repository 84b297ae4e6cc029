/* The module "outbox": one view, for administrators. Messages hold no personal
 * data; their addresses and secrets are not shown. */
#include "domain/outbox/outbox.h"

#include "outbox.sql.h"

struct item {
	struct uuid id;
	int64_t created;
	struct str kind;
	int64_t place;
	struct str place_name, channel;
	int64_t tries, next_try, delivered, dead;
	struct str answer;
};

#define AT(member) offsetof(struct item, member)

static const struct field ITEM_FIELDS[] = {
	{ "id", FIELD_ID, FIELD_NEEDED, AT(id), .thing = THING_SUBJECT, .zh = "消息编号", .en = "Message" },
	{ "created", FIELD_TIME, FIELD_NEEDED, AT(created), .zh = "产生时间", .en = "Created" },
	{ "kind", FIELD_TEXT, FIELD_NEEDED, AT(kind), .zh = "种类", .en = "Kind" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(place), .zh = "地点", .en = "Place" },
	{ "place_name", FIELD_TEXT, FIELD_NEEDED, AT(place_name), .zh = "地名", .en = "Place's name" },
	{ "channel", FIELD_TEXT, 0, AT(channel), .zh = "通道", .en = "Channel" },
	{ "tries", FIELD_INT, 0, AT(tries), .zh = "已试次数", .en = "Tries" },
	{ "next_try", FIELD_TIME, 0, AT(next_try), .zh = "下次发送", .en = "Next try" },
	{ "delivered", FIELD_TIME, 0, AT(delivered), .zh = "送达时间", .en = "Delivered" },
	{ "dead", FIELD_BOOL, FIELD_NEEDED, AT(dead), .zh = "已放弃", .en = "Given up" },
	{ "answer", FIELD_TEXT, 0, AT(answer), .zh = "对方答复", .en = "Last answer" },
};
static struct shape ITEM = { .name = "OutboxMessage", SHAPE_OF(ITEM_FIELDS, struct item) };

static int statement_of(struct str kind, const struct sql **ret, struct err *err)
{
	if (!kind.ptr || str_is(kind, "pending"))
		*ret = &SQL_OUTBOX_WAITING;
	else if (str_is(kind, "dead"))
		*ret = &SQL_OUTBOX_DEAD;
	else if (str_is(kind, "all"))
		*ret = &SQL_OUTBOX_ALL;
	else
		return err_set(err, &ERR_FIELD_FORM, "kind", "kind", "pending, dead, all", NULL);
	return 0;
}

/* "ID:channel", newest first. */
static int read_cursor(struct str after, struct uuid *ret_id, struct str *ret_channel, struct err *err)
{
	memset(ret_id, 0xff, sizeof *ret_id);
	*ret_channel = STR("~");
	if (!after.ptr)
		return 0;
	if (after.len <= UUID_TEXT || after.ptr[UUID_TEXT] != ':' ||
	    !uuid_parse((struct str){ after.ptr, UUID_TEXT }, ret_id))
		return err_set(err, &ERR_FIELD_FORM, "after", "after", "next", NULL);
	*ret_channel = (struct str){ after.ptr + UUID_TEXT + 1, after.len - UUID_TEXT - 1 };
	return 0;
}

static struct str cursor_of(struct arena *a, const struct item *i)
{
	char text[UUID_TEXT + 1 + 64];
	size_t len = i->channel.len < 64 ? i->channel.len : 63;
	uuid_format(&i->id, text);
	text[UUID_TEXT] = ':';
	if (len)
		memcpy(text + UUID_TEXT + 1, i->channel.ptr, len);
	return arena_str(a, (struct str){ text, UUID_TEXT + 1 + len });
}

static struct item item_of(struct work *w, struct stmt *st)
{
	struct item i = { .id = stmt_uuid(st, 0),
			  .channel = arena_str(w->arena, stmt_text(st, 1)),
			  .created = stmt_i64(st, 2),
			  .kind = arena_str(w->arena, stmt_text(st, 3)),
			  .place = stmt_i64(st, 4),
			  .tries = stmt_i64(st, 5),
			  .next_try = stmt_i64(st, 6),
			  .delivered = stmt_i64(st, 7),
			  .dead = stmt_i64(st, 8) == 1,
			  .answer = arena_str(w->arena, stmt_text(st, 9)) };
	if (i.dead || i.delivered != FIELD_ABSENT)
		i.next_try = FIELD_ABSENT;
	i.place_name = place_name(w, i.place, INT64_MAX);
	return i;
}

static int messages_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	const struct sql *sql = NULL;
	struct item last = { 0 };
	struct str channel;
	struct uuid id;
	int64_t n = 0;
	int rc;
	if (statement_of(q->kind, &sql, err) < 0 || read_cursor(q->after, &id, &channel, err) < 0 ||
	    db_start(w->db, sql, &st, err, "iiusi", q->place, q->place + place_span(q->place), &id, channel,
		     q->limit + 1) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		if (n++ == q->limit) {
			view_next(out, cursor_of(w->arena, &last));
			break;
		}
		last = item_of(w, st);
		if (view_item(out, &last, err) < 0)
			return -1;
	}
	return rc < 0 ? -1 : 0;
}

static const struct view VIEWS[] = {
	{ .path = "/api/v1/outbox/messages",
	  .roles = ROLE_ADMIN,
	  .params = PARAM_PLACE | PARAM_KIND | PARAM_PAGE,
	  .shape = &ITEM,
	  .list = "items",
	  .zh = "外发消息：kind 为 pending（等待）、dead（已放弃）或 all",
	  .en = "Messages on their way out: kind is pending, dead or all",
	  .run = messages_view },
};

static const char *const TABLES[] = { NULL };

const struct module OUTBOX_MODULE = {
	.name = "outbox",
	.rank = 7,
	.zh = "外发消息",
	.en = "Outbox",
	.schema = "",
	.tables = TABLES,
	.views = VIEWS,
	.n_views = ARRAY_LEN(VIEWS),
};
