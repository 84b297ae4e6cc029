/* The form every module fills, and the domain's core that they share: things,
 * links, kept figures, personal data, access. A module is one `const struct
 * module` listed by hand in modules.c; a row without roles or labels stops the start.
 *
 * Commands read, decide, and refuse or let pass; they never write. Projectors
 * write derived tables and are pure folds, so the order of arrival never matters.
 * Views read. */
#ifndef DOMAIN_DOMAIN_H
#define DOMAIN_DOMAIN_H

#include "base/clock.h"
#include "event/event.h"
#include "ledger/ledger.h"
#include "ledger/seal.h"
#include "store/store.h"

/* ---- roles and access ------------------------------------------------- */

enum role {
	ROLE_COMMANDER = 1 << 0,
	ROLE_OFFICER = 1 << 1,
	ROLE_GRID = 1 << 2,
	ROLE_CHECKPOINT = 1 << 3,
	ROLE_SUPPLY = 1 << 4,
	ROLE_PUBLICITY = 1 << 5,
	ROLE_ORGANISATION = 1 << 6,
	ROLE_INSPECTION = 1 << 7,
	ROLE_AUDITOR = 1 << 8,
	ROLE_ADMIN = 1 << 9,
	ROLE_SYSTEM = 1 << 10, /* the local operator: import, init, demo; never granted */
};
#define ROLES_ALL_GRANTED ((1u << 10) - 1)
/* Who reads the rolls of people, groups and households: those who keep them, and the auditor (without personal data).
 */
#define ROLES_OF_ROLLS  (ROLE_COMMANDER | ROLE_OFFICER | ROLE_ORGANISATION | ROLE_GRID | ROLE_AUDITOR)
#define ROLES_BUT_ADMIN (ROLES_ALL_GRANTED & ~(unsigned)ROLE_ADMIN)

extern const char *const ROLE_NAMES[]; /* NULL-terminated, in bit order, without system */
extern const char *const ROLE_NAMES_ZH[];

struct grant {
	unsigned role; /* one bit */
	place_t place;
	int64_t until; /* FIELD_ABSENT: open-ended */
};

/* Who asks. Immutable once published; owned by the account table (app) or the stack. */
struct principal {
	struct str account; /* "system" for the local operator */
	struct uuid person; /* nil when the account is of no enrolled person */
	bool local;         /* the operator at the machine: import, init, demo; may everything */
	const struct grant *grants;
	size_t n_grants;
};

/* True when a grant in force at `now` with one of `roles` covers `area`. System covers everything. */
bool principal_may(const struct principal *p, unsigned roles, place_t area, int64_t now);
/* The widest place where the principal holds one of `roles`; false when none. */
bool principal_home(const struct principal *p, unsigned roles, int64_t now, place_t *ret);

/* ---- things ------------------------------------------------------------ */

/* Kinds of things that events open; the names stand in field tables (.thing). */
extern const char THING_SITE[], THING_HOUSEHOLD[], THING_PERSON[], THING_TEAM[], THING_GROUP[], THING_INCIDENT[],
    THING_SUBJECT[], THING_EVENT[], THING_NOTICE[], THING_REQUEST[], THING_SHIFT[], THING_FOLLOWUP[];

struct thing {
	struct uuid id;
	struct str kind; /* in the arena */
	place_t area;    /* where it was opened */
	int64_t at;      /* when */
	int64_t seq;     /* of the opening event */
	int64_t incident_no;
};

/* ---- one piece of work -------------------------------------------------- */

struct figure_book;
struct memo;
struct module;

/* Listed places lately met by the writer; emptied whenever a listing may have been taken back. */
#define PLACE_CACHE 1024
struct place_cache {
	place_t code[PLACE_CACHE];
	int64_t listed[PLACE_CACHE];
	/* The run of records in which a village's households were last noted (places module). */
	place_t block_village[PLACE_CACHE];
	int64_t block[PLACE_CACHE];
};

static inline size_t place_slot(place_t p)
{
	return (size_t)((uint64_t)p * 0x9e3779b97f4a7c15u >> 54) % PLACE_CACHE;
}

