/* Groups, models and households read as lists and single records, and what is
 * behind the module's figures. Coverage is in coverage_view.c. */
#include "domain/grid/internal.h"
#include "grid.sql.h"

#define AT(type, member) offsetof(struct type, member)
#define READERS          ROLES_OF_ROLLS

/* ---- models ------------------------------------------------------------------------ */

struct model_role_item {
	struct str role, zh, en;
	int64_t least, most, party_member;
	struct list categories; /* of int64_t */
};

static const struct field MODEL_ROLE_FIELDS[] = {
	{ "role", FIELD_TEXT, FIELD_NEEDED, AT(model_role_item, role), .zh = "角色", .en = "Role" },
	{ "zh", FIELD_TEXT, FIELD_NEEDED, AT(model_role_item, zh), .zh = "中文名", .en = "Chinese label" },
	{ "en", FIELD_TEXT, FIELD_NEEDED, AT(model_role_item, en), .zh = "英文名", .en = "English label" },
	{ "least", FIELD_INT, FIELD_NEEDED, AT(model_role_item, least), .zh = "至少", .en = "Least" },
	{ "most", FIELD_INT, 0, AT(model_role_item, most), .zh = "至多", .en = "Most" },
	{ "categories", FIELD_LIST, FIELD_NEEDED, AT(model_role_item, categories), .element = FIELD_ENUM,
	  .values = CATEGORY_NAMES, .values_zh = CATEGORY_NAMES_ZH, .zh = "可担任的人员类别",
	  .en = "Categories that qualify" },
	{ "party_member", FIELD_BOOL, FIELD_NEEDED, AT(model_role_item, party_member), .zh = "党员可担任",
	  .en = "Party members qualify" },
};
static struct shape MODEL_ROLE = { .name = "ModelRole", SHAPE_OF(MODEL_ROLE_FIELDS, struct model_role_item) };

struct model_item {
	int64_t model;
	struct list roles;
};

static const struct field MODEL_FIELDS[] = {
	{ "model", FIELD_ENUM, FIELD_NEEDED, AT(model_item, model), .values = MODEL_NAMES, .values_zh = MODEL_NAMES_ZH,
	  .zh = "编组方式", .en = "Model" },
	{ "roles", FIELD_LIST, FIELD_NEEDED, AT(model_item, roles), .element = FIELD_OBJECT, .shape = &MODEL_ROLE,
	  .zh = "角色", .en = "Roles" },
};
struct shape MODEL_ITEM = { .name = "StaffingModel", SHAPE_OF(MODEL_FIELDS, struct model_item) };

