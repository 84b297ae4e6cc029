/* Shapes: one field table describes a JSON object once, and everything else
 * follows from it — decoding with bounds, canonical writing (RFC 8785 member
 * order), sealing of personal fields, labels, OpenAPI, CSV columns.
 *
 * A shape maps an object to a C struct. How each kind stands in the struct:
 *   TEXT PHONE IDNO PLATE ACCOUNT GEOJSON     struct str (absent: ptr NULL)
 *   INT QUANTITY MONEY TEMPERATURE DEGREES
 *   TIME DAY PLACE BOOL ENUM                  int64_t   (absent: FIELD_ABSENT)
 *   ID REF                                    struct uuid (absent: nil)
 *   OBJECT                                    pointer to the sub-struct (absent: NULL)
 *   LIST                                      struct list of the element's form
 *   COUNTS                                    struct list of struct count: {name: integer}, only written
 *   RAW                                       struct str of JSON, only written */
#ifndef EVENT_SHAPE_H
#define EVENT_SHAPE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "base/uuid.h"

#define FIELD_ABSENT INT64_MIN

enum field_kind {
	FIELD_TEXT,
	FIELD_PHONE,   /* digits, +, -, spaces; mainland mobile form is checked when 11 digits starting with 1 */
	FIELD_IDNO,    /* citizen id number; check digit verified (GB 11643) */
	FIELD_PLATE,   /* vehicle plate, upper-cased */
	FIELD_ACCOUNT, /* account name: 1–32 of a–z 0–9 . _ - */
	FIELD_GEOJSON, /* a GeoJSON Polygon or MultiPolygon, kept as its text */
	FIELD_INT,
	FIELD_QUANTITY,    /* > 0 */
	FIELD_MONEY,       /* fen, > 0 */
	FIELD_TEMPERATURE, /* hundredths of a degree, 3000–4500 */
	FIELD_DEGREES,     /* longitude or latitude, millionths of a degree; a decimal in JSON */
	FIELD_TIME,        /* RFC 3339 */
	FIELD_DAY,         /* YYYY-MM-DD */
	FIELD_PLACE,       /* division or grid code */
	FIELD_BOOL,
	FIELD_ENUM,
	FIELD_ID,  /* id of the thing this event makes */
	FIELD_REF, /* id of a thing that must exist */
	FIELD_OBJECT,
	FIELD_LIST,
	FIELD_COUNTS,
	FIELD_RAW,
};

enum field_flag {
	FIELD_NEEDED = 1 << 0,   /* `*` in the catalogue */
	FIELD_PERSONAL = 1 << 1, /* sealed under the shape's owner */
	FIELD_CHANGES = 1 << 2,  /* REF: the event changes this thing: permission is checked on it */
	FIELD_OPEN_REF = 1 << 3, /* REF: may be unknown to the store (a subject, an event of any type) */
	FIELD_LOOKUP = 1 << 4,   /* personal IDNO or PHONE: its owner is found by it through the blind index */
};

struct list {
	void *items;
	size_t n;
};

struct count {
	struct str name;
	int64_t value;
};

struct shape;

struct field {
	const char *name;
	enum field_kind kind;
	unsigned flags;
	size_t offset;
	/* TEXT: most code points (0: 200). INT: bounds when min < max. LIST: most elements (0: 1000). */
	int64_t min, max;
	const char *const *values;    /* ENUM: NULL-terminated names, the int64 is the index */
	const char *const *values_zh; /* their Chinese labels, same order; may be NULL */
	struct shape *shape;          /* OBJECT, or LIST of objects */
	enum field_kind element;      /* LIST */
	const char *thing;            /* ID, REF (or LIST of REF): kind of thing, as registered */
	const char *zh, *en;          /* labels */
};

#define SHAPE_FIELDS_MAX 40

struct shape {
	const char *name; /* schema name in OpenAPI */
	const struct field *fields;
	size_t n;
	size_t size;       /* of the C struct */
	const char *owner; /* field (ID or REF) whose value is the key for FIELD_PERSONAL; NULL: none is personal */
	/* Filled by shape_prepare: */
	bool prepared;
	int owner_at;                    /* index of the owner, or -1 */
	bool personal;                   /* this shape or one within has personal fields */
	uint8_t order[SHAPE_FIELDS_MAX]; /* field indexes in canonical (byte-wise) order of their names */
};

#define SHAPE_OF(fields_, struct_) .fields = (fields_), .n = ARRAY_LEN(fields_), .size = sizeof(struct_)

/* Checks a table and fills the derived members, recursively. Not thread-safe: at start. Asserts on a bad table. */
void shape_prepare(struct shape *s);

/* Decodes one object from outside. Refuses unknown and doubled members, missing
 * needed ones, wrong kinds and out-of-bound values, naming the field. `out` has
 * shape->size bytes; strings borrow from the input or the reader's arena. */
int shape_decode(const struct shape *s, struct json_reader *r, void *out, struct err *err);

/* How a box of personal fields is opened. Returns 1 and the plaintext object
 * (borrowed from the arena), 0 when the key is gone or not to be used, -1 on error. */
typedef int (*shape_open_fn)(void *ctx, const struct uuid *owner, struct str box, struct arena *arena,
			     struct str *ret_plain, struct err *err);
/* How one is closed: appends the box as base64url text to `out`. */
typedef int (*shape_seal_fn)(void *ctx, const struct uuid *owner, struct str plain, struct buf *out, struct err *err);

/* Decodes an object as stored: personal members stand in a member "sealed".
 * `open` NULL leaves them absent. Needed personal fields may be absent. */
int shape_decode_stored(const struct shape *s, struct json_reader *r, shape_open_fn open, void *ctx, void *out,
			struct err *err);

/* Writes the canonical form: members by name, absent ones left out. `seal` NULL
 * writes personal members in the clear (views, hashing); else they go into "sealed". */
int shape_write(const struct shape *s, const void *in, struct json_writer *w, shape_seal_fn seal, void *ctx,
		struct err *err);

/* All values to absent. */
void shape_clear(const struct shape *s, void *out);

/* Calls `visit` for every ID and REF present, in table order, with its path's field. Stops at non-zero. */
typedef int (*shape_ref_fn)(void *ctx, const struct field *f, const struct uuid *id);
int shape_refs(const struct shape *s, const void *in, shape_ref_fn visit, void *ctx);

/* Calls `visit` for every FIELD_LOOKUP member present, with the owner its shape names. Stops at non-zero. */
typedef int (*shape_lookup_fn)(void *ctx, const struct field *f, const struct uuid *owner, struct str value);
int shape_lookups(const struct shape *s, const void *in, shape_lookup_fn visit, void *ctx);
/* How values are compared by lookup: id numbers with a capital X, of phones the digits alone. In the arena. */
struct str lookup_normal(struct arena *a, enum field_kind kind, struct str value);

/* Value kinds checked elsewhere too. */
bool idno_valid(struct str s); /* GB 11643-1999: form, date, check digit */
bool phone_valid(struct str s);

#define EVENT_TEXT_MAX 200 /* default most code points of a text field */

extern const struct err_kind ERR_FIELD_UNKNOWN, ERR_FIELD_MISSING, ERR_FIELD_DOUBLED, ERR_FIELD_TYPE, ERR_FIELD_RANGE,
    ERR_FIELD_FORM;

#endif
