/*
 * Values by type, with the edges of each type strewn in, and foreign keys
 * that find their rows.
 */
#include "tool/demodb_value.h"

#include <string.h>

#include "base/utf8.h"
#include "model/json_time.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* Foreign keys that are part of referenced keys: no real schema goes on. */
enum { HOPS_MAX = 8 };
/*
 * Rows of a table with a value for a Bytes field.  An answer may carry ten
 * attachments, and each such row is pointed at by few others.
 */
enum { BLOBS = 2, BLOB_USERS = 3 };
/* Fewer would leave relations without a row. */
enum { ROWS_MIN = 8 };
/* One in this many values of an optional field is NULL. */
enum { NULLS = 6 };
/* One in this many numbers or moments is an edge of its type. */
enum { EDGES = 24 };

#define DAY_MS INT64_C(86400000)

/* Where a value is asked for. */
struct place {
	const struct schema_model *m;
	const struct schema_field *f;
	size_t row, scale;
	int hops;
};

/* The tables that the demo is about, in percent of the scale. */
static const struct {
	const char *model;
	size_t percent;
} sizes[] = {
	{ "Company", 100 },
	{ "CompanyAddress", 150 },
	{ "Contact", 134 },
	{ "ItemVendor", 400 },
	{ "Member", 34 },
	{ "ProductCatalog", 500 },
	{ "ProductInventory", 600 },
	{ "ProductManufacturer", 20 },
	{ "ProductSubcategory", 20 },
	{ "SoOpportunity", 167 },
};

size_t
demodb_rows(const struct schema_model *m, size_t scale)
{
	size_t percent = 5, n;	/* a list to choose from */

	for (size_t i = 0; i < m->nrelations; i++)
		if (m->relations[i].holds_key)
			percent = 50;
	for (size_t i = 0; i < COUNT(sizes); i++)
		if (strcmp(m->name, sizes[i].model) == 0)
			percent = sizes[i].percent;
	n = scale * percent / 100;
	return n > ROWS_MIN ? n : ROWS_MIN;
}

/* Steele and Vigna's splitmix64: one multiplication chain a number. */
static uint64_t
next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void
stir(struct demodb_dice *d, const char *text)
{
	for (; *text != '\0'; text++) {
		d->state ^= (unsigned char)*text;
		next_random(&d->state);
	}
}

/* Dice that fall alike for the same field of the same row. */
static void
take_dice(struct demodb_dice *d, const struct schema_model *m,
    const char *member, size_t row)
{
	d->state = row;
	next_random(&d->state);
	stir(d, m->name);
	stir(d, member);
}

uint64_t
demodb_roll(struct demodb_dice *d, uint64_t n)
{
	return next_random(&d->state) % n;
}

static bool
has_blobs(const struct schema_model *m)
{
	for (size_t i = 0; i < m->nfields; i++)
		if (m->fields[i].type == SCALAR_BYTES)
			return true;
	return false;
}

/*
 * A model that points at itself is a forest: each row hangs below an earlier
 * one, but for the roots, which hang below themselves where they must.
 */
static bool
parent_row(const struct place *at, const struct schema_relation *r,
    struct demodb_dice *d, size_t *out)
{
	*out = at->row;
	if (at->row == 0 || (r->optional && at->row % 10 == 0))
		return !r->optional;
	*out = demodb_roll(d, at->row);
	return true;
}

/* The row of the target that this row points at; false = none. */
static bool
target_row(const struct place *at, const struct schema_relation *r,
    size_t *out)
{
	bool blobs = r->target != at->m && has_blobs(r->target);
	size_t n = demodb_rows(r->target, at->scale);
	struct demodb_dice d;

	take_dice(&d, at->m, r->name, at->row);
	if (blobs && at->row < BLOB_USERS) {
		*out = n - 1 - at->row % BLOBS;
		return true;
	}
	if (r->optional && demodb_roll(&d, NULLS) == 0)
		return false;
	if (r->target == at->m)
		return parent_row(at, r, &d, out);
	if (!r->opposite->list) {	/* one to one */
		*out = at->row;
		return at->row < n;
	}
	*out = demodb_roll(&d, blobs ? n - BLOBS : n);
	return true;
}

static bool
is_key_of(const struct schema_key *key, const struct schema_field *f,
    size_t *place_out)
{
	for (size_t i = 0; i < key->n; i++) {
		*place_out = i;
		if (key->fields[i] == f)
			return true;
	}
	return false;
}

/* The relation that the field is a foreign key of, and which part. */
static const struct schema_relation *
relation_of(const struct place *at, size_t *part_out)
{
	for (size_t i = 0; i < at->m->nrelations; i++) {
		const struct schema_relation *r = &at->m->relations[i];

		if (r->holds_key && is_key_of(&r->from, at->f, part_out))
			return r;
	}
	return NULL;
}