int models_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	(void)w;
	(void)q;
	for (int64_t m = 0; MODEL_NAMES[m]; m++) {
		struct model_role_item roles[STAFFING_ROLES_N];
		int64_t categories[STAFFING_ROLES_N][CATEGORIES];
		size_t n = 0;
		for (size_t r = 0; r < STAFFING_ROLES_N; r++) {
			const struct staffing_role *row = &STAFFING_ROLES[r];
			size_t k = 0;
			if (row->model != m)
				continue;
			for (int64_t c = 0; c < CATEGORIES; c++) {
				if (row->categories & (1u << c))
					categories[n][k++] = c;
			}
			roles[n] = (struct model_role_item){ str_of(row->role),
							     str_of(row->zh),
							     str_of(row->en),
							     row->least,
							     row->most ? row->most : FIELD_ABSENT,
							     row->party,
							     { categories[n], k } };
			n++;
		}
		struct model_item item = { m, { roles, n } };
		if (view_item(out, &item, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- groups ----------------------------------------------------------------------------- */

static const struct field MISSING_FIELDS[] = {
	{ "role", FIELD_TEXT, FIELD_NEEDED, AT(missing_item, role), .zh = "角色", .en = "Role" },
	{ "have", FIELD_INT, FIELD_NEEDED, AT(missing_item, have), .zh = "现有", .en = "Have" },
	{ "least", FIELD_INT, FIELD_NEEDED, AT(missing_item, least), .zh = "至少", .en = "Least" },
};
static struct shape MISSING_ITEM = { .name = "MissingRole", SHAPE_OF(MISSING_FIELDS, struct missing_item) };

struct staff_item {
	struct uuid person;
	struct str name, role;
	int64_t category, since;
};

static const struct field STAFF_FIELDS[] = {
	{ "person", FIELD_REF, FIELD_NEEDED, AT(staff_item, person), .thing = THING_PERSON, .zh = "人员",
	  .en = "Person" },
	{ "name", FIELD_TEXT, 0, AT(staff_item, name), .zh = "姓名", .en = "Name" },
	{ "category", FIELD_ENUM, FIELD_NEEDED, AT(staff_item, category), .values = CATEGORY_NAMES,
	  .values_zh = CATEGORY_NAMES_ZH, .zh = "类别", .en = "Category" },
	{ "role", FIELD_TEXT, FIELD_NEEDED, AT(staff_item, role), .zh = "角色", .en = "Role" },
	{ "since", FIELD_TIME, FIELD_NEEDED, AT(staff_item, since), .zh = "自", .en = "Since" },
};
static struct shape STAFF_ITEM = { .name = "GroupMember", SHAPE_OF(STAFF_FIELDS, struct staff_item) };

static const struct field GROUP_FIELDS[] = {
	{ "id", FIELD_REF, FIELD_NEEDED, AT(group_item, id), .thing = THING_GROUP, .zh = "编号", .en = "Id" },
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(group_item, name), .zh = "名称", .en = "Name" },
	{ "model", FIELD_ENUM, FIELD_NEEDED, AT(group_item, model), .values = MODEL_NAMES, .values_zh = MODEL_NAMES_ZH,
	  .zh = "编组方式", .en = "Model" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(group_item, place), .zh = "地点", .en = "Place" },
	{ "place_name", FIELD_TEXT, FIELD_NEEDED, AT(group_item, place_name), .zh = "地名", .en = "Place name" },
	{ "complete", FIELD_BOOL, FIELD_NEEDED, AT(group_item, complete), .zh = "配齐", .en = "Complete" },
	{ "households", FIELD_INT, FIELD_NEEDED, AT(group_item, households), .zh = "户数", .en = "Households" },
	{ "staff", FIELD_INT, FIELD_NEEDED, AT(group_item, staff), .zh = "人数", .en = "Staff" },
	{ "missing", FIELD_LIST, FIELD_NEEDED, AT(group_item, missing), .element = FIELD_OBJECT, .shape = &MISSING_ITEM,
	  .zh = "缺额", .en = "Missing" },
	{ "formed", FIELD_TIME, FIELD_NEEDED, AT(group_item, formed), .zh = "成立", .en = "Formed" },
	{ "dissolved", FIELD_TIME, 0, AT(group_item, dissolved), .zh = "撤销", .en = "Dissolved" },
	{ "members", FIELD_LIST, 0, AT(group_item, members), .element = FIELD_OBJECT, .shape = &STAFF_ITEM,
	  .zh = "组员", .en = "Members" },
	{ "history", FIELD_LIST, 0, AT(group_item, history), .element = FIELD_OBJECT, .shape = &HISTORY_SHAPE,
	  .zh = "经过", .en = "History" },
};
struct shape GROUP_ITEM = { .name = "Group", SHAPE_OF(GROUP_FIELDS, struct group_item) };

static int group_name(struct work *w, const struct group *g, struct str *ret, struct err *err)
{
	struct event ev;
	int rc = work_event(w, g->seq, false, &ev, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_fmt(err, &ERR_STORE_CORRUPT, "a group's record is missing");
	*ret = ((const struct group_formed *)ev.data)->name;
	return 0;
}

static int missing_roles(struct work *w, const struct group *g, const struct list *posts, struct list *ret,
			 struct err *err)
{
	const struct post_held *p = posts->items;
	struct missing_item *items = arena_alloc(w->arena, STAFFING_ROLES_N * sizeof *items);
	size_t n = 0;
	if (!items)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (int64_t r = 0; r < STAFFING_ROLES_N; r++) {
		int64_t have = 0;
		if (STAFFING_ROLES[r].model != g->model)
			continue;
		for (size_t i = 0; i < posts->n; i++)
			have += p[i].role == r;
		if (have < STAFFING_ROLES[r].least)
			items[n++] =
			    (struct missing_item){ str_of(STAFFING_ROLES[r].role), have, STAFFING_ROLES[r].least };
	}
	*ret = (struct list){ items, n };
	return 0;
}

static int64_t moment_of(struct work *w, const struct group *g)
{
	return g->dissolved != FIELD_ABSENT && g->dissolved <= w->now ? g->dissolved - 1 : w->now;
}

int group_item_fill(struct work *w, const struct group *g, struct group_item *item, struct err *err)
{
	struct list posts;
	*item = (struct group_item){ .id = g->id,
				     .model = g->model,
				     .place = g->place,
				     .complete = g->complete,
				     .households = g->households,
				     .formed = g->formed,
				     .dissolved = g->dissolved };
	item->place_name = place_name(w, g->place, INT64_MAX);
	if (group_name(w, g, &item->name, err) < 0 || staffing_at(w, &g->id, moment_of(w, g), &posts, err) < 0)
		return -1;
	item->staff = (int64_t)posts.n;
	return missing_roles(w, g, &posts, &item->missing, err);
}

static int fill_members(struct work *w, const struct group *g, struct group_item *item, struct err *err)
{
	struct list posts;
	if (staffing_at(w, &g->id, moment_of(w, g), &posts, err) < 0)
		return -1;
	const struct post_held *p = posts.items;
	struct staff_item *items = arena_alloc(w->arena, (posts.n + 1) * sizeof *items);
	if (!items)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < posts.n; i++) {
		struct standing s;
		items[i] = (struct staff_item){ .person = p[i].person,
						.role = str_of(STAFFING_ROLES[p[i].role].role),
						.since = p[i].since };
		if (person_name(w, &p[i].person, &items[i].name, err) < 0 ||
		    person_standing(w, &p[i].person, w->now, &s, err) < 0)
			return -1;
		items[i].category = s.category;
	}
	item->members = (struct list){ items, posts.n };
	return 0;
}

int groups_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	place_t after = -1;
	struct uuid after_id = { 0 };
	struct group *groups = arena_alloc(w->arena, (size_t)q->limit * sizeof *groups);
	bool gaps = q->kind.ptr && str_is(q->kind, "incomplete");
	int64_t n = 0;
	if (!groups)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (q->after.ptr && view_cursor_parse(q->after, &after, &after_id, err) < 0)
		return -1;
	if (groups_read(w, q->place, gaps, after, &after_id, q->limit, groups, &n, err) < 0)
		return -1;
	for (int64_t i = 0; i < n; i++) {
		struct group_item item;
		if (group_item_fill(w, &groups[i], &item, err) < 0)
			return -1;
		if (q->q.ptr && q->q.len && !memmem(item.name.ptr, item.name.len, q->q.ptr, q->q.len))
			continue;
		if (view_item(out, &item, err) < 0)
			return -1;
	}
	if (n == q->limit)
		view_next(out, view_cursor(w->arena, groups[n - 1].place, &groups[n - 1].id));
	return 0;
}

int groups_read(struct work *w, place_t place, bool incomplete, place_t after, const struct uuid *after_id,
		int64_t limit, struct group *groups, int64_t *ret_n, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int64_t n = 0;
	int rc;
	if (db_start(w->db, incomplete ? &SQL_GROUPS_INCOMPLETE_OF : &SQL_GROUPS_OF, &st, err, "iiiui", place,
		     place + place_span(place), after, after_id, limit) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1)
		groups[n++] =
		    (struct group){ stmt_uuid(st, 1), stmt_i64(st, 0),      stmt_i64(st, 2), stmt_i64(st, 3),
				    stmt_i64(st, 4),  stmt_i64(st, 5) == 1, stmt_i64(st, 6), stmt_i64(st, 7) };
	*ret_n = n;
	return rc;
}

int group_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct uuid id;
	struct group g;
	struct group_item item;
	if (!uuid_parse(q->id, &id))
		return err_kind_set(err, &ERR_NOT_FOUND);
	int rc = group_get(w, &id, &g, err);
	if (rc < 0)
		return -1;
	if (!rc || !principal_may(w->who, READERS, g.place, w->now))
		return err_kind_set(err, &ERR_NOT_FOUND);
	if (group_item_fill(w, &g, &item, err) < 0 || fill_members(w, &g, &item, err) < 0 ||
	    thing_history(w, &id, &item.history, err) < 0)
		return -1;
	return view_item(out, &item, err);
}

