/*
 * Views: each role gets exactly the rows with its bit, what was encoded is
 * what is decoded, and anything else is refused.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/conf_table.h"
#include "unit.h"

#define SCHEMA_TEXT "model Marked { id Int @id }"
#define COLLECTOR_TEXT "model = Marked"
#define BUNDLE_TEXT "/* marked */ io()"
/* Bytes in front of the rows: what it is and whose. */
#define VIEW_HEAD 8

static const enum conf_role roles[] = {
	CONF_MASTER, CONF_WORKER, CONF_COLLECTOR
};

/* A text that can be found among the bytes of a view. */
static void
mark(const struct conf_row *row, char out[CONF_ROW_NAME_MAX + 8])
{
	char name[CONF_ROW_NAME_MAX];

	conf_row_name(row, name);
	snprintf(out, CONF_ROW_NAME_MAX + 8, "<%s>", name);
}

static int64_t
number_of(const struct conf_row *row)
{
	return INT64_C(0x1122334455000000) + (row - conf_table);
}

/* Give every row of base a value of its own. */
static void
fill(void *base, bool key)
{
	char text[CONF_ROW_NAME_MAX + 8];

	for (size_t i = 0; i < conf_table_rows; i++) {
		const struct conf_row *row = &conf_table[i];

		if (conf_row_of_key(row) != key)
			continue;
		mark(row, text);
		if (row->kind == CONF_LIST) {
			ck_assert_int_eq(conf_list_add(conf_list_at(row, base),
			    text), 0);
		} else if (row->kind == CONF_STRING ||
		    row->kind == CONF_PATH) {
			free(*conf_string_at(row, base));
			*conf_string_at(row, base) = strdup(text);
		} else {
			*conf_number_at(row, base) = number_of(row);
		}
	}
}

static struct conf_file
make_file(const char *name, const char *text)
{
	return (struct conf_file){ .name = strdup(name),
	    .path = strdup("<path>"), .text = strdup(text),
	    .len = strlen(text) };
}

static void
make(struct conf *c)
{
	ck_assert_int_eq(conf_init(c), 0);
	c->file = strdup("<file>");
	c->lines[0] = 4711;
	fill(c, false);
	c->database.folder = strdup("<folder>");
	c->keys = calloc(1, sizeof(*c->keys));
	c->nkeys = 1;
	c->keys[0].name = strdup("<key name>");
	fill(&c->keys[0], true);
	c->schema = make_file("schema.prisma", SCHEMA_TEXT);
	c->collectors = calloc(2, sizeof(*c->collectors));
	c->ncollectors = 2;
	c->greets = true;
	c->collectors[0] = make_file("fetchMarked", COLLECTOR_TEXT);
	c->collectors[0].coalesce = true;
	c->collectors[1] = (struct conf_file){ .name = strdup("fetchFaulty"),
	    .path = strdup("<path>"), .refused = true };
	c->bundle = calloc(1, sizeof(*c->bundle));
	c->nbundle = 1;
	c->bundle[0] = make_file("socket.io.js", BUNDLE_TEXT);
}

static void
encode(enum conf_role role, struct buf *out)
{
	struct conf c;

	make(&c);
	buf_init(out, 0);
	ck_assert_int_eq(conf_view_put(&c, role, out), 0);
	conf_fini(&c);
}

static bool
contains(const struct buf *b, const void *what, size_t len)
{
	return memmem(b->data, b->len, what, len) != NULL;
}

static bool
contains_text(const struct buf *b, const char *text)
{
	return contains(b, text, strlen(text));
}

static bool
contains_row(const struct buf *b, const struct conf_row *row)
{
	char text[CONF_ROW_NAME_MAX + 8];
	unsigned char bytes[8];
	uint64_t v = (uint64_t)number_of(row);

	for (size_t i = 0; i < sizeof(bytes); i++, v >>= 8)
		bytes[i] = (unsigned char)v;
	mark(row, text);
	return row->kind <= CONF_LIST ? contains_text(b, text) :
	    contains(b, bytes, sizeof(bytes));
}

START_TEST(knows_exactly)
{
	enum conf_role role = roles[_i];
	struct buf b;

	encode(role, &b);
	for (size_t i = 0; i < conf_table_rows; i++) {
		const struct conf_row *row = &conf_table[i];
		/* No key at all goes to the collectors. */
		bool may = (row->roles & role) != 0 &&
		    !(role == CONF_COLLECTOR && conf_row_of_key(row));

		ck_assert_msg(contains_row(&b, row) == may,
		    "%s.%s: role %d %s it", row->section, row->key,
		    (int)role, may ? "lacks" : "knows");
	}
	ck_assert_int_eq(contains_text(&b, "<key name>"),
	    role != CONF_COLLECTOR);
	ck_assert_int_eq(contains_text(&b, SCHEMA_TEXT),
	    role == CONF_COLLECTOR);
	ck_assert_int_eq(contains_text(&b, COLLECTOR_TEXT),
	    role == CONF_COLLECTOR);
	ck_assert_int_eq(contains_text(&b, "<folder>"),
	    role == CONF_COLLECTOR);
	ck_assert_int_eq(contains_text(&b, "<file>"), role == CONF_MASTER);
	ck_assert_int_eq(contains_text(&b, "fetchMarked"),
	    role != CONF_MASTER);
	ck_assert_int_eq(contains_text(&b, BUNDLE_TEXT), role == CONF_MASTER);
	buf_fini(&b);
}
END_TEST

