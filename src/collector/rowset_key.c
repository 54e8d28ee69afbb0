/*
 * Keys of rows, and hash tables of rows by them.  A key is kept as bytes: for
 * each column its kind and its value, so that equal keys are equal bytes, of
 * one column or of many.  Numbers have one spelling here, whatever the types
 * of the two columns (1.50 and 1.5, 2.0 and 2); texts that only the database
 * knows to be equal are the matter of related.c.
 */
#include "collector/rowset.h"

#include <stdlib.h>
#include <string.h>

#include "model/json_out.h"

/* Doubles up to here are whole numbers of int64, each of its own. */
#define WHOLE_MAX 9007199254740992.0

/* A whole double equals the integer: one column may hold both. */
static struct value
canonical(const struct value *v)
{
	struct value whole = { .kind = VALUE_INT };

	if (v->kind != VALUE_FLOAT || !(v->u.f >= -WHOLE_MAX &&
	    v->u.f <= WHOLE_MAX) || v->u.f != (double)(int64_t)v->u.f)
		return *v;
	whole.u.i = (int64_t)v->u.f;
	return whole;
}

static int
put_key_value(struct buf *out, const struct value *given)
{
	const struct value v = canonical(given);
	char kind = (char)v.kind;
	bool run = v.kind == VALUE_TEXT || v.kind == VALUE_BYTES;

	if (buf_putc(out, kind) != 0)
		return -1;
	if (!run)
		return buf_put(out, &v.u, sizeof(v.u));
	if (buf_put(out, &v.len, sizeof(v.len)) != 0)
		return -1;
	return buf_put(out, v.u.text, v.len);
}

/* As JSON has it, where each Decimal has one text, without the quotes. */
static int
put_key_decimal(struct buf *out, const struct schema_field *f,
    const struct value *given)
{
	struct value v = { .kind = VALUE_TEXT };
	struct buf json;
	int r = -1;

	buf_init(&json, 0);
	switch (json_put_value(&json, f, given)) {
	case JSON_PUT_DONE:
		v.u.text = json.data + 1;
		v.len = json.len - 2;
		r = put_key_value(out, &v);
		break;
	case JSON_PUT_MISFIT:
		r = put_key_value(out, given);
		break;
	case JSON_PUT_FULL:
		break;
	}
	buf_fini(&json);
	return r;
}

int
rowset_put_key(struct buf *out, const struct rowset_columns *key,
    const struct value *row, struct rowset_span *span)
{
	span->at = out->len;
	span->len = 0;
	for (size_t i = 0; i < key->n; i++)
		if (row[key->at[i]].kind == VALUE_NULL)
			return 0;
	for (size_t i = 0; i < key->n; i++) {
		const struct schema_field *f = key->fields[key->at[i]];
		const struct value *v = &row[key->at[i]];

		if ((f->type == SCALAR_DECIMAL ? put_key_decimal(out, f, v) :
		    put_key_value(out, v)) != 0)
			return -1;
	}
	span->len = out->len - span->at;
	return 0;
}

static const struct rowset_span *
key_of(const struct rowset *rs, size_t i, size_t which)
{
	return &rs->keys[i * (1 + rs->node->nchildren) + which];
}

bool
rowset_has_key(const struct rowset *rs, size_t i, size_t j)
{
	return key_of(rs, i, 1 + j)->len > 0;
}

void
rowset_key(const struct rowset *rs, size_t i, size_t j, struct value *out)
{
	const struct rowset_span *key = key_of(rs, i, 1 + j);
	const char *p = rs->bytes.data + key->at, *end = p + key->len;

	for (; p < end; out++) {
		out->kind = (enum value_kind)*p++;
		if (out->kind == VALUE_TEXT || out->kind == VALUE_BYTES) {
			memcpy(&out->len, p, sizeof(out->len));
			out->u.text = p + sizeof(out->len);
			p = out->u.text + out->len;
		} else {
			memcpy(&out->u, p, sizeof(out->u));
			p += sizeof(out->u);
		}
	}
}

int
rowset_key_is(const struct rowset *rs, size_t i, size_t j,
    const struct rowset_columns *key, const struct value *row)
{
	const struct rowset_span *have = key_of(rs, i, 1 + j);
	struct rowset_span span;
	struct buf b;
	int r = -1;

	buf_init(&b, 0);
	if (rowset_put_key(&b, key, row, &span) == 0)
		r = span.len == have->len && memcmp(b.data,
		    rs->bytes.data + have->at, span.len) == 0;
	buf_fini(&b);
	return r;
}