/* ---- households ------------------------------------------------------------------------------ */

static const struct field HOUSEHOLD_FIELDS[] = {
	{ "id", FIELD_REF, FIELD_NEEDED, AT(household_item, id), .thing = THING_HOUSEHOLD, .zh = "编号", .en = "Id" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(household_item, place), .zh = "地点", .en = "Place" },
	{ "place_name", FIELD_TEXT, FIELD_NEEDED, AT(household_item, place_name), .zh = "地名", .en = "Place name" },
	{ "head", FIELD_TEXT, 0, AT(household_item, head), .zh = "户主", .en = "Head" },
	{ "phone", FIELD_TEXT, 0, AT(household_item, phone), .zh = "电话", .en = "Phone" },
	{ "address", FIELD_TEXT, 0, AT(household_item, address), .zh = "住址", .en = "Address" },
	{ "building", FIELD_TEXT, 0, AT(household_item, building), .zh = "楼栋", .en = "Building" },
	{ "members", FIELD_INT, 0, AT(household_item, members), .zh = "人口数", .en = "Members" },
	{ "tags", FIELD_LIST, 0, AT(household_item, tags), .element = FIELD_ENUM, .values = HOUSEHOLD_TAGS,
	  .values_zh = HOUSEHOLD_TAGS_ZH, .zh = "标签", .en = "Tags" },
	{ "group", FIELD_REF, 0, AT(household_item, group), .thing = THING_GROUP, .zh = "责任组", .en = "Group" },
	{ "group_name", FIELD_TEXT, 0, AT(household_item, group_name), .zh = "责任组名称", .en = "Group name" },
	{ "covered", FIELD_BOOL, FIELD_NEEDED, AT(household_item, covered), .zh = "已覆盖", .en = "Covered" },
	{ "reason", FIELD_TEXT, 0, AT(household_item, reason), .zh = "未覆盖原因", .en = "Why not covered" },
	{ "masked", FIELD_BOOL, FIELD_NEEDED, AT(household_item, masked), .zh = "已遮盖", .en = "Masked" },
	{ "erased", FIELD_BOOL, FIELD_NEEDED, AT(household_item, erased), .zh = "已清除", .en = "Erased" },
	{ "registered", FIELD_TIME, FIELD_NEEDED, AT(household_item, registered), .zh = "登记时间",
	  .en = "Registered" },
	{ "removed", FIELD_TIME, 0, AT(household_item, removed), .zh = "注销时间", .en = "Removed" },
	{ "history", FIELD_LIST, 0, AT(household_item, history), .element = FIELD_OBJECT, .shape = &HISTORY_SHAPE,
	  .zh = "经过", .en = "History" },
};
struct shape HOUSEHOLD_ITEM = { .name = "Household", SHAPE_OF(HOUSEHOLD_FIELDS, struct household_item) };

