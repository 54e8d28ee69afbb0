/*
 * The paths that every row and every request take, each as often as is asked,
 * for tests/instructions to count:
 *
 *	tests/hot OPERATION TIMES
 *	tests/hot list
 *
 * Only public functions of the rooms are called, so that what is counted is
 * what the gateway runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/pack.h"
#include "model/json_out.h"
#include "model/plan.h"
#include "model/schema.h"
#include "model/sql.h"
#include "proto/eio.h"
#include "proto/sio.h"
#include "proto/ws.h"

#define OUT_MAX ((size_t)64 * 1024)
#define COLUMNS_MAX 32
#define DEPTH 64

static const char schema_text[] =
    "datasource db {\n"
    "  provider = \"postgresql\"\n"
    "}\n"
    "enum Rank {\n"
    "  LOW\n"
    "  TOP\n"
    "}\n"
    "model Thing {\n"
    "  id Int @id\n"
    "  name String\n"
    "  remark String?\n"
    "  nothing String?\n"
    "  big BigInt?\n"
    "  weight Float?\n"
    "  price Decimal?\n"
    "  made DateTime?\n"
    "  fit Boolean\n"
    "  rank Rank?\n"
    "  extra Json?\n"
    "  image Bytes?\n"
    "  ownerId Int?\n"
    "  owner Owner? @relation(fields: [ownerId], references: [id])\n"
    "}\n"
    "model Owner {\n"
    "  id Int @id\n"
    "  name String\n"
    "  things Thing[]\n"
    "}\n";

static const struct { const char *field, *text; } texts[] = {
	{ "name", "Dalpuri, the first of its kind" },
	{ "remark", "A text of some length, with a \"quoted\" word, a line's\n"
	    "end, and letters from elsewhere: gr\xc3\xb6\xc3\x9f" "er." },
	{ "price", "12345.6700" },
	{ "rank", "TOP" },
	{ "extra", "{\"a\":[1,2,3]}" },
	{ "image", "\x89PNG\r\n\x1a\n and so on" },
};

static const char small[] = "{\"select\":[\"id\",\"name\",\"made\"]}";
static const char large[] = "{\"select\":{\"id\":true,\"name\":true,"
    "\"owner\":{\"select\":{\"name\":true}}},\"where\":{\"price\":{\"gte\":"
    "\"10.50\"},\"OR\":[{\"name\":{\"contains\":\"x\"}},{\"fit\":true}]},"
    "\"orderBy\":[{\"made\":\"desc\"},{\"id\":\"asc\"}],\"take\":50}";

static struct schema *schema;
static struct collector collector = { .name = "fetchThings" };
static struct buf out;

static void
die(const char *what)
{
	fprintf(stderr, "hot: %s\n", what);
	exit(1);
}

static void
fault(void *ctx, const char *line)
{
	(void)ctx;
	die(line);
}

static struct plan *
plan_of(const char *options)
{
	static const struct plan_limits limits = { DEPTH, 8 };
	struct err err = { 0 };
	struct plan *plan = plan_read(&collector, options, strlen(options),
	    &limits, &err);

	if (plan == NULL)
		die(err.text);
	return plan;
}

/* ---- rows ---------------------------------------------------------------- */

static struct value
text_value(const char *field)
{
	struct value v = { .kind = VALUE_NULL };
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (strcmp(texts[i].field, field) == 0) {
			v.kind = VALUE_TEXT;
			v.u.text = texts[i].text;
			v.len = strlen(texts[i].text);
		}
	return v;
}

/* What a driver would give for the field. */
static struct value
value_of(const struct schema_field *f)
{
	struct value v = { .kind = VALUE_INT };

	switch (f->type) {
	case SCALAR_INT:
		v.u.i = 4711;
		return v;
	case SCALAR_BIGINT:
		v.u.i = INT64_C(-9007199254740993);
		return v;
	case SCALAR_BOOLEAN:
		v.u.i = 1;
		return v;
	case SCALAR_DATETIME:
		v.u.i = INT64_C(1721044800123);
		return v;
	case SCALAR_FLOAT:
		v.kind = VALUE_FLOAT;
		v.u.f = 721.40625;
		return v;
	case SCALAR_BYTES:
		v = text_value(f->name);
		v.kind = VALUE_BYTES;
		return v;
	default:
		return text_value(f->name);
	}
}

static void
encode_rows(unsigned long times)
{
	struct plan *plan = plan_of("");
	const struct plan_node *node = plan->root;
	struct value row[COLUMNS_MAX];
	struct err err = { 0 };
	size_t i;

	if (node->ncolumns > COLUMNS_MAX)
		die("too many columns");
	for (i = 0; i < node->ncolumns; i++)
		row[i] = value_of(node->columns[i]);
	while (times-- > 0) {
		buf_clear(&out);
		if (json_put_scalars(&out, node, row, NULL, &err) !=
		    JSON_PUT_DONE)
			die(err.text);
	}
	plan_free(&plan);
}

/* One row as it comes packed, taken apart in place. */
static void
take_rows(pack_take_fn *take, const struct buf *packed, unsigned long times)
{
	static const enum scalar_type types[] = {
		SCALAR_INT, SCALAR_STRING, SCALAR_STRING, SCALAR_BIGINT,
		SCALAR_FLOAT, SCALAR_DECIMAL, SCALAR_BOOLEAN
	};
	const size_t n = sizeof(types) / sizeof(types[0]);
	struct value row[COLUMNS_MAX];
	struct pack p;

	while (times-- > 0) {
		buf_clear(&out);
		if (buf_put(&out, packed->data, packed->len) != 0)
			die("out of memory");
		p = (struct pack){ out.data, out.data + out.len };
		if (take(&p, types, n, row) != 0 || p.at != p.end)
			die("no row");
	}
}