static bool
is_unique(const struct place *at)
{
	size_t part;

	for (size_t i = 0; i < at->m->nuniques; i++)
		if (is_key_of(&at->m->uniques[i], at->f, &part))
			return true;
	return false;
}

static void
set_int(struct value *out, int64_t i)
{
	*out = (struct value){ .kind = VALUE_INT, .u.i = i };
}

static int64_t
one_of(struct demodb_dice *d, const int64_t *list, size_t n)
{
	return list[demodb_roll(d, n)];
}

static void
make_int(const struct schema_field *f, struct demodb_dice *d,
    struct value *out)
{
	static const int64_t edges[] = {
		0, -1, INT32_MAX, INT32_MIN, 65536, 99999999
	};
	bool small = f->native != NULL && (strcmp(f->native, "TinyInt") == 0 ||
	    strcmp(f->native, "SmallInt") == 0);

	if (!small && demodb_roll(d, EDGES) == 0)
		set_int(out, one_of(d, edges, COUNT(edges)));
	else
		set_int(out, (int64_t)demodb_roll(d, 250));
}

static void
make_bigint(struct demodb_dice *d, struct value *out)
{
	static const int64_t edges[] = {
		0, -1, INT64_MAX, INT64_MIN, INT64_C(9007199254740993),
		-INT64_C(9007199254740993), INT64_C(4294967296)
	};

	if (demodb_roll(d, 4) == 0)
		set_int(out, one_of(d, edges, COUNT(edges)));
	else
		set_int(out, (int64_t)demodb_roll(d, INT64_C(1000000000000)));
}

static void
make_float(struct demodb_dice *d, struct value *out)
{
	static const double edges[] = {
		0.0, -0.0, 0.1 + 0.2, 1e21, 1e-7, 5e-324, 395.140625, -1.5,
		1.7976931348623157e308, 123456789.125
	};
	double v = demodb_roll(d, EDGES) == 0 ?
	    edges[demodb_roll(d, COUNT(edges))] :
	    (double)demodb_roll(d, 100000) / 100;

	*out = (struct value){ .kind = VALUE_FLOAT, .u.f = v };
}

/* Money: cents by default, at most 15 digits, which SQLite keeps exactly. */
static int
make_decimal(const struct schema_field *f, struct demodb_dice *d,
    struct buf *scratch)
{
	static const int64_t edges[] = {
		0, 1, -1, 100, -50, 999999, 99999999, -99999999, 5,
		1234567890123
	};
	int scale = f->native_args[1] > 0 ? f->native_args[1] : 2;
	int digits = scale > 4 ? 4 : scale;
	uint64_t unit = 1;
	int64_t v;
	uint64_t a;

	for (int i = 0; i < digits; i++)
		unit *= 10;
	v = demodb_roll(d, EDGES) == 0 ? one_of(d, edges, COUNT(edges)) :
	    (int64_t)(demodb_roll(d, 20000) * unit + demodb_roll(d, unit));
	a = (uint64_t)(v < 0 ? -v : v);
	return buf_printf(scratch, "%s%llu.%0*llu", v < 0 ? "-" : "",
	    (unsigned long long)(a / unit), digits,
	    (unsigned long long)(a % unit));
}

/* As Prisma writes it on SQLite: text with an offset, or milliseconds. */
static int
make_moment(const struct schema_field *f, struct demodb_dice *d,
    struct buf *scratch, struct value *out)
{
	static const int64_t edges[] = {
		0, -1, INT64_C(-62135596800000), INT64_C(253402300799997),
		INT64_C(-2209161600000), INT64_C(951868799999),
		INT64_C(-6847804800000), INT64_C(2147483648000)
	};
	int64_t ms = INT64_C(946684800000) +
	    (int64_t)demodb_roll(d, UINT64_C(820454400000));
	char text[JSON_TIME_LEN];

	if (demodb_roll(d, EDGES) == 0)
		ms = one_of(d, edges, COUNT(edges));
	if (f->native != NULL && strcmp(f->native, "Date") == 0)
		ms -= (ms % DAY_MS + DAY_MS) % DAY_MS;
	if (demodb_roll(d, EDGES) == 0) {
		set_int(out, ms);
		return 0;
	}
	if (json_time_ms(text, ms) == 0)
		return -1;
	/* The Z becomes an offset. */
	return buf_printf(scratch, "%.*s+00:00", JSON_TIME_LEN - 1, text);
}

static int
make_json(struct demodb_dice *d, struct buf *scratch)
{
	return buf_printf(scratch, "{\"level\": %d, \"tags\": [\"a\", "
	    "\"\u00e9\"], \"on\": %s, \"none\": null}",
	    (int)demodb_roll(d, 10), demodb_roll(d, 2) ? "true" : "false");
}