/* Village and town officers, and the people of the responsible group now, see a household in full. */
static int household_reveal(struct work *w, const struct household *h, const struct uuid *group, enum reveal *ret,
			    struct err *err)
{
	*ret = reveal_for(w, h->place);
	if (*ret != REVEAL_MASKED || uuid_is_nil(&w->who->person) || uuid_is_nil(group) ||
	    !principal_may(w->who, ROLE_GRID, h->place, w->now))
		return 0;
	int rc = group_has(w, group, &w->who->person, w->now, err);
	if (rc == 1)
		*ret = REVEAL_FULL;
	return rc < 0 ? -1 : 0;
}

/* Neighbours mostly share their group: it is read once. */
static int recall_group(struct work *w, const struct uuid *id, struct group_memo *memo, struct err *err)
{
	if (uuid_eq(&memo->group.id, id))
		return 0;
	if (group_get(w, id, &memo->group, err) < 0)
		return -1;
	return group_name(w, &memo->group, &memo->name, err);
}

int household_item_fill(struct work *w, struct household *h, struct group_memo *memo, struct household_item *item,
			struct err *err)
{
	enum reveal reveal;
	bool complete = false;
	*item = (struct household_item){
		.id = h->id, .place = h->place, .registered = h->registered, .removed = h->removed
	};
	{
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		if (db_start(w->db, &SQL_ASSIGNED_NOW_GET, &st, err, "iu", h->place, &h->id) < 0)
			return -1;
		int rc = stmt_step(st, err);
		if (rc < 0)
			return -1;
		if (rc)
			item->group = stmt_uuid(st, 0);
	}
	if (!uuid_is_nil(&item->group)) {
		if (recall_group(w, &item->group, memo, err) < 0)
			return -1;
		item->group_name = memo->name;
		complete = memo->group.complete;
	}
	item->covered = complete && h->removed == FIELD_ABSENT;
	if (!item->covered && h->removed == FIELD_ABSENT)
		item->reason = uuid_is_nil(&item->group) ? STR("unassigned") : STR("group_incomplete");
	item->place_name = place_name(w, h->place, INT64_MAX);
	if (household_reveal(w, h, &item->group, &reveal, err) < 0 || household_read(w, h, err) < 0)
		return -1;
	item->members = h->members;
	item->erased = h->erased;
	item->masked = reveal != REVEAL_FULL;
	if (reveal == REVEAL_NOTHING)
		return 0;
	bool full = reveal == REVEAL_FULL;
	item->head = full ? h->name : mask_name(w->arena, h->name);
	item->phone = full ? h->phone : mask_phone(w->arena, h->phone);
	item->address = full ? h->address : mask_address(w->arena, h->address);
	if (full) {
		item->building = h->building;
		item->tags = h->tags;
	}
	return 0;
}

