/* CSV (RFC 4180) over a text in memory, row by row, and its writer. Knows
 * columns by name, not what they mean; the character set is charset.h's. */
#ifndef FORMAT_CSV_H
#define FORMAT_CSV_H

#include "base/err.h"
#include "base/str.h"

#define CSV_FIELD_MAX   ((size_t)64 << 10) /* bytes of one field */
#define CSV_COLUMNS_MAX 256

struct csv_reader {
	const char *start, *p, *end;
	long next_line;                     /* physical line at `p`, from 1 */
	long line;                          /* where the row last read begins */
	size_t n;                           /* its fields */
	size_t width;                       /* fields of the header; 0 before it */
	struct str fields[CSV_COLUMNS_MAX]; /* borrowed until the next row */
	struct buf text;                    /* fields that held doubled quotes */
};

/* `text` is UTF-8 without BOM and outlives the reader. */
void csv_read_init(struct csv_reader *r, struct str text);
void csv_read_finish(struct csv_reader *r);

/* The next row that is not a blank line: 1, or 0 at the end, or -1. Lines end
 * in CRLF, LF or CR. After an error the reader stands behind the bad line, so a
 * caller who lists every bad row can go on. An error's arguments begin with line and column, from 1. */
int csv_row(struct csv_reader *r, struct err *err);
/* The same for rows below a header: passes over rows whose cells are all empty
 * (as spreadsheets leave them) and refuses another count of fields than the header's, empty ones behind it aside. */
int csv_record(struct csv_reader *r, struct err *err);
/* How far the reader is, 0–1000, for a progress bar. */
int csv_permille(const struct csv_reader *r);

struct csv_column {
	const char *name;  /* as in the contract */
	const char *other; /* another name taken, such as the Chinese label; or NULL */
	bool needed;
};

/* Maps header cells to columns: trimmed, ASCII letters in either case. For each
 * of `n` columns `at[i]` becomes its place in the row, -1 when it is missing.
 * Refuses a needed column missing, one doubled, and names it does not know. */
int csv_header_map(const struct str *cells, size_t n_cells, const struct csv_column *columns, size_t n, int *at,
		   struct err *err);
/* Reads the first row and maps it. Refuses a text without one. */
int csv_header(struct csv_reader *r, const struct csv_column *columns, size_t n, int *at, struct err *err);
/* The row's field at `at`, trimmed of spaces and tabs; absent when `at` is -1 or the cell is empty. */
struct str csv_cell(const struct csv_reader *r, int at);

/* The writer appends rows that end in CRLF. */
struct csv_writer {
	struct buf *out;
	size_t column;     /* fields written in this row */
	bool empty_so_far; /* only one empty field: would read as a blank line */
};

/* `bom` for spreadsheets, which take UTF-8 without one for the local character set. */
void csv_write_init(struct csv_writer *w, struct buf *out, bool bom);
/* Absent is written as empty. A text that a spreadsheet would run as a formula
 * gets a leading apostrophe; plain numbers do not. */
void csv_put(struct csv_writer *w, struct str field);
void csv_put_cstr(struct csv_writer *w, const char *field);
void csv_put_i64(struct csv_writer *w, int64_t v);
void csv_end_row(struct csv_writer *w);

/* {0} line, {1} column; of a header {0} the column's name */
extern const struct err_kind ERR_CSV_QUOTE_OPEN, ERR_CSV_QUOTE_STRAY, ERR_CSV_FIELD_LONG, ERR_CSV_COLUMNS,
    ERR_CSV_WIDTH, ERR_CSV_EMPTY, ERR_CSV_MISSING, ERR_CSV_DOUBLED, ERR_CSV_UNKNOWN;

#endif
