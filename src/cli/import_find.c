/* Looking things up as people name them in spreadsheets: places by name, people
 * by name or phone, groups, households, sites and teams by name. What a store
 * holds is read once, when a file first needs it. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/import.h"
#include "cli/import_view.h"
#include "domain/grid/grid.h"
#include "domain/places/places.h"
#include "domain/teams/teams.h"

#define KIND(name_, code_, zh_, en_) static const struct err_kind name_ = { code_, 400, zh_, en_ }

KIND(ERR_EMPTY, "import_empty", "“{0}”一列不能为空", "The column \"{0}\" must not be empty");
KIND(ERR_PLACE_NONE, "import_place", "没有叫“{0}”的地点，请填写区划代码或准确名称",
     "No place is called \"{0}\": give its code or exact name");
KIND(ERR_PLACE_SEVERAL, "import_places", "有几个地点叫“{0}”，请填代码，或在“所属镇”一列写明镇",
     "Several places are called \"{0}\": give the code, or name the town in the column \"town\"");
KIND(ERR_PERSON_NONE, "import_person", "该地点及其上级没有登记过“{0}”，请先导入人员",
     "Nobody called \"{0}\" is enrolled there or above: import the people first");
KIND(ERR_PERSON_SEVERAL, "import_people", "有几位“{0}”，请在“电话”一列写明号码，或改用编号",
     "Several people are called \"{0}\": give the phone in the column \"phone\", or a ref");
KIND(ERR_GROUP_NONE, "import_group", "该村没有责任组“{0}”，请先导入责任组",
     "There is no group \"{0}\" in that village: import the groups first");
KIND(ERR_GROUP_SEVERAL, "import_groups", "该村有几个责任组叫“{0}”，请改用编号",
     "Several groups there are called \"{0}\": use a ref or id");
KIND(ERR_HOUSEHOLD_NONE, "import_household", "该村没有住户“{0}”，请填户编号、住址或户主姓名",
     "There is no household \"{0}\" in that village: give its ref, address or head");
KIND(ERR_HOUSEHOLD_SEVERAL, "import_households", "该村有几户符合“{0}”，请改用户编号",
     "Several households there match \"{0}\": use a ref");
KIND(ERR_SITE_NONE, "import_site", "没有场所“{0}”", "There is no site \"{0}\"");
KIND(ERR_TEAM_NONE, "import_team", "没有队伍“{0}”，请先导入队伍", "There is no team \"{0}\": import the teams first");

/* One thing that a name may mean. `name2` is another (a phone, a head); texts are in the index's arena. */
struct named {
	struct str name, name2;
	place_t place;
	struct uuid id;
};

struct named_list {
	struct named *items;
	size_t n, cap;
	bool loaded;
};

struct import_index {
	struct arena arena;
	struct named_list places, people, groups, sites, teams;
	struct named_list households; /* of one village at a time */
	place_t village;
};

int import_index_create(struct import *im, struct err *err)
{
	im->index = calloc(1, sizeof *im->index);
	if (!im->index)
		return err_kind_set(err, &ERR_NO_MEMORY);
	arena_init(&im->index->arena, (size_t)1 << 30);
	return 0;
}

void import_index_destroy(struct import_index *x)
{
	if (!x)
		return;
	struct named_list *const lists[] = { &x->places, &x->people, &x->groups, &x->sites, &x->teams, &x->households };
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		free(lists[i]->items);
	arena_finish(&x->arena);
	free(x);
}

static int list_add(struct named_list *l, const struct named *item, struct err *err)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 256;
		struct named *bigger = realloc(l->items, cap * sizeof *bigger);
		if (!bigger)
			return err_kind_set(err, &ERR_NO_MEMORY);
		l->items = bigger;
		l->cap = cap;
	}
	l->items[l->n++] = *item;
	return 0;
}

static int by_name(const void *x, const void *y)
{
	return str_cmp(((const struct named *)x)->name, ((const struct named *)y)->name);
}

static void list_sort(struct named_list *l)
{
	if (l->n)
		qsort(l->items, l->n, sizeof *l->items, by_name);
	l->loaded = true;
}

