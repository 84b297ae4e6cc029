/* Shapes with a field of every kind, for the tests of src/event and its fuzz
 * target; and a toy box in place of encryption: the owner, then each byte turned. */
#ifndef TEST_EVENT_SAMPLE_H
#define TEST_EVENT_SAMPLE_H

#include "event/event.h"

#define AT(type, member) offsetof(struct type, member)

static const char *const SAMPLE_COLOURS[] = { "red", "green", "blue", NULL };
static const char *const SAMPLE_COLOURS_ZH[] = { "红", "绿", "蓝", NULL };

struct sample_person {
	struct str name, id_number, phone;
};

static const struct field SAMPLE_PERSON_FIELDS[] = {
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(sample_person, name), .max = 5, .zh = "姓名", .en = "Name" },
	{ "id_number", FIELD_IDNO, 0, AT(sample_person, id_number), .zh = "身份证号", .en = "Id number" },
	{ "phone", FIELD_PHONE, 0, AT(sample_person, phone), .zh = "电话", .en = "Phone" },
};
static struct shape SAMPLE_PERSON = { .name = "SamplePerson", SHAPE_OF(SAMPLE_PERSON_FIELDS, struct sample_person) };

struct sample_companion {
	struct uuid subject;
	struct sample_person *person;
	int64_t temperature, decision;
	struct list symptoms; /* of int64_t */
};

static const struct field SAMPLE_COMPANION_FIELDS[] = {
	{ "subject", FIELD_REF, FIELD_NEEDED | FIELD_OPEN_REF, AT(sample_companion, subject), .thing = "subject",
	  .zh = "对象", .en = "Subject" },
	{ "person", FIELD_OBJECT, FIELD_NEEDED | FIELD_PERSONAL, AT(sample_companion, person), .shape = &SAMPLE_PERSON,
	  .zh = "人", .en = "Person" },
	{ "temperature", FIELD_TEMPERATURE, 0, AT(sample_companion, temperature), .zh = "体温", .en = "Temperature" },
	{ "decision", FIELD_ENUM, FIELD_NEEDED, AT(sample_companion, decision), .values = SAMPLE_COLOURS, .zh = "处置",
	  .en = "Decision" },
	{ "symptoms", FIELD_LIST, FIELD_PERSONAL, AT(sample_companion, symptoms), .max = 3, .element = FIELD_ENUM,
	  .values = SAMPLE_COLOURS, .zh = "症状", .en = "Symptoms" },
};
static struct shape SAMPLE_COMPANION = { .name = "SampleCompanion",
					 SHAPE_OF(SAMPLE_COMPANION_FIELDS, struct sample_companion),
					 .owner = "subject" };

struct sample {
	struct uuid id, site;
	struct str text, note, phone, idno, plate, account, boundary;
	int64_t number, any, quantity, money, temperature, lon, time, day, place, flag, colour;
	struct sample_person *guest;
	struct list people;       /* of struct sample_companion */
	struct list tags, flags;  /* of int64_t */
	struct list sites, names; /* of struct uuid, of struct str */
};

