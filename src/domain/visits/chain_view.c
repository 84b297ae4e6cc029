/* Contact chains: from one member of the public along the links, breadth
 * first, each with its generation. Only links in the caller's territory. */
#include "domain/visits/internal.h"
#include "visits.sql.h"

#define AT(type, member) offsetof(struct type, member)

/* A drawing of more nobody reads. */
#define CHAIN_NODES_MAX 500
#define CHAIN_LINKS_MAX 2000
#define CHAIN_LINKS_OF  200 /* of one id */

struct chain_node {
	struct uuid subject, followup; /* under its root id */
	struct str name;
	int64_t generation, links;
};

static const struct field NODE_FIELDS[] = {
	{ "subject", FIELD_REF, FIELD_NEEDED, AT(chain_node, subject), .thing = THING_SUBJECT, .zh = "对象",
	  .en = "Subject" },
	{ "name", FIELD_TEXT, 0, AT(chain_node, name), .zh = "姓名", .en = "Name" },
	{ "followup", FIELD_REF, 0, AT(chain_node, followup), .thing = THING_FOLLOWUP, .zh = "随访",
	  .en = "Follow-up" },
	{ "generation", FIELD_INT, FIELD_NEEDED, AT(chain_node, generation), .zh = "第几代", .en = "Generation" },
	{ "links", FIELD_INT, FIELD_NEEDED, AT(chain_node, links), .zh = "接触数", .en = "Links" },
};
static struct shape CHAIN_NODE = { .name = "ChainNode", SHAPE_OF(NODE_FIELDS, struct chain_node) };

struct chain_link {
	struct uuid from, to;
	struct str relation;
	int64_t on, seq;
};

static const struct field LINK_FIELDS[] = {
	{ "from", FIELD_REF, FIELD_NEEDED, AT(chain_link, from), .thing = THING_SUBJECT, .zh = "一方", .en = "From" },
	{ "to", FIELD_REF, FIELD_NEEDED, AT(chain_link, to), .thing = THING_SUBJECT, .zh = "另一方", .en = "To" },
	{ "relation", FIELD_TEXT, 0, AT(chain_link, relation), .zh = "关系", .en = "Relation" },
	{ "on", FIELD_DAY, 0, AT(chain_link, on), .zh = "接触日期", .en = "On" },
};
static struct shape CHAIN_LINK = { .name = "ChainLink", SHAPE_OF(LINK_FIELDS, struct chain_link) };

struct chains {
	struct list nodes, links;
	int64_t more; /* bool: cut at the bound */
};

static const struct field CHAINS_FIELDS[] = {
	{ "nodes", FIELD_LIST, FIELD_NEEDED, AT(chains, nodes), .element = FIELD_OBJECT, .shape = &CHAIN_NODE,
	  .zh = "对象", .en = "Nodes" },
	{ "links", FIELD_LIST, FIELD_NEEDED, AT(chains, links), .element = FIELD_OBJECT, .shape = &CHAIN_LINK,
	  .zh = "接触", .en = "Links" },
	{ "more", FIELD_BOOL, FIELD_NEEDED, AT(chains, more), .zh = "未画完", .en = "Cut short" },
};
struct shape CHAINS = { .name = "Chains", SHAPE_OF(CHAINS_FIELDS, struct chains) };

struct walk {
	struct work *w;
	struct chain_node *nodes;
	size_t n;
	struct chain_link *links;
	size_t n_links;
	bool cut;
};

/* The node's index; -1 when the drawing is full. */
static int64_t node_of(struct walk *k, const struct uuid *root, int64_t generation)
{
	for (size_t i = 0; i < k->n; i++) {
		if (uuid_eq(&k->nodes[i].subject, root))
			return (int64_t)i;
	}
	if (k->n == CHAIN_NODES_MAX) {
		k->cut = true;
		return -1;
	}
	k->nodes[k->n] = (struct chain_node){ .subject = *root, .generation = generation };
	return (int64_t)k->n++;
}

static bool link_known(const struct walk *k, int64_t seq)
{
	for (size_t i = 0; i < k->n_links; i++) {
		if (k->links[i].seq == seq)
			return true;
	}
	return false;
}

struct raw_link {
	int64_t seq, on;
	struct uuid from, to;
};

static int read_links(struct walk *k, const struct uuid *id, struct raw_link out[CHAIN_LINKS_OF], size_t *ret,
		      struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	size_t n = 0;
	int rc;
	if (db_start(k->w->db, &SQL_CONTACTS_OF, &st, err, "ui", id, (int64_t)CHAIN_LINKS_OF) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1 && n < CHAIN_LINKS_OF) {
		if (principal_may(k->w->who, VISIT_READERS, stmt_i64(st, 3), k->w->now))
			out[n++] =
			    (struct raw_link){ stmt_i64(st, 0), stmt_i64(st, 4), stmt_uuid(st, 1), stmt_uuid(st, 2) };
	}
	*ret = n;
	return rc;
}