static int
make_bytes(struct demodb_dice *d, struct buf *scratch)
{
	for (uint64_t n = demodb_roll(d, 600); n > 0; n--)
		if (buf_putc(scratch, (char)demodb_roll(d, 256)) != 0)
			return -1;
	return 0;
}

/* The most characters of a text; 0 = any number. */
static size_t
text_max(const struct schema_field *f)
{
	return f->native != NULL && strcasestr(f->native, "char") != NULL &&
	    f->native_args[0] > 0 ? (size_t)f->native_args[0] : 0;
}

/* Bytes of the first max characters. */
static size_t
text_len(const struct buf *text, size_t max)
{
	size_t len = 0;

	if (max == 0)
		return text->len;
	for (; max > 0 && len < text->len; max--)
		len += utf8_step(text->data + len, text->len - len);
	return len;
}

static int
make_text(const struct place *at, size_t serial, struct demodb_dice *d,
    struct buf *scratch)
{
	static const char uuid[] = "Uuid", guid[] = "UniqueIdentifier";
	const struct schema_field *f = at->f;
	struct schema_field as_guid = { .name = "guid" };

	if (f->native != NULL && (strcmp(f->native, uuid) == 0 ||
	    strcmp(f->native, guid) == 0))
		return demodb_text(scratch, &as_guid, 0, 0, d);
	return demodb_text(scratch, f, text_max(f), serial, d);
}

/* Which rows have no value. */
static bool
is_null(const struct place *at, struct demodb_dice *d)
{
	size_t n = demodb_rows(at->m, at->scale);

	if (at->f->list)	/* SQLite has none */
		return true;
	if (!at->f->optional)
		return false;
	if (at->f->type == SCALAR_UNSUPPORTED)
		return true;
	if (at->f->type == SCALAR_BYTES)
		return at->row + BLOBS < n;
	return demodb_roll(d, NULLS) == 0;
}

static int
make_value(const struct place *at, struct demodb_dice *d,
    struct buf *scratch, struct value *out)
{
	const struct schema_field *f = at->f;
	size_t serial = is_unique(at) ? at->row + 1 : 0;

	switch (f->type) {
	case SCALAR_INT:
	case SCALAR_BIGINT:
		if (serial > 0)
			set_int(out, (int64_t)serial);
		else if (f->type == SCALAR_INT)
			make_int(f, d, out);
		else
			make_bigint(d, out);
		return 0;
	case SCALAR_BOOLEAN:
		set_int(out, (int64_t)demodb_roll(d, 2));
		return 0;
	case SCALAR_FLOAT:
		make_float(d, out);
		return 0;
	case SCALAR_DECIMAL:
		return make_decimal(f, d, scratch);
	case SCALAR_DATETIME:
		return make_moment(f, d, scratch, out);
	case SCALAR_JSON:
		return make_json(d, scratch);
	case SCALAR_BYTES:
		out->kind = VALUE_BYTES;
		return make_bytes(d, scratch);
	case SCALAR_ENUM:
		return buf_puts(scratch, f->enumeration->columns[
		    demodb_roll(d, f->enumeration->nvalues)]);
	case SCALAR_STRING:
	case SCALAR_UNSUPPORTED:
	case SCALAR_TYPES:
		break;
	}
	return make_text(at, serial, d, scratch);
}

static int
value_at(struct place *at, struct buf *scratch, struct value *out)
{
	const struct schema_relation *r;
	struct demodb_dice d;
	size_t part, row;

	r = at->hops < HOPS_MAX ? relation_of(at, &part) : NULL;
	if (r != NULL) {
		if (!target_row(at, r, &row))
			return 0;
		at->m = r->target;
		at->f = r->to.fields[part];
		at->row = row;
		at->hops++;
		return value_at(at, scratch, out);
	}
	take_dice(&d, at->m, at->f->name, at->row);
	if (is_null(at, &d))
		return 0;
	out->kind = VALUE_TEXT;		/* unless it becomes something else */
	if (make_value(at, &d, scratch, out) != 0)
		return -1;
	if (out->kind == VALUE_TEXT || out->kind == VALUE_BYTES) {
		out->u.text = scratch->len > 0 ? scratch->data : "";
		out->len = out->kind == VALUE_BYTES ? scratch->len :
		    text_len(scratch, text_max(at->f));
	}
	return 0;
}

int
demodb_value(const struct schema_model *m, const struct schema_field *f,
    size_t row, size_t scale, struct buf *scratch, struct value *out)
{
	struct place at = { .m = m, .f = f, .row = row, .scale = scale };

	buf_clear(scratch);
	*out = (struct value){ .kind = VALUE_NULL };
	return value_at(&at, scratch, out);
}