struct household_page {
	struct household *items;
	size_t n;
};

static int keep_household(void *ctx, const struct household *h, struct err *err)
{
	struct household_page *p = ctx;
	(void)err;
	p->items[p->n++] = *h;
	return 0;
}

static bool household_matches(const struct household_item *i, struct str q)
{
	return !q.ptr || !q.len || (i->head.ptr && memmem(i->head.ptr, i->head.len, q.ptr, q.len)) ||
	       (i->address.ptr && memmem(i->address.ptr, i->address.len, q.ptr, q.len));
}

static int households_of_group(struct work *w, const struct uuid *group, const struct uuid *after, int64_t limit,
			       struct household_page *page, struct err *err)
{
	struct uuid *ids = arena_alloc(w->arena, (size_t)limit * sizeof *ids);
	size_t n = 0;
	int rc;
	if (!ids)
		return err_kind_set(err, &ERR_NO_MEMORY);
	{
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		if (db_start(w->db, &SQL_ASSIGNED_NOW_OF_GROUP, &st, err, "uui", group, after, limit) < 0)
			return -1;
		while ((rc = stmt_step(st, err)) == 1)
			ids[n++] = stmt_uuid(st, 1);
		if (rc < 0)
			return -1;
	}
	for (size_t i = 0; i < n; i++) {
		if ((rc = household_get(w, &ids[i], &page->items[page->n], err)) < 0)
			return -1;
		page->n += (size_t)rc;
	}
	return 0;
}

/* A search opens so many households a page at most: it may come out short, and `next` goes on. */
#define SEARCH_WINDOW 500

int households_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	place_t after = -1;
	struct uuid after_id = { 0 };
	bool search = q->q.ptr && q->q.len, of_group = !uuid_is_nil(&q->group);
	int64_t scan = search && !of_group && q->limit < SEARCH_WINDOW ? SEARCH_WINDOW : q->limit, shown = 0;
	struct household_page page = { arena_alloc(w->arena, (size_t)scan * sizeof *page.items), 0 };
	if (!page.items)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (q->after.ptr && view_cursor_parse(q->after, &after, &after_id, err) < 0)
		return -1;
	if (of_group) {
		struct group g;
		int rc = group_get(w, &q->group, &g, err);
		if (rc < 0)
			return -1;
		if (!rc || !principal_may(w->who, READERS, g.place, w->now))
			return err_kind_set(err, &ERR_NOT_FOUND);
		if (households_of_group(w, &q->group, &after_id, scan, &page, err) < 0)
			return -1;
	} else if (households_of(w, q->place, after, scan, keep_household, &page, err) < 0) {
		return -1;
	}
	struct group_memo memo = { 0 };
	size_t i = 0;
	for (; i < page.n && shown < q->limit; i++) {
		struct household_item item;
		if (household_item_fill(w, &page.items[i], &memo, &item, err) < 0)
			return -1;
		if (!household_matches(&item, q->q))
			continue;
		if (view_item(out, &item, err) < 0)
			return -1;
		shown++;
	}
	if (i && (i < page.n || (int64_t)page.n == scan))
		view_next(out, view_cursor(w->arena, page.items[i - 1].seq, &page.items[i - 1].id));
	return 0;
}

int household_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct uuid id;
	struct household h;
	struct household_item item;
	if (!uuid_parse(q->id, &id))
		return err_kind_set(err, &ERR_NOT_FOUND);
	int rc = household_get(w, &id, &h, err);
	if (rc < 0)
		return -1;
	if (!rc || !principal_may(w->who, READERS, h.place, w->now))
		return err_kind_set(err, &ERR_NOT_FOUND);
	if (view_reason_open(w, q, &id, err) < 0)
		return -1;
	struct group_memo memo = { 0 };
	if (household_item_fill(w, &h, &memo, &item, err) < 0 || thing_history(w, &id, &item.history, err) < 0)
		return -1;
	return view_item(out, &item, err);
}
