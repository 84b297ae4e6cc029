/* SQL text as tokens, and the translation of dialect-free scripts: three types,
 * two marks in comments. It knows no more of SQL than it must: where strings,
 * names and comments end, and where a CREATE TABLE does. */
#include "store/impl.h"

#include <ctype.h>

static size_t quoted_len(const char *p, char quote)
{
	size_t n = 1;

	while (p[n]) {
		if (p[n] == quote) {
			if (p[n + 1] != quote)
				return n + 1;
			n++;
		}
		n++;
	}
	return n;
}

static size_t comment_len(const char *p)
{
	const char *end;

	if (p[0] == '-')
		return strcspn(p, "\n");
	end = strstr(p + 2, "*/");
	return end ? (size_t)(end - p) + 2 : strlen(p);
}

static size_t word_len(const char *p)
{
	size_t n = 0;

	while (isalnum((unsigned char)p[n]) || p[n] == '_' || (p[n] & 0x80))
		n++;
	return n;
}

struct token token_next(const char **p)
{
	const char *s = *p;
	struct token t = { TOKEN_OTHER, { s, 1 } };

	if (!*s) {
		t = (struct token){ TOKEN_END, { s, 0 } };
	} else if (isspace((unsigned char)*s)) {
		t.kind = TOKEN_SPACE;
		t.text.len = strspn(s, " \t\n\r\f\v");
	} else if ((s[0] == '-' && s[1] == '-') || (s[0] == '/' && s[1] == '*')) {
		t.kind = TOKEN_COMMENT;
		t.text.len = comment_len(s);
	} else if (*s == '\'' || *s == '"') {
		t.kind = *s == '"' ? TOKEN_NAME : TOKEN_STRING;
		t.text.len = quoted_len(s, *s);
	} else if (*s == '$' && isdigit((unsigned char)s[1])) {
		t.kind = TOKEN_PARAM;
		t.text.len = 1 + strspn(s + 1, "0123456789");
	} else if (word_len(s)) {
		t.kind = TOKEN_WORD;
		t.text.len = word_len(s);
	}
	*p = s + t.text.len;
	return t;
}

/* The text inside a block comment, trimmed. */
static bool mark_is(struct token t, const char *mark)
{
	struct str s = t.text;

	if (t.kind != TOKEN_COMMENT || s.len < 4 || s.ptr[0] != '/')
		return false;
	s = (struct str){ s.ptr + 2, s.len - 4 };
	while (s.len && isspace((unsigned char)s.ptr[0]))
		s = (struct str){ s.ptr + 1, s.len - 1 };
	while (s.len && isspace((unsigned char)s.ptr[s.len - 1]))
		s.len--;
	return str_is(s, mark);
}

/* What has been read of the present statement. */
struct statement {
	int words; /* 1: CREATE read; 2: CREATE TABLE read; 3: and its name; -1: not a table */
	struct str table;
	bool clustered, rowid;
};

static void statement_word(struct statement *st, struct token t)
{
	if (st->words == 0) {
		st->words = str_is(t.text, "CREATE") ? 1 : -1;
	} else if (st->words == 1) {
		st->words = str_is(t.text, "TABLE") ? 2 : -1;
	} else if (st->words == 2 && !str_is(t.text, "IF") && !str_is(t.text, "NOT") && !str_is(t.text, "EXISTS")) {
		st->table = t.text;
		st->words = 3;
	}
}

static void statement_end(const struct dialect *d, const struct statement *st, struct buf *out)
{
	if (st->words == 3)
		buf_cstr(out, st->clustered ? d->clustered_end : d->table_end);
	buf_char(out, ';');
	if (st->words == 3 && d->remember && (st->clustered || st->rowid)) {
		buf_cstr(out, d->remember);
		buf_str(out, st->table);
		buf_printf(out, " IS '%s';", st->clustered ? "clustered" : "rowid");
	}
}

/* A BIGINT was read: takes the mark after it, if there is one. */
static void translate_bigint(const struct dialect *d, const char **p, struct statement *st, struct buf *out)
{
	const char *ahead = *p;
	struct token t = token_next(&ahead);

	if (t.kind == TOKEN_SPACE)
		t = token_next(&ahead);
	if (mark_is(t, "rowid")) {
		st->rowid = true;
		*p = ahead;
		buf_cstr(out, d->rowid_bigint);
	} else {
		buf_cstr(out, d->bigint);
	}
}

void script_translate(const struct dialect *d, const char *text, struct buf *out)
{
	struct statement st = { 0 };
	struct token t;

	while ((t = token_next(&text)).kind != TOKEN_END) {
		if (t.kind == TOKEN_WORD || t.kind == TOKEN_NAME)
			statement_word(&st, t);
		if (t.kind == TOKEN_WORD && str_is(t.text, "BIGINT")) {
			translate_bigint(d, &text, &st, out);
		} else if (t.kind == TOKEN_WORD && str_is(t.text, "TEXT")) {
			buf_cstr(out, d->text);
		} else if (t.kind == TOKEN_WORD && str_is(t.text, "BYTEA")) {
			buf_cstr(out, d->bytea);
		} else if (t.kind == TOKEN_OTHER && *t.text.ptr == ';') {
			statement_end(d, &st, out);
			st = (struct statement){ 0 };
		} else if (t.kind == TOKEN_COMMENT) {
			st.clustered |= mark_is(t, "clustered");
		} else {
			buf_str(out, t.text);
		}
	}
}