/* The law, whatever the table says: secrets have one home each. */
START_TEST(secrets_have_one_home)
{
	for (size_t i = 0; i < conf_table_rows; i++)
		if (conf_table[i].secret)
			ck_assert(conf_table[i].roles == CONF_MASTER ||
			    conf_table[i].roles == CONF_COLLECTOR);
}
END_TEST

START_TEST(decodes_what_was_encoded)
{
	struct buf b, again;
	struct conf c;

	encode(roles[_i], &b);
	ck_assert_int_eq(conf_view_get(&c, b.data, b.len, NULL), 0);
	buf_init(&again, 0);
	ck_assert_uint_eq(conf_line(&c, (const char *)&c +
	    conf_table[0].offset), roles[_i] == CONF_MASTER ? 4711 : 0);
	ck_assert_int_eq(conf_view_put(&c, roles[_i], &again), 0);
	ck_assert_uint_eq(again.len, b.len);
	ck_assert_mem_eq(again.data, b.data, b.len);
	conf_fini(&c);
	buf_fini(&again);
	buf_fini(&b);
}
END_TEST

START_TEST(decodes_values)
{
	struct buf b;
	struct conf c;

	encode(CONF_WORKER, &b);
	ck_assert_int_eq(conf_view_get(&c, b.data, b.len, NULL), 0);
	ck_assert_str_eq(c.socketio.namespaces.v[1], "<socketio.namespaces>");
	ck_assert_uint_eq(c.ncollectors, 2);
	ck_assert(c.greets);
	ck_assert(!c.collectors[0].refused);
	ck_assert_str_eq(c.collectors[1].name, "fetchFaulty");
	ck_assert(c.collectors[1].refused);
	ck_assert_ptr_null(c.database.url);
	ck_assert_ptr_null(c.user);
	ck_assert_uint_eq(c.nkeys, 1);
	ck_assert_ptr_null(c.keys[0].psk);
	ck_assert(conf_list_has(&c.keys[0].allow, "<key.allow>"));
	ck_assert_ptr_eq(conf_key_by_name(&c, "<key name>"), &c.keys[0]);
	ck_assert_ptr_null(conf_key_by_name(&c, "other"));
	ck_assert_ptr_null(c.collectors[0].text);
	ck_assert_str_eq(c.collectors[0].name, "fetchMarked");
	ck_assert(c.collectors[0].coalesce && !c.collectors[1].coalesce);
	conf_fini(&c);
	buf_fini(&b);
}
END_TEST

/* Cut anywhere, with a byte more, or of nobody's: refused. */
START_TEST(refuses_garbage)
{
	struct buf b;
	struct conf c;
	struct err err;

	encode(roles[_i], &b);
	for (size_t len = 0; len < b.len; len++) {
		char *cut = malloc(len + 1);

		memcpy(cut, b.data, len);
		ck_assert_int_eq(conf_view_get(&c, cut, len, &err), -1);
		ck_assert_ptr_null(c.keys);
		free(cut);
	}
	ck_assert_int_eq(buf_putc(&b, '\0'), 0);
	ck_assert_int_eq(conf_view_get(&c, b.data, b.len, &err), -1);
	b.data[4] = 3;
	ck_assert_int_eq(conf_view_get(&c, b.data, b.len - 1, &err), -1);
	buf_fini(&b);
}
END_TEST

/* Any byte changed: refused, or taken without harm. */
START_TEST(survives_changes)
{
	struct buf b;
	struct conf c;

	encode(roles[_i], &b);
	for (size_t i = 0; i < b.len; i++) {
		char was = b.data[i];

		b.data[i] = (char)(was ^ 0xff);
		if (conf_view_get(&c, b.data, b.len, NULL) == 0) {
			ck_assert_uint_ge(i, VIEW_HEAD);
			conf_fini(&c);
		}
		b.data[i] = was;
	}
	buf_fini(&b);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("conf_view");

	tcase_add_loop_test(tc, knows_exactly, 0, COUNT(roles));
	tcase_add_test(tc, secrets_have_one_home);
	tcase_add_loop_test(tc, decodes_what_was_encoded, 0, COUNT(roles));
	tcase_add_test(tc, decodes_values);
	tcase_add_loop_test(tc, refuses_garbage, 0, COUNT(roles));
	tcase_add_loop_test(tc, survives_changes, 0, COUNT(roles));
	return unit_run("conf_view", tc);
}
