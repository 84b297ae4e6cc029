/* The story's small change: numbers, times, ids, names, and one event at a
 * time. All from one seed, so that two runs make the same story. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/demo.h"

/* SplitMix64. */
static uint64_t next(struct story *s)
{
	uint64_t z = s->random += 0x9e3779b97f4a7c15u;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

uint32_t story_random(struct story *s, uint32_t below)
{
	return (uint32_t)((next(s) >> 32) * below >> 32);
}

int64_t story_time(struct story *s, int month, int day, int hour_from, int hours)
{
	char text[16];
	int64_t d = 0;
	/* Days run on: January 33 is February 2. */
	snprintf(text, sizeof text, "2020-%02d-01", month);
	day_parse(str_of(text), &d);
	return day_start(d + day - 1) + hour_from * 3600000LL + story_random(s, (uint32_t)hours * 3600u) * 1000LL;
}

/* Version 7 of the moment, with the story's own randomness. */
void story_id(struct story *s, int64_t at, char out[UUID_TEXT + 1])
{
	struct uuid u;
	uint64_t a = next(s), b = next(s);
	for (int i = 0; i < 6; i++)
		u.b[i] = (uint8_t)(at >> (40 - 8 * i));
	memcpy(u.b + 6, &a, 2);
	memcpy(u.b + 8, &b, 8);
	u.b[6] = (uint8_t)(0x70 | (u.b[6] & 0x0f));
	u.b[8] = (uint8_t)(0x80 | (u.b[8] & 0x3f));
	uuid_format(&u, out);
	out[UUID_TEXT] = 0;
}

static void fail(struct story *s)
{
	s->failed = true;
	if (!s->err.kind)
		err_kind_set(&s->err, &ERR_NO_MEMORY);
}

static bool room(struct story *s)
{
	if (s->n < s->cap)
		return true;
	size_t cap = s->cap ? s->cap * 2 : 65536;
	struct event *bigger = realloc(s->events, cap * sizeof *bigger);
	if (!bigger)
		return false;
	s->events = bigger;
	s->cap = cap;
	return true;
}

void story_put(struct story *s, const char *type, int64_t at, place_t place, const char *format, ...)
{
	char text[2048], id[UUID_TEXT + 1], time[TIME_TEXT_MAX], code[PLACE_TEXT + 1] = "";
	struct json_reader r;
	va_list ap;
	if (s->failed || !room(s))
		return fail(s);
	story_id(s, at, id);
	time_format_utc(at, time);
	int n = snprintf(text, sizeof text, "{\"id\":\"%s\",\"type\":\"%s\",\"at\":\"%s\",", id, type, time);
	if (place != FIELD_ABSENT) {
		code[place_format(place, code)] = 0;
		n += snprintf(text + n, sizeof text - (size_t)n, "\"place\":\"%s\",", code);
	}
	n += snprintf(text + n, sizeof text - (size_t)n, "\"data\":{");
	va_start(ap, format);
	n += vsnprintf(text + n, sizeof text - (size_t)n, format, ap);
	va_end(ap);
	n += snprintf(text + n, n < (int)sizeof text ? sizeof text - (size_t)n : 0, "}}");
	if (n >= (int)sizeof text)
		return fail(s);
	struct str json = arena_str(&s->arena, (struct str){ text, (size_t)n });
	if (!json.ptr)
		return fail(s);
	json_read_init(&r, json, &s->arena);
	if (event_decode(&r, registry_form, &s->events[s->n], &s->err) < 0)
		return fail(s);
	s->n++;
}

void story_name(struct story *s, char out[64])
{
	static const char *const SURNAMES[] = {
		"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高",
		"林", "何", "郭", "马", "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧",
		"程", "曹", "袁", "邓", "许", "傅", "沈", "曾", "彭", "吕", "苏", "卢", "蒋", "蔡", "贾",
		"丁", "魏", "薛", "叶", "阎", "余", "潘", "杜", "戴", "夏", "钟", "汪", "田", "任", "姜"
	};
	static const char *const GIVEN[] = { "安", "宁", "和", "平", "山", "川", "林", "泉", "云", "岚", "松", "柏",
					     "竹", "梅", "兰", "菊", "春", "夏", "秋", "冬", "晨", "晓", "星", "月",
					     "明", "朗", "清", "静", "文", "武", "勤", "俭", "诚", "信", "义", "礼",
					     "仁", "智", "勇", "毅", "谷", "禾", "麦", "豆", "茶", "果", "石", "溪" };
	const char *second = story_random(s, 3) ? GIVEN[story_random(s, ARRAY_LEN(GIVEN))] : "";
	snprintf(out, 64, "%s%s%s（演示）", SURNAMES[story_random(s, ARRAY_LEN(SURNAMES))],
		 GIVEN[story_random(s, ARRAY_LEN(GIVEN))], second);
}

/* From a block that stands for no one: 199 0000 0000 upwards. */
void story_phone(struct story *s, char out[24])
{
	snprintf(out, 24, "%lld", 19900000000LL + (long long)s->phones++);
}

void story_person(struct story *s, struct story_person *out, int64_t at, place_t place, const char *category,
		  bool party, const char *unit)
{
	char name[64], phone[24];
	story_id(s, at, out->id);
	out->party = party;
	story_name(s, name);
	story_phone(s, phone);
	story_put(
	    s, "person.enrolled", at, place,
	    "\"id\":\"%s\",\"name\":\"%s\",\"category\":\"%s\",\"party_member\":%s,\"phone\":\"%s\",\"unit\":\"%s\"",
	    out->id, name, category, party ? "true" : "false", phone, unit);
	s->people++;
}