static int add_link(struct walk *k, const struct raw_link *l, int64_t generation, struct err *err)
{
	struct uuid from, to;
	if (link_known(k, l->seq))
		return 0;
	if (k->n_links == CHAIN_LINKS_MAX) {
		k->cut = true;
		return 0;
	}
	if (subject_root(k->w, &l->from, &from, err) < 0 || subject_root(k->w, &l->to, &to, err) < 0)
		return -1;
	/* Merged into one since. */
	if (uuid_eq(&from, &to))
		return 0;
	int64_t a = node_of(k, &from, generation), b = node_of(k, &to, generation);
	if (a < 0 || b < 0)
		return 0;
	k->nodes[a].links++;
	k->nodes[b].links++;
	k->links[k->n_links++] = (struct chain_link){ .from = from, .to = to, .on = l->on, .seq = l->seq };
	return 0;
}

static int visit_node(struct walk *k, size_t i, struct raw_link *room, struct err *err)
{
	int64_t generation = k->nodes[i].generation + 1;
	struct list same;
	if (subject_ids(k->w, &k->nodes[i].subject, &same, err) < 0)
		return -1;
	const struct uuid *ids = same.items;
	for (size_t s = 0; s < same.n; s++) {
		size_t n;
		if (read_links(k, &ids[s], room, &n, err) < 0)
			return -1;
		for (size_t l = 0; l < n; l++) {
			if (add_link(k, &room[l], generation, err) < 0)
				return -1;
		}
	}
	return 0;
}

/* The latest follow-up in the caller's territory, and the name as far as it may be seen. */
static int name_node(struct walk *k, struct chain_node *node, struct err *err)
{
	struct work *w = k->w;
	struct list all;
	const struct followup *latest = NULL;
	const struct followup_person *p;
	struct uuid group;
	enum reveal reveal;
	if (followups_of_subject(w, &node->subject, &all, err) < 0)
		return -1;
	const struct followup *f = all.items;
	for (size_t i = 0; i < all.n; i++) {
		if (principal_may(w->who, VISIT_READERS, f[i].place, w->now) &&
		    (!latest || f[i].opened > latest->opened))
			latest = &f[i];
	}
	if (!latest)
		return 0;
	node->followup = latest->id;
	int rc = followup_group(w, latest, &group, err);
	if (rc < 0 || followup_reveal(w, latest, rc ? &group : NULL, &reveal, err) < 0 ||
	    followup_person(w, latest, &p, err) < 0)
		return -1;
	if (p && reveal != REVEAL_NOTHING)
		node->name = reveal == REVEAL_FULL ? p->name : mask_name(w->arena, p->name);
	return 0;
}

static int tell_relations(struct walk *k, struct err *err)
{
	for (size_t i = 0; i < k->n_links; i++) {
		struct event ev;
		if (work_event(k->w, k->links[i].seq, false, &ev, err) <= 0)
			return -1;
		if (reveal_for(k->w, ev.area) != REVEAL_FULL)
			continue;
		if (work_event(k->w, k->links[i].seq, true, &ev, err) <= 0)
			return -1;
		k->links[i].relation = ((const struct contact_linked *)ev.data)->relation;
	}
	return 0;
}

static const struct err_kind ERR_ABOUT_NEEDED = { "about_needed", 400, "请写明从谁查起（about=对象编号）",
						  "Say whose contacts: about=SUBJECT" };

int chains_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct walk k = { .w = w,
			  .nodes = arena_alloc(w->arena, CHAIN_NODES_MAX * sizeof *k.nodes),
			  .links = arena_alloc(w->arena, CHAIN_LINKS_MAX * sizeof *k.links) };
	struct raw_link *room = arena_alloc(w->arena, CHAIN_LINKS_OF * sizeof *room);
	struct uuid root;
	if (!k.nodes || !k.links || !room)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (uuid_is_nil(&q->about))
		return err_set(err, &ERR_ABOUT_NEEDED, "about", NULL);
	if (subject_root(w, &q->about, &root, err) < 0)
		return -1;
	node_of(&k, &root, 0);
	for (size_t i = 0; i < k.n; i++) {
		if (visit_node(&k, i, room, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < k.n; i++) {
		if (name_node(&k, &k.nodes[i], err) < 0)
			return -1;
	}
	/* Of one of whom nothing in the territory is known, nothing is told. */
	if (!k.n_links && uuid_is_nil(&k.nodes[0].followup))
		return err_kind_set(err, &ERR_NOT_FOUND);
	if (tell_relations(&k, err) < 0)
		return -1;
	const struct chains answer = { { k.nodes, k.n }, { k.links, k.n_links }, k.cut };
	return view_item(out, &answer, err);
}