static void
take_records(unsigned long times)
{
	static char text[] = "(4711,\"Dalpuri, the first of its kind\","
	    "\"a \"\"quoted\"\" word\",-9007199254740993,721.40625,"
	    "12345.6700,t)";
	const struct buf packed = { .data = text, .len = sizeof(text) - 1 };

	take_rows(pack_take_record, &packed, times);
}

static void
take_fields(unsigned long times)
{
	static char text[] = "4711\26" "Dalpuri, the first of its kind\26"
	    "a \"quoted\" word\26" "-9007199254740993\26" "721.40625\26"
	    "12345.6700\26" "t\27";
	const struct buf packed = { .data = text, .len = sizeof(text) - 1 };

	take_rows(pack_take_fields, &packed, times);
}

static void
take_pieces(unsigned long times)
{
	static const char name[] = "Dalpuri, the first of its kind";
	static const char remark[] = "a \"quoted\" word";
	struct buf packed;

	buf_init(&packed, 0);
	if (pack_put_int(&packed, 4711) != 0 ||
	    pack_put_text(&packed, name, sizeof(name) - 1) != 0 ||
	    pack_put_text(&packed, remark, sizeof(remark) - 1) != 0 ||
	    pack_put_int(&packed, INT64_C(-9007199254740993)) != 0 ||
	    pack_put_float(&packed, 721.40625) != 0 ||
	    pack_put_text(&packed, "12345.6700", 10) != 0 ||
	    pack_put_int(&packed, 1) != 0)
		die("out of memory");
	take_rows(pack_take_text, &packed, times);
	buf_fini(&packed);
}

/* ---- packets ------------------------------------------------------------- */

/* A request as a client sends it, masked, in one frame. */
static void
decode_packets(unsigned long times)
{
	static const char text[] = "42137[\"fetchThings\",{\"select\":"
	    "[\"id\",\"name\",\"made\"]}]";
	static const unsigned char mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
	size_t i, n = sizeof(text) - 1, size = n + 6;
	struct ws_reader reader;
	struct ws_message message;
	struct eio_packet packet;
	struct sio_packet sio;
	struct sio_event event;
	char frame[128], wire[128];

	frame[0] = (char)(0x80 | WS_TEXT);
	frame[1] = (char)(0x80 | n);
	memcpy(frame + 2, mask, sizeof(mask));
	for (i = 0; i < n; i++)
		frame[6 + i] = (char)(text[i] ^ mask[i % 4]);
	ws_reader_init(&reader, 1000000, false);
	while (times-- > 0) {
		memcpy(wire, frame, size);
		if (ws_read(&reader, wire, size, &message) != PARSE_DONE ||
		    message.event != WS_EVENT_TEXT)
			die("no message");
		if (eio_packet_read(message.data, message.len, &packet) != 0 ||
		    sio_packet_read(packet.data.p, packet.data.len, DEPTH,
		    &sio) != 0 || sio_event_read(&sio.json, &event) != 0)
			die("no event");
	}
	ws_reader_fini(&reader);
}

static void
write_heads(unsigned long times)
{
	char head[WS_HEAD_MAX];

	while (times-- > 0) {
		buf_clear(&out);
		if (sio_head_put(&out, SIO_ACK, "/", 137, 0) != 0 ||
		    buf_put(&out, head, ws_frame_head(head, WS_TEXT, true,
		    1500 + times % 2)) != 0)
			die("no head");
	}
}

/* ---- requests ------------------------------------------------------------ */

static void
plan_requests(const char *options, unsigned long times)
{
	const struct dialect *d = dialect_by_id(DIALECT_POSTGRESQL);
	struct err err = { 0 };
	struct plan *plan;
	struct sql sql;

	sql_init(&sql);
	while (times-- > 0) {
		struct sql_rows rows = { .limit = PLAN_ALL };

		plan = plan_of(options);
		rows.node = plan->root;
		sql_clear(&sql);
		if (sql_rows(&sql, &rows, d, &err) != 0)
			die(err.text);
		plan_free(&plan);
	}
	sql_fini(&sql);
}

static void
plan_small(unsigned long times)
{
	plan_requests(small, times);
}

static void
plan_large(unsigned long times)
{
	plan_requests(large, times);
}

static const struct {
	const char *name;
	void (*run)(unsigned long times);
} operations[] = {
	{ "encode-row", encode_rows },
	{ "take-record", take_records },
	{ "take-fields", take_fields },
	{ "take-pieces", take_pieces },
	{ "decode-packet", decode_packets },
	{ "plan-small-request", plan_small },
	{ "plan-large-request", plan_large },
	{ "write-frame-head", write_heads },
};

#define OPERATIONS (sizeof(operations) / sizeof(*operations))

int
main(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc == 2 && i < OPERATIONS; i++)
		puts(operations[i].name);
	if (argc == 2)
		return 0;
	if (argc != 3)
		die("usage: hot OPERATION TIMES, or hot list");
	schema = schema_read("schema", schema_text, strlen(schema_text), fault,
	    NULL);
	if (schema == NULL)
		die("no schema");
	collector.model = schema_model(schema, "Thing", strlen("Thing"));
	buf_init(&out, OUT_MAX);
	for (i = 0; i < OPERATIONS; i++)
		if (strcmp(operations[i].name, argv[1]) == 0) {
			operations[i].run(strtoul(argv[2], NULL, 10));
			buf_fini(&out);
			schema_free(&schema);
			return 0;
		}
	die("no such operation");
}