struct work {
	struct db *db;     /* derived tables */
	struct db *ledger; /* where entries are read from; differs from db in a replay */
	struct arena *arena;
	struct figure_book *book;    /* NULL while reading */
	struct place_cache *places;  /* NULL: none */
	struct keyring *keys;        /* NULL: personal data stays closed */
	const struct principal *who; /* NULL in a replay */
	int64_t now;
	enum lang lang;
	place_t top; /* the store's own territory */
	struct uuid store_id;
	bool server;        /* the event is of the server's own making */
	struct uuid opened; /* subject whose data this view opens in full, for a stated reason */
	struct str opened_reason;
	int64_t already;   /* a check's finding: the same was recorded under this seq; answered as a duplicate */
	struct memo *memo; /* of the app (memo.h); NULL: none */
	place_t named;     /* whose name was last asked for while reading, as of now, and what it was */
	char named_as[96];
	struct err *warnings; /* what a check let pass but remarks, WARNINGS_MAX of them; NULL: nobody listens */
	size_t n_warnings;
};

#define WARNINGS_MAX 4
/* Remarks on an event without refusing it; the kind's texts say what to look at. */
void work_warn(struct work *w, const struct err *warning);

/* 1 found, 0 unknown, -1 error. */
int thing_get(struct work *w, const struct uuid *id, struct thing *ret, struct err *err);
/* Something that was opened at a place or below: 1 and its opening record, 0 none, -1. Scans all things: for rare
 * checks. */
int thing_within(struct work *w, place_t place, int64_t *ret_seq, struct err *err);
/* Reads and decodes an entry into the arena; personal data opened when `personal`. 1, 0, -1. */
int work_event(struct work *w, int64_t seq, bool personal, struct event *ret, struct err *err);
int work_event_by_id(struct work *w, const struct uuid *id, bool personal, struct event *ret, struct err *err);
/* shape_open_fn over w->keys; ctx is struct open_ctx. */
struct open_ctx {
	struct work *w;
	struct uuid event;
};
int work_open_box(void *ctx, const struct uuid *owner, struct str box, struct arena *arena, struct str *ret_plain,
		  struct err *err);
/* What a box is bound to: event id ‖ owner (32 bytes). */
void work_box_bound(const struct uuid *event, const struct uuid *owner, char out[32]);

/* The name of a division as of a moment (now: INT64_MAX); its code when unknown. Never fails. */
struct str place_name(struct work *w, place_t p, int64_t at);
/* Fills ev->incident_no: the incident named; else, if it is set, that of the thing changed, which must be open at
 * ev->at; else the only one open then. Implemented by the incident module. */
int incident_resolve(struct work *w, struct event *ev, struct err *err);
/* The latest incident that is no drill: its number, 0 when there is none. */
int incident_default(struct work *w, int64_t *ret, struct err *err);

/* 1 listed at or before `at`, 0 not, -1. */
int place_listed(struct work *w, place_t p, int64_t at, struct err *err);

/* ---- kept figures -------------------------------------------------------- */

/* Adds to a figure of a place on a day; rolled up to every place above within the store when flushed. */
int figure_add(struct work *w, const char *name, int64_t incident_no, place_t place, int64_t day, int64_t delta,
	       struct err *err);
/* What counts from a moment to come on: like figure_add on the moment's day, but not yet while the moment is ahead. */
int figure_add_from(struct work *w, const char *name, int64_t incident_no, place_t place, int64_t moment, int64_t delta,
		    struct err *err);
/* For figures by item or kind: name "teams." + part. */
int figure_add_part(struct work *w, const char *name, const char *part, int64_t incident_no, place_t place, int64_t day,
		    int64_t delta, struct err *err);
struct figure_book *figure_book_create(void);
void figure_book_destroy(struct figure_book *b);
size_t figure_book_size(const struct figure_book *b); /* rows waiting to be written */
/* Writes each touched row once; the book is empty afterwards. */
int figure_book_flush(struct figure_book *b, struct db *db, struct err *err);
void figure_book_discard(struct figure_book *b);
/* Sum of a figure at a place up to the end of a day; up to w->now if that is today. */
int figure_value(struct work *w, const char *name, int64_t incident_no, place_t place, int64_t day, int64_t *ret,
		 struct err *err);

/* Step functions: the common form of folds. A run of [from, to) during which something held; to = INT64_MAX: still. */
struct span {
	int64_t from, to;
};

struct spans {
	struct span *items;
	size_t n;
};
/* Adds sign × (+1 on the day of `from`, −1 on the day of `to`) for every span to a figure. */
int figure_add_spans(struct work *w, const char *name, const char *part, int64_t incident_no, place_t place,
		     const struct spans *s, int sign, struct err *err);