static const struct field SAMPLE_FIELDS[] = {
	{ "id", FIELD_ID, FIELD_NEEDED, AT(sample, id), .thing = "sample", .zh = "编号", .en = "Id" },
	{ "text", FIELD_TEXT, FIELD_NEEDED, AT(sample, text), .zh = "文字", .en = "Text" },
	{ "note", FIELD_TEXT, FIELD_PERSONAL, AT(sample, note), .max = 10, .zh = "备注", .en = "Note" },
	{ "phone", FIELD_PHONE, FIELD_PERSONAL, AT(sample, phone), .zh = "电话", .en = "Phone" },
	{ "idno", FIELD_IDNO, 0, AT(sample, idno), .zh = "身份证号", .en = "Id number" },
	{ "plate", FIELD_PLATE, 0, AT(sample, plate), .zh = "车牌", .en = "Plate" },
	{ "account", FIELD_ACCOUNT, 0, AT(sample, account), .zh = "账号", .en = "Account" },
	{ "boundary", FIELD_GEOJSON, 0, AT(sample, boundary), .zh = "边界", .en = "Boundary" },
	{ "number", FIELD_INT, 0, AT(sample, number), -3, 12, .zh = "数", .en = "Number" },
	{ "any", FIELD_INT, 0, AT(sample, any), .zh = "任意数", .en = "Any number" },
	{ "quantity", FIELD_QUANTITY, 0, AT(sample, quantity), .zh = "数量", .en = "Quantity" },
	{ "money", FIELD_MONEY, 0, AT(sample, money), .zh = "金额", .en = "Money" },
	{ "temperature", FIELD_TEMPERATURE, 0, AT(sample, temperature), .zh = "体温", .en = "Temperature" },
	{ "lon", FIELD_DEGREES, 0, AT(sample, lon), .zh = "经度", .en = "Longitude" },
	{ "time", FIELD_TIME, 0, AT(sample, time), .zh = "时间", .en = "Time" },
	{ "day", FIELD_DAY, 0, AT(sample, day), .zh = "日期", .en = "Day" },
	{ "place", FIELD_PLACE, 0, AT(sample, place), .zh = "地点", .en = "Place" },
	{ "flag", FIELD_BOOL, 0, AT(sample, flag), .zh = "是否", .en = "Flag" },
	{ "colour", FIELD_ENUM, 0, AT(sample, colour), .values = SAMPLE_COLOURS, .values_zh = SAMPLE_COLOURS_ZH,
	  .zh = "颜色", .en = "Colour" },
	{ "site", FIELD_REF, FIELD_CHANGES, AT(sample, site), .thing = "site", .zh = "场所", .en = "Site" },
	{ "guest", FIELD_OBJECT, FIELD_PERSONAL, AT(sample, guest), .shape = &SAMPLE_PERSON, .zh = "来客",
	  .en = "Guest" },
	{ "people", FIELD_LIST, 0, AT(sample, people), .max = 4, .element = FIELD_OBJECT, .shape = &SAMPLE_COMPANION,
	  .zh = "同行", .en = "People" },
	{ "tags", FIELD_LIST, 0, AT(sample, tags), .min = 2, .max = 3, .element = FIELD_ENUM, .values = SAMPLE_COLOURS,
	  .zh = "标签", .en = "Tags" },
	{ "flags", FIELD_LIST, 0, AT(sample, flags), .element = FIELD_BOOL, .zh = "标志", .en = "Flags" },
	{ "sites", FIELD_LIST, 0, AT(sample, sites), .element = FIELD_REF, .thing = "site", .zh = "各场所",
	  .en = "Sites" },
	{ "names", FIELD_LIST, 0, AT(sample, names), .max = 3, .element = FIELD_TEXT, .zh = "各名称", .en = "Names" },
};
static struct shape SAMPLE = { .name = "Sample", SHAPE_OF(SAMPLE_FIELDS, struct sample), .owner = "id" };

struct sample_dropped {
	struct uuid sample;
};

static const struct field SAMPLE_DROPPED_FIELDS[] = {
	{ "sample", FIELD_REF, FIELD_NEEDED, AT(sample_dropped, sample), .thing = "sample", .zh = "样本",
	  .en = "Sample" },
};
static struct shape SAMPLE_DROPPED = { .name = "SampleDropped",
				       SHAPE_OF(SAMPLE_DROPPED_FIELDS, struct sample_dropped) };

static const struct event_form SAMPLE_FORMS[] = {
	{ "sample.taken", &SAMPLE, RANK_OPEN },
	{ "sample.dropped", &SAMPLE_DROPPED, RANK_CLOSE },
};

static inline const struct event_form *sample_form(struct str type)
{
	for (size_t i = 0; i < ARRAY_LEN(SAMPLE_FORMS); i++) {
		if (str_is(type, SAMPLE_FORMS[i].type))
			return &SAMPLE_FORMS[i];
	}
	return NULL;
}

static inline void sample_prepare(void)
{
	for (size_t i = 0; i < ARRAY_LEN(SAMPLE_FORMS); i++)
		shape_prepare(SAMPLE_FORMS[i].shape);
}

/* ctx is unused; see the head. */
static inline int toy_seal(void *ctx, const struct uuid *owner, struct str plain, struct buf *out, struct err *err)
{
	_cleanup_(buf_finish) struct buf box = { 0 };
	(void)ctx;
	buf_add(&box, owner->b, sizeof owner->b);
	for (size_t i = 0; i < plain.len; i++)
		buf_char(&box, (char)(plain.ptr[i] ^ 0x5a));
	if (box.failed)
		return err_kind_set(err, &ERR_NO_MEMORY);
	buf_b64(out, box.ptr, box.len);
	return 0;
}

/* ctx is a struct uuid whose key is gone, or NULL. */
static inline int toy_open(void *ctx, const struct uuid *owner, struct str box, struct arena *arena,
			   struct str *ret_plain, struct err *err)
{
	char *bytes = arena_alloc(arena, box.len + 1);
	int n = bytes ? b64_decode(box, bytes, box.len) : -1;
	if (ctx && uuid_eq(ctx, owner))
		return 0;
	if (n < (int)sizeof owner->b || memcmp(bytes, owner->b, sizeof owner->b) != 0)
		return err_fmt(err, &ERR_STORE_CORRUPT, "the box is of another owner");
	for (int i = (int)sizeof owner->b; i < n; i++)
		bytes[i] ^= 0x5a;
	*ret_plain = (struct str){ bytes + sizeof owner->b, (size_t)n - sizeof owner->b };
	return 1;
}

#endif