/* A product's high bits depend on all of its factors; low ones are used. */
static uint64_t
mix(uint64_t h, const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

/* By words, of which the last two overlap: the shortest key has nine bytes. */
static size_t
hash(const char *p, size_t len)
{
	uint64_t h = len;

	for (size_t at = 0; at + sizeof(h) < len; at += sizeof(h))
		h = mix(h, p + at);
	return (size_t)mix(h, p + len - sizeof(h));
}

int
rowset_index_empty(struct rowset_index *index, size_t rows)
{
	size_t n = 16;

	while (n < rows * 2)
		n *= 2;
	if (n > index->nslots) {
		uint32_t *slots = realloc(index->slots, n * sizeof(*slots));

		if (slots == NULL)
			return -1;
		index->slots = slots;
		index->nslots = n;
	}
	rowset_index_clear(index);
	return 0;
}

void
rowset_index_clear(struct rowset_index *index)
{
	if (index->nslots > 0)
		memset(index->slots, 0xff,
		    index->nslots * sizeof(*index->slots));
}

/* The slot of the key: it holds NONE, or the first row that has it. */
static uint32_t *
slot_of(const struct rowset_index *index, const struct rowset *rs,
    size_t which, const char *key, size_t len)
{
	size_t mask = index->nslots - 1;

	for (size_t s = hash(key, len) & mask;; s = (s + 1) & mask) {
		uint32_t row = index->slots[s];
		const struct rowset_span *k;

		if (row == ROWSET_NONE)
			return &index->slots[s];
		k = key_of(rs, row, which);
		if (k->len == len &&
		    memcmp(rs->bytes.data + k->at, key, len) == 0)
			return &index->slots[s];
	}
}

int
rowset_index_own(struct rowset *rs)
{
	if (rowset_index_empty(&rs->index, rs->n) != 0)
		return -1;
	for (uint32_t i = 0; i < rs->n; i++) {
		const struct rowset_span *k = key_of(rs, i, 0);
		uint32_t *slot = slot_of(&rs->index, rs, 0,
		    rs->bytes.data + k->at, k->len), first = *slot;

		rs->rows[i].next = ROWSET_NONE;
		rs->rows[i].last = i;
		if (first == ROWSET_NONE) {
			*slot = i;
		} else {
			rs->rows[rs->rows[first].last].next = i;
			rs->rows[first].last = i;
		}
	}
	return 0;
}

uint32_t
rowset_find(const struct rowset *rs, size_t i, size_t j)
{
	const struct rowset_span *k = key_of(rs, i, 1 + j);
	const struct rowset *child = &rs->children[j];

	if (k->len == 0 || child->index.nslots == 0)
		return ROWSET_NONE;
	return *slot_of(&child->index, child, 0, rs->bytes.data + k->at,
	    k->len);
}

bool
rowset_is_first(const struct rowset *rs, struct rowset_index *seen, size_t i,
    size_t j)
{
	const struct rowset_span *k = key_of(rs, i, 1 + j);
	uint32_t *slot;

	if (k->len == 0)
		return false;
	slot = slot_of(seen, rs, 1 + j, rs->bytes.data + k->at, k->len);
	if (*slot != ROWSET_NONE)
		return false;
	*slot = (uint32_t)i;
	return true;
}

bool
rowset_is_asked(const struct rowset *rs, const struct rowset_index *asked,
    size_t j)
{
	const struct rowset *child = &rs->children[j];
	const struct rowset_span *k = key_of(child, child->n - 1, 0);

	return *slot_of(asked, rs, 1 + j, child->bytes.data + k->at, k->len) !=
	    ROWSET_NONE;
}

int
rowset_adopt(struct rowset *rs, size_t i, size_t j)
{
	struct rowset *child = &rs->children[j];
	const struct rowset_span *k = key_of(rs, i, 1 + j);
	struct rowset_span *own =
	    &child->keys[(child->n - 1) * (1 + child->node->nchildren)];
	const char *bytes = rs->bytes.data + k->at;

	if (own->len == k->len &&
	    memcmp(child->bytes.data + own->at, bytes, k->len) == 0)
		return 0;
	own->at = child->bytes.len;
	own->len = k->len;
	return buf_put(&child->bytes, bytes, k->len);
}