/* The first of that name; `*ret_n` how many follow each other. */
static const struct named *list_named(const struct named_list *l, struct str name, size_t *ret_n)
{
	size_t low = 0, high = l->n;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (str_cmp(l->items[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	size_t n = 0;
	while (low + n < l->n && str_eq(l->items[low + n].name, name))
		n++;
	*ret_n = n;
	return l->items + low;
}

static int fault(struct import *im, const char *column, const struct err_kind *kind, struct str cell, struct err *err)
{
	char shown[100];
	import_shown(cell, shown, sizeof shown);
	im->field = column;
	return err_set(err, kind, column, shown, NULL);
}

int thing_there(struct import *im, const struct uuid *id, const char *kind, struct err *err)
{
	struct thing t;
	if (idmap_get(&im->made, id))
		return 1;
	int rc = thing_get(im->work, id, &t, err);
	return rc == 1 && !str_is(t.kind, kind) ? 0 : rc;
}

/* ---- places -------------------------------------------------------------------------------- */

/* A name without the words that offices leave out: 蔬菜村委会 → 蔬菜村, 广场社区居委会 → 广场社区. */
static struct str short_name(struct str s)
{
	static const struct {
		const char *tail;
		size_t kept;
	} TAILS[] = { { "村民委员会", 3 }, { "村委会", 3 },     { "社区居民委员会", 6 },
		      { "社区居委会", 6 }, { "居民委员会", 0 }, { "居委会", 0 } };
	for (size_t i = 0; i < ARRAY_LEN(TAILS); i++) {
		size_t len = strlen(TAILS[i].tail);
		if (s.len > len && memcmp(s.ptr + s.len - len, TAILS[i].tail, len) == 0)
			return (struct str){ s.ptr, s.len - len + TAILS[i].kept };
	}
	return s;
}

struct load_ctx {
	struct import *im;
	struct named_list below; /* divisions of one level whose own are to be read */
};

static int add_division(void *ctx, const struct division *d, struct err *err)
{
	struct load_ctx *k = ctx;
	struct import_index *x = k->im->index;
	struct named item = { .place = d->code };
	if (d->level < LEVEL_VILLAGE && list_add(&k->below, &item, err) < 0)
		return -1;
	item.name = arena_str(&x->arena, short_name(d->name));
	return item.name.ptr ? list_add(&x->places, &item, err) : err_kind_set(err, &ERR_NO_MEMORY);
}

static int load_below(struct load_ctx *k, place_t parent, struct err *err)
{
	place_t after = -1;
	for (;;) {
		size_t before = k->im->index->places.n;
		if (divisions_below(k->im->work, parent, after, 500, add_division, k, err) < 0)
			return -1;
		arena_reset(k->im->work->arena);
		size_t n = k->im->index->places.n;
		if (n - before < 500)
			return 0;
		after = k->im->index->places.items[n - 1].place;
	}
}

static int load_places(struct import *im, struct err *err)
{
	struct load_ctx k = { .im = im };
	struct division top;
	place_t here = app_top(im->store.app);
	int rc = division_get(im->work, here, &top, err);
	if (rc == 1)
		rc = add_division(&k, &top, err);
	else if (rc == 0)
		rc = list_add(&k.below, &(struct named){ .place = here }, err);
	for (size_t i = 0; rc == 0 && i < k.below.n; i++)
		rc = load_below(&k, k.below.items[i].place, err);
	free(k.below.items);
	list_sort(&im->index->places);
	return rc;
}

static int place_named(struct import *im, const char *column, struct str cell, place_t within, place_t *ret,
		       struct err *err)
{
	struct named_list *l = &im->index->places;
	size_t n, fits = 0;
	if (place_parse(cell, ret))
		return 0;
	if (!l->loaded && load_places(im, err) < 0)
		return -1;
	const struct named *found = list_named(l, short_name(cell), &n);
	for (size_t i = 0; i < n; i++) {
		if (!place_within(found[i].place, within))
			continue;
		*ret = found[i].place;
		fits++;
	}
	if (fits == 1)
		return 0;
	return fault(im, column, fits ? &ERR_PLACE_SEVERAL : &ERR_PLACE_NONE, cell, err);
}

int find_place(struct import *im, const char *column, place_t *ret, struct err *err)
{
	struct str cell = import_cell(im, column), town = import_cell(im, "town");
	place_t within = app_top(im->store.app);
	const char *slash = cell.ptr ? memchr(cell.ptr, '/', cell.len) : NULL;
	if (slash) { /* 城关镇/蔬菜村 */
		town = (struct str){ cell.ptr, (size_t)(slash - cell.ptr) };
		cell = (struct str){ slash + 1, cell.len - town.len - 1 };
	}
	if (town.ptr && place_named(im, slash ? column : "town", town, within, &within, err) < 0)
		return -1;
	if (!cell.ptr && town.ptr) {
		*ret = within;
		return 0;
	}
	if (!cell.ptr)
		return fault(im, column, &ERR_EMPTY, str_of(column), err);
	return place_named(im, column, cell, within, ret, err);
}

/* ---- lists read through the views ------------------------------------------------------------- */

struct item_reader {
	struct import *im;
	struct named_list *into;
	const char *name, *name2; /* members taken */
	const char *gone;         /* a member that marks it as no longer there, or NULL */
};

static bool is_true_or_set(struct json_reader *r)
{
	bool b = true;
	if (json_peek(r) == JSON_TRUE || json_peek(r) == JSON_FALSE)
		json_bool(r, &b);
	else
		json_skip(r, NULL);
	return b;
}

static int read_item(void *ctx, struct json_reader *r, struct err *err)
{
	struct item_reader *k = ctx;
	struct import_index *x = k->im->index;
	struct named item = { 0 };
	struct str name, text;
	bool gone = false;
	int more;
	if (json_object_begin(r) < 0)
		return -1;
	while ((more = json_member(r, &name)) == 1) {
		bool wanted = str_is(name, k->name) || (k->name2 && str_is(name, k->name2)) || str_is(name, "id") ||
			      str_is(name, "place");
		if (k->gone && str_is(name, k->gone)) {
			gone = is_true_or_set(r);
			continue;
		}
		if (!wanted || json_peek(r) != JSON_STRING) {
			json_skip(r, NULL);
			continue;
		}
		if (json_string(r, &text) < 0)
			return -1;
		if (str_is(name, "id"))
			uuid_parse(text, &item.id);
		else if (str_is(name, "place"))
			place_parse(text, &item.place);
		else if (str_is(name, k->name))
			item.name = arena_str(&x->arena, text);
		else
			item.name2 = arena_str(&x->arena, text);
	}
	if (more < 0)
		return -1;
	return gone || !item.name.ptr ? 0 : list_add(k->into, &item, err);
}

static int load_list(struct import *im, struct named_list *l, const char *path, place_t place, const char *name,
		     const char *name2, const char *gone, struct err *err)
{
	struct item_reader k = { im, l, name, name2, gone };
	l->n = 0;
	if (view_walk(im->asker, path, place, read_item, &k, err) < 0)
		return -1;
	list_sort(l);
	return 0;
}

/* ---- people ---------------------------------------------------------------------------------------- */

static bool looks_like_phone(struct str s)
{
	return s.len == 11 && s.ptr[0] == '1' && s.ptr[1] >= '3';
}

int find_person(struct import *im, const char *column, place_t place, struct uuid *ret, struct err *err)
{
	struct str cell = import_cell(im, column), phone = import_cell(im, "phone");
	struct named_list *l = &im->index->people;
	size_t n, fits = 0;
	if (!cell.ptr)
		return fault(im, column, &ERR_EMPTY, str_of(column), err);
	if (uuid_parse(cell, ret))
		return 0;
	struct str ref = import_ref(cell);
	struct uuid id = import_id(im, "person:%.*s", STR_ARG(ref));
	int rc = thing_there(im, &id, THING_PERSON, err);
	if (rc) {
		*ret = id;
		return rc < 0 ? -1 : 0;
	}
	if (!l->loaded &&
	    load_list(im, l, "/api/v1/teams/people", app_top(im->store.app), "name", "phone", "left", err) < 0)
		return -1;
	if (looks_like_phone(cell)) {
		for (size_t i = 0; i < l->n; i++) {
			if (str_eq(l->items[i].name2, cell) &&
			    (place == FIELD_ABSENT || place_within(place, l->items[i].place))) {
				*ret = l->items[i].id;
				fits++;
			}
		}
		return fits == 1 ? 0 : fault(im, column, fits ? &ERR_PERSON_SEVERAL : &ERR_PERSON_NONE, cell, err);
	}
	const struct named *found = list_named(l, cell, &n);
	for (size_t i = 0; i < n; i++) {
		if ((place != FIELD_ABSENT && !place_within(place, found[i].place)) ||
		    (phone.ptr && !str_eq(found[i].name2, phone)))
			continue;
		*ret = found[i].id;
		fits++;
	}
	return fits == 1 ? 0 : fault(im, column, fits ? &ERR_PERSON_SEVERAL : &ERR_PERSON_NONE, cell, err);
}

/* ---- groups, households ------------------------------------------------------------------------------- */

static int place_of_thing(struct import *im, const struct uuid *id, place_t *ret, struct err *err)
{
	struct thing t;
	int rc = thing_get(im->work, id, &t, err);
	*ret = rc == 1 ? t.area : FIELD_ABSENT;
	return rc < 0 ? -1 : 0;
}

int find_group(struct import *im, const char *column, place_t place, struct uuid *ret, place_t *ret_place,
	       struct err *err)
{
	struct str cell = import_cell(im, column);
	struct named_list *l = &im->index->groups;
	char code[PLACE_TEXT];
	size_t n, fits = 0;
	*ret_place = place;
	if (!cell.ptr)
		return fault(im, column, &ERR_EMPTY, str_of(column), err);
	if (uuid_parse(cell, ret))
		return place == FIELD_ABSENT ? place_of_thing(im, ret, ret_place, err) : 0;
	if (place == FIELD_ABSENT)
		return fault(im, "place", &ERR_EMPTY, STR("place"), err);
	place_t village = place_at(place, LEVEL_VILLAGE);
	struct str ref = import_ref(cell), v = { code, place_format(village, code) };
	struct uuid id = import_id(im, "group:%.*s:%.*s", STR_ARG(v), STR_ARG(ref));
	int rc = thing_there(im, &id, THING_GROUP, err);
	if (rc) {
		*ret = id;
		return rc < 0 ? -1 : 0;
	}
	if (!l->loaded &&
	    load_list(im, l, "/api/v1/grid/groups", app_top(im->store.app), "name", NULL, "dissolved", err) < 0)
		return -1;
	const struct named *found = list_named(l, cell, &n);
	for (size_t i = 0; i < n; i++) {
		if (place_at(found[i].place, LEVEL_VILLAGE) != village)
			continue;
		*ret = found[i].id;
		fits++;
	}
	return fits == 1 ? 0 : fault(im, column, fits ? &ERR_GROUP_SEVERAL : &ERR_GROUP_NONE, cell, err);
}

int find_household(struct import *im, const char *column, place_t place, struct uuid *ret, struct err *err)
{
	struct str cell = import_cell(im, column);
	struct import_index *x = im->index;
	struct named_list *l = &x->households;
	char code[PLACE_TEXT];
	size_t fits = 0;
	if (!cell.ptr)
		return fault(im, column, &ERR_EMPTY, str_of(column), err);
	if (uuid_parse(cell, ret))
		return 0;
	if (place == FIELD_ABSENT)
		return fault(im, "place", &ERR_EMPTY, STR("place"), err);
	place_t village = place_at(place, LEVEL_VILLAGE);
	struct str ref = import_ref(cell), v = { code, place_format(village, code) };
	struct uuid id = import_id(im, "household:%.*s:%.*s", STR_ARG(v), STR_ARG(ref));
	int rc = thing_there(im, &id, THING_HOUSEHOLD, err);
	if (rc) {
		*ret = id;
		return rc < 0 ? -1 : 0;
	}
	if (x->village != village || !l->loaded) {
		x->village = village;
		if (load_list(im, l, "/api/v1/grid/households", village, "address", "head", "removed", err) < 0)
			return -1;
	}
	for (size_t i = 0; i < l->n; i++) {
		if (!str_eq(l->items[i].name, cell) && !str_eq(l->items[i].name2, cell))
			continue;
		*ret = l->items[i].id;
		fits++;
	}
	return fits == 1 ? 0 : fault(im, column, fits ? &ERR_HOUSEHOLD_SEVERAL : &ERR_HOUSEHOLD_NONE, cell, err);
}

/* ---- sites and teams ----------------------------------------------------------------------------------- */

/* By id, by ref, by name at the very place, or by a name that is the only one in the store. */
static int find_by_name(struct import *im, const char *column, place_t place, const char *kind, struct named_list *l,
			const char *path, const char *gone, const struct err_kind *none, struct uuid *ret,
			struct err *err)
{
	struct str cell = import_cell(im, column);
	char code[PLACE_TEXT];
	size_t n, here = 0;
	if (!cell.ptr)
		return fault(im, column, &ERR_EMPTY, str_of(column), err);
	if (uuid_parse(cell, ret))
		return 0;
	struct str at = { code, place_format(place, code) }, ref = import_ref(cell);
	struct uuid ids[] = { import_id(im, "%s:%.*s", kind, STR_ARG(ref)),
			      import_id(im, "%s:%.*s:%.*s", kind, STR_ARG(at), STR_ARG(cell)) };
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		int rc = thing_there(im, &ids[i], kind, err);
		if (rc) {
			*ret = ids[i];
			return rc < 0 ? -1 : 0;
		}
	}
	if (!l->loaded && load_list(im, l, path, app_top(im->store.app), "name", NULL, gone, err) < 0)
		return -1;
	const struct named *found = list_named(l, cell, &n);
	for (size_t i = 0; i < n; i++) {
		if (found[i].place == place || n == 1) {
			*ret = found[i].id;
			here++;
		}
	}
	return here == 1 ? 0 : fault(im, column, none, cell, err);
}

int find_site(struct import *im, const char *column, place_t place, struct uuid *ret, struct err *err)
{
	return find_by_name(im, column, place, THING_SITE, &im->index->sites, "/api/v1/places/sites", "closed",
			    &ERR_SITE_NONE, ret, err);
}

int find_team(struct import *im, const char *column, place_t place, struct uuid *ret, struct err *err)
{
	return find_by_name(im, column, place, THING_TEAM, &im->index->teams, "/api/v1/teams/teams", "dissolved",
			    &ERR_TEAM_NONE, ret, err);
}
