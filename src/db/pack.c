/* All forms of a packed row, taken apart where they lie. */
#include "db/pack.h"

#include "db/column.h"

/* ---- PostgreSQL: the text of a record ------------------------------------ */

/* Its booleans are t and f. */
static bool
is_boolean(enum scalar_type type, const struct value *v)
{
	return v->len == 1 && (*v->u.text == 't' || *v->u.text == 'f') &&
	    dialect_pack_letter(type) == 'i';
}

/* What the text of a field, v's, is. */
static void
read_field(enum scalar_type type, char *text, struct value *v)
{
	v->kind = VALUE_TEXT;
	if (is_boolean(type, v)) {
		v->kind = VALUE_INT;
		v->u.i = *text == 't';
	} else {
		column_read_text(type, text, v);
	}
}

/*
 * What stands between quotes, of which those inside and backslashes are
 * doubled: the text is moved together.  p->at is behind the first quote, and
 * behind the last one afterwards.  0 or -1.
 */
static int
take_doubled(struct pack *p, struct value *v)
{
	char *to = p->at, *from = p->at;

	v->u.text = to;
	for (; from < p->end; *to++ = *from++) {
		if (*from != '"' && *from != '\\')
			continue;
		if (from + 1 < p->end && from[1] == *from) {
			from++;
		} else if (*from == '"') {
			v->len = (size_t)(to - p->at);
			p->at = from + 1;
			return 0;
		}
	}
	return -1;
}

/* Most have nothing doubled and stay where they are. */
static int
take_quoted(struct pack *p, struct value *v)
{
	char *from = ++p->at;
	char *quote = memchr(from, '"', (size_t)(p->end - from));

	if (quote == NULL || quote + 1 == p->end)
		return -1;
	v->len = (size_t)(quote - from);
	if (quote[1] == '"' || memchr(from, '\\', v->len) != NULL)
		return take_doubled(p, v);
	v->u.text = from;
	p->at = quote + 1;
	return 0;
}

static int
take_bare(struct pack *p, struct value *v)
{
	char *from = p->at, *to = from;

	while (to < p->end && *to != ',' && *to != ')')
		to++;
	v->u.text = from;
	v->len = (size_t)(to - from);
	p->at = to;
	return to < p->end ? 0 : -1;
}

static int
take_field(struct pack *p, enum scalar_type type, struct value *v)
{
	char *from = p->at;

	if (from == p->end)
		return -1;
	v->kind = VALUE_NULL;
	if (*from == ',' || *from == ')')
		return 0;
	if ((*from == '"' ? take_quoted : take_bare)(p, v) != 0)
		return -1;
	read_field(type, *from == '"' ? from + 1 : from, v);
	return 0;
}

int
pack_take_record(struct pack *p, const enum scalar_type *types, size_t n,
    struct value *row)
{
	if (p->at == p->end || *p->at != '(')
		return -1;
	for (size_t i = 0; i < n; i++) {
		p->at++;	/* the parenthesis, or a comma */
		if (take_field(p, types[i], &row[i]) != 0 ||
		    p->at == p->end || *p->at != (i + 1 < n ? ',' : ')'))
			return -1;
	}
	p->at++;
	return 0;
}

/* ---- PostgreSQL: fields and separators ----------------------------------- */

/* So many bytes are counted in one: the compiler makes vectors of them. */
#define COUNTED 128

struct ends {
	uint64_t fields, rows;
};

static inline void
count_ends(struct ends *ends, const char *at, size_t len)
{
	unsigned char fields = 0, rows = 0;

	for (size_t i = 0; i < len; i++) {
		fields = (unsigned char)(fields + (at[i] == DIALECT_FIELD_END));
		rows = (unsigned char)(rows + (at[i] == DIALECT_ROW_END));
	}
	ends->fields += fields;
	ends->rows += rows;
}

bool
pack_adds_up(const struct pack *p, size_t n, uint64_t rows)
{
	struct ends ends = { 0, 0 };
	const char *at = p->at;

	for (; p->end - at >= COUNTED; at += COUNTED)
		count_ends(&ends, at, COUNTED);
	count_ends(&ends, at, (size_t)(p->end - at));
	return ends.rows == rows && ends.fields == rows * (n - 1);
}

int
pack_take_fields(struct pack *p, const enum scalar_type *types, size_t n,
    struct value *row)
{
	for (size_t i = 0; i < n; i++) {
		char *end = memchr(p->at, i + 1 < n ? DIALECT_FIELD_END :
		    DIALECT_ROW_END, (size_t)(p->end - p->at));

		if (end == NULL)
			return -1;
		row[i].u.text = p->at;
		row[i].len = (size_t)(end - p->at);
		read_field(types[i], p->at, &row[i]);
		p->at = end + 1;
	}
	return 0;
}

/* ---- SQLite: what our function has made ---------------------------------- */

static int
take_number(struct pack *p, uint64_t *out)
{
	unsigned int shift = 0;

	*out = 0;
	for (; p->at < p->end && (*p->at & PACK_MORE) != 0; p->at++) {
		if (shift + PACK_BITS > 64)
			return -1;
		*out |= (uint64_t)(*p->at & (PACK_MORE - 1)) << shift;
		shift += PACK_BITS;
	}
	if (p->at == p->end || shift >= 64 ||
	    (*p->at & PACK_LAST) == 0)
		return -1;
	*out |= (uint64_t)(*p->at++ & (PACK_LAST - 1)) << shift;
	return 0;
}

static int
take_text(struct pack *p, enum scalar_type type, uint64_t len,
    struct value *v)
{
	if (len > (uint64_t)(p->end - p->at))
		return -1;
	v->kind = VALUE_TEXT;
	v->len = (size_t)len;
	v->u.text = p->at;
	column_read_text(type, p->at, v);
	p->at += len;
	return 0;
}

static int
take_piece(struct pack *p, enum scalar_type type, struct value *v)
{
	char letter = *p->at++;
	uint64_t n;

	if (letter == 'n') {
		v->kind = VALUE_NULL;
		return 0;
	}
	if (take_number(p, &n) != 0)
		return -1;
	switch (letter) {
	case 'i':
		v->kind = VALUE_INT;
		v->u.i = (int64_t)(n >> 1 ^ (0 - (n & 1)));
		return 0;
	case 'f':
		v->kind = VALUE_FLOAT;
		memcpy(&v->u.f, &n, sizeof(n));
		return 0;
	case 't':
		return take_text(p, type, n, v);
	default:
		return -1;
	}
}

int
pack_take_text(struct pack *p, const enum scalar_type *types, size_t n,
    struct value *row)
{
	for (size_t i = 0; i < n; i++)
		if (p->at == p->end || take_piece(p, types[i], &row[i]) != 0)
			return -1;
	return 0;
}