/* The overlap of two ordered lists, in the arena. */
int spans_intersect(struct arena *a, const struct spans *x, const struct spans *y, struct spans *ret, struct err *err);
bool spans_hold_at(const struct spans *s, int64_t at);

/* ---- events --------------------------------------------------------------- */

enum fact_move { FACT_ADDED, FACT_VOIDED };

enum event_flag {
	EVENT_STANDING = 1 << 0,   /* belongs to no incident */
	EVENT_UNVOIDABLE = 1 << 1, /* access, views, erasures, voids */
	EVENT_PLACELESS = 1 << 2,  /* happens at the store's top when no place is given */
	EVENT_BY_SERVER = 1 << 3,  /* never taken from a request */
	EVENT_OWN_ACCESS = 1 << 4, /* its command decides on area and permission by itself */
	EVENT_MANY = 1 << 5,       /* high volume: no link to the site it happened at; its module finds it otherwise */
};

#define AT_LEVEL(l) (1u << (l))

struct event_type {
	struct event_form form;
	unsigned roles;
	unsigned flags;
	unsigned levels; /* AT_LEVEL(…) the place must be of; 0: any */
	const char *zh, *en;
	/* True when the caller records it of himself, for which he needs none of the roles there: an enrolled person
	 * signs up, reports and arrives, wherever sent. May be NULL. */
	bool (*own)(const struct work *w, const struct event *ev);
	/* Fills what the sender may leave out and the server makes of the rest, right after decoding: a pure function
	 * of the event as sent (the same record sent twice must come out alike). The event's data is its own. May be
	 * NULL. */
	void (*fill)(struct event *ev, struct arena *arena);
	/* Beyond what tables say. `check`: 0 lets pass, -1 refuses (err->kind says why). May be NULL. */
	int (*check)(struct work *w, const struct event *ev, struct err *err);
	int (*project)(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
	/* Would taking it back break a rule? */
	int (*check_void)(struct work *w, const struct event *ev, struct err *err);
};

/* ---- views ---------------------------------------------------------------- */

enum view_param {
	PARAM_PLACE = 1 << 0,
	PARAM_AS_OF = 1 << 1,
	PARAM_KNOWN_AT = 1 << 2,
	PARAM_PAGE = 1 << 3, /* after, limit */
	PARAM_Q = 1 << 4,
	PARAM_KIND = 1 << 5,  /* kind= or category= or type= */
	PARAM_GROUP = 1 << 6, /* group= */
	PARAM_ABOUT = 1 << 7, /* about= */
	PARAM_DAYS = 1 << 8,  /* from=, to= */
	PARAM_REASON = 1 << 9,
	PARAM_INCIDENT = 1 << 10,
	PARAM_SEQ = 1 << 11,    /* seq=, first=, second=, size= */
	PARAM_AT = 1 << 12,     /* at=: as of a moment, otherwise now */
	PARAM_SITE = 1 << 13,   /* site= */
	PARAM_ROSTER = 1 << 14, /* hours= of a shift, heads= on each */
};

struct view_query {
	place_t place; /* resolved: as given, or the caller's home */
	bool place_given;
	int64_t as_of; /* day; today when absent */
	bool as_of_given;
	int64_t known_at; /* ms or FIELD_ABSENT */
	struct str after;
	int64_t limit; /* 1–500, default 50 */
	bool limit_given;
	struct str q, kind, reason;
	struct uuid group, about, incident, site;
	int64_t from, to; /* days or FIELD_ABSENT */
	int64_t at;       /* ms: as given, or now */
	int64_t hours, heads;
	int64_t seq, first, second, size;
	struct str id; /* the {id} of the path */
};

/* Where a view puts its answer: items written by its shape as they come. */
struct view_out;
struct view;
int view_item(struct view_out *out, const void *item, struct err *err);
void view_next(struct view_out *out, struct str next);

/* Asks another view within the same reading, and takes its items one by one with their JSON, borrowed for the call. The
 * query is taken as it is: whether its place, and what is found there, is the caller's is the asking view's affair. No
 * such view, or one that none of the caller's roles may read: nothing. */
typedef int (*view_take_fn)(void *ctx, const struct view *v, const void *item, struct str json, struct err *err);
int view_within(const char *path, struct work *w, const struct view_query *q, view_take_fn take, void *ctx,
		struct str *ret_next, struct err *err);

/* With a reason given: notes that the subject's data is to be opened in full — reveal_for then answers so for the
 * rest of this view, and the app records personal.viewed before the answer leaves. */
int view_reason_open(struct work *w, const struct view_query *q, const struct uuid *subject, struct err *err);

/* Keyset cursors over (place, id): "610927100002:UUID". */
struct str view_cursor(struct arena *a, place_t place, const struct uuid *id);
int view_cursor_parse(struct str after, place_t *ret_place, struct uuid *ret_id, struct err *err);

struct view {
	const char *path; /* "/api/v1/grid/groups" or with a trailing "/{id}" */
	unsigned roles;
	unsigned params;
	struct shape *shape; /* of an item, or of the whole answer */
	const char *list;    /* member that holds the items ("items"); NULL: one object */
	const char *zh, *en;
	int (*run)(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
};

/* ---- modules --------------------------------------------------------------- */

/* One thing behind a figure: its place and id (nil: a division, named by its place) and the records that make it count.
 */
struct behind_item {
	place_t place;
	struct uuid id;
	const int64_t *seqs;
	size_t n; /* 0: no thing, only how far was looked */
};

struct behind_query {
	const char *part; /* NULL: none */
	place_t place;
	int64_t incident_no;
	int64_t before; /* the moment at which the day asked for has ended */
	place_t after_place;
	struct uuid after_id; /* keyset: strictly after (after_place, after_id) */
	int64_t limit;
};

typedef int (*behind_fn)(void *ctx, const struct behind_item *item, struct err *err);

struct figure_def {
	const char *name;         /* "households", or "teams." with values for the part */
	const char *const *parts; /* NULL-terminated part names; NULL: none */
	const char *const *parts_zh;
	bool per_incident;
	const char *zh, *en;
	/* The things behind it in order of (place, id). */
	int (*behind)(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err);
};

/* Takes an event that the server is to record beside the one at hand; copies nothing: it lives in w->arena. */
typedef int (*emit_fn)(void *ctx, const struct event *ev, struct err *err);

/* A message that leaves the house by the outbox: what happened, where, about which thing. Never personal data. */
struct message {
	const char *kind;  /* "notice.late" */
	place_t place;     /* whose concern it is */
	struct uuid about; /* the thing; nil: none */
	int64_t at;        /* when it came true; kind, place, about and at together are sent once */
	struct str zh, en; /* one plain sentence */
};
typedef int (*post_fn)(void *ctx, const struct message *m, struct err *err);

/* A module's answer to an event, its own or a lower module's. All but `type` may be NULL. */
struct reaction {
	const char *type;
	/* Runs after that event's own projector. */
	int (*project)(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
	/* Would taking it back break a rule of this module? */
	int (*check_void)(struct work *w, const struct event *ev, struct err *err);
	/* What the server records with it, in the same commit: called when `ev` has passed its checks and is not yet
	 * recorded, personal data in the clear. Each must pass its own check as things stand before `ev`, or `ev` is
	 * refused with that answer. Only when recorded first, never in a replay. */
	int (*follow)(struct work *w, const struct event *ev, emit_fn emit, void *ctx, struct err *err);
	/* What leaves by the outbox because of it; after projection, in the same commit, never in a replay. */
	int (*tell)(struct work *w, const struct event *ev, post_fn post, void *ctx, struct err *err);
};

/* ---- tasks: what a person should do now, derived -------------------------------- */

enum urgency { URGENT_ALARM, URGENT_LATE, URGENT_DUE, URGENT_SOON };
extern const char *const URGENCY_NAMES[], *const URGENCY_NAMES_ZH[];

struct task {
	enum urgency urgency;
	int64_t due; /* ms; FIELD_ABSENT: at no hour */
	place_t place;
	const char *about_kind; /* THING_… */
	struct uuid about;
	struct uuid household; /* nil: none; tasks at one household are offered together */
	struct str title;      /* in w->lang: what to do, "给随访对象测体温" */
	struct str detail;     /* where, to whom; personal data masked as the caller may see it */
	struct str data;       /* what is known already of the settling event's data, a JSON object */
};
typedef int (*task_fn)(void *ctx, const struct task *t, struct err *err);

/* A rule: for whom (roles), what settles it (an event type), and the query that finds what is due at w->now for
 * w->who. Bounded: at most TASKS_OF_RULE, the most urgent first; reads by an index, never a scan of what grows. */
#define TASKS_OF_RULE 100
struct task_rule {
	const char *name; /* "notice.acknowledge" */
	unsigned roles;
	const char *settles;
	const char *zh, *en;
	int (*find)(struct work *w, task_fn put, void *ctx, struct err *err);
};

struct module {
	const char *name;
	int rank; /* places 1 < teams 2 < grid 3 < operations 4 (visits 5, answering checkpoints) < merit 6 < tasks,
		     figures 7; incident and access 0 */
	const char *zh, *en;
	const char *schema;              /* script of its derived tables */
	const char *const *tables;       /* their names, NULL-terminated: rebuild drops them */
	const struct event_type *events; /* n_events */
	size_t n_events;
	const struct reaction *reactions;
	size_t n_reactions;
	const struct view *views;
	size_t n_views;
	const struct figure_def *figures;
	size_t n_figures;
	const struct task_rule *tasks;
	size_t n_tasks;
	/* What came true by time alone in (after, upto]: messages for the outbox. May be NULL. */
	int (*lapse)(struct work *w, int64_t after, int64_t upto, post_fn post, void *ctx, struct err *err);
};

extern const struct module *const MODULES[]; /* NULL-terminated, in rank order */

/* Prepares and checks all tables; aborts with a message naming a bad row. Once, before threads. */
void registry_prepare(void);
const struct event_form *registry_form(struct str type); /* event_form_fn */
const struct event_type *registry_type(const struct event_form *form);
const struct module *registry_module_of(const struct event_type *t);
const struct figure_def *registry_figure(struct str name, struct str *ret_part);

/* ---- core projection (app/pipeline and replay call these) -------------------- */

/* Checks everything that tables say (thing exists, kind, area, incident, roles) and then the type's own command;
 * fills ev->area, ev->site, ev->incident_no. */
int domain_check(struct work *w, struct event *ev, struct err *err);
/* Things, links, figure `records`, then the type's projector. For event.voided also the taking back. */
int domain_project(struct work *w, const struct event *ev, struct err *err);
/* Runs every reaction's `follow`, and `tell`, to an event. */
int domain_follow(struct work *w, const struct event *ev, emit_fn emit, void *ctx, struct err *err);
int domain_tell(struct work *w, const struct event *ev, post_fn post, void *ctx, struct err *err);
/* For event.voided: may the caller withdraw the record, would a rule break? And the taking back. */
int domain_void_check(struct work *w, const struct uuid *id, struct event *ret_orig, struct err *err);
int domain_void_project(struct work *w, const struct uuid *id, int64_t by_seq, struct err *err);
const char *domain_schema(void);
extern const char *const DOMAIN_TABLES[]; /* thing, link, voided, figure, figure_moment */

/* ---- personal data in views --------------------------------------------------- */

enum reveal { REVEAL_NOTHING, REVEAL_MASKED, REVEAL_FULL };
/* For a record at `area` held by households or people: by role and place (the village and town officer in full). */
enum reveal reveal_for(const struct work *w, place_t area);
/* The same for a record on which certain others work too: FULL when `works_on`, else as reveal_for. */
enum reveal reveal_if(const struct work *w, place_t area, bool works_on);
struct str mask_name(struct arena *a, struct str s);
struct str mask_phone(struct arena *a, struct str s);
struct str mask_idno(struct arena *a, struct str s);
struct str mask_address(struct arena *a, struct str s);

/* History of a thing for single-record views: its opening and all links, by seq. */
struct history_item {
	int64_t seq;
	struct uuid id;
	struct str type;
	int64_t at, received;
	struct str actor;
	int64_t voided; /* bool */
};
extern struct shape HISTORY_SHAPE;
int history_by_time(const void *a, const void *b); /* qsort order of the fold: at, then id */
int thing_history(struct work *w, const struct uuid *id, struct list *ret, struct err *err);

extern const struct err_kind ERR_UNKNOWN_THING, ERR_WRONG_KIND, ERR_ID_TAKEN, ERR_ID_REUSED, ERR_OUT_OF_PLACE,
    ERR_PLACE_UNKNOWN, ERR_PLACE_NEEDED, ERR_PLACE_LEVEL, ERR_NOT_ALLOWED, ERR_INCIDENT_NEEDED, ERR_INCIDENT_NONE,
    ERR_BEFORE_INCIDENT, ERR_BEFORE_OPENED, ERR_ALREADY_CLOSED, ERR_LATER_FACTS, ERR_SERVER_ONLY, ERR_UNVOIDABLE,
    ERR_STILL_REFERRED, ERR_VOID_RIGHT, ERR_ALREADY_VOIDED, ERR_DAY_FUTURE;

#endif
