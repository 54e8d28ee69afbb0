/*
 * demodb SCHEMA.prisma OUT.db [--rows N]
 *
 * Makes the demo database: a SQLite file with every table of a Prisma schema,
 * filled with the same values on every run (demodb_value.c).  The file
 * appears under its name when it is whole.
 */
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "model/schema.h"
#include "tool/demodb_value.h"

/* What --rows is without it: a full answer of any table stays handy. */
#define SCALE_DEFAULT 300
#define SCALE_MAX 10000000
#define SCHEMA_BYTES_MAX ((size_t)16 * 1024 * 1024)

struct demo {
	sqlite3 *db;
	size_t scale;
	struct buf sql;		/* the statement that is being written */
	struct buf scratch;	/* the text of one value */
	size_t total;		/* rows written */
};

static const char *const column_types[] = {
	[SCALAR_STRING] = "TEXT",
	[SCALAR_BOOLEAN] = "BOOLEAN",
	[SCALAR_INT] = "INTEGER",
	[SCALAR_BIGINT] = "BIGINT",
	[SCALAR_FLOAT] = "REAL",
	[SCALAR_DECIMAL] = "DECIMAL",
	[SCALAR_DATETIME] = "DATETIME",
	[SCALAR_JSON] = "TEXT",
	[SCALAR_BYTES] = "BLOB",
	[SCALAR_ENUM] = "TEXT",
	[SCALAR_UNSUPPORTED] = "TEXT",
};

static int
no_memory(void)
{
	fprintf(stderr, "demodb: out of memory\n");
	return -1;
}

static int
database_error(const struct demo *demo, const char *what)
{
	fprintf(stderr, "demodb: %s: %s\n", what, sqlite3_errmsg(demo->db));
	return -1;
}

static int
run(struct demo *demo, const char *sql)
{
	if (sqlite3_exec(demo->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return database_error(demo, sql);
	return 0;
}

static int
put_name(struct buf *out, const char *name)
{
	if (buf_putc(out, '"') != 0)
		return -1;
	for (; *name != '\0'; name++)
		if (buf_putc(out, *name) != 0 ||
		    (*name == '"' && buf_putc(out, '"') != 0))
			return -1;
	return buf_putc(out, '"');
}

/* ("a", "b") behind what. */
static int
put_key(struct buf *out, const char *what, const struct schema_key *key)
{
	if (buf_puts(out, what) != 0)
		return -1;
	for (size_t i = 0; i < key->n; i++)
		if (buf_puts(out, i == 0 ? " (" : ", ") != 0 ||
		    put_name(out, key->fields[i]->column) != 0)
			return -1;
	return buf_putc(out, ')');
}

static int
put_column(struct buf *out, const struct schema_field *f)
{
	if (put_name(out, f->column) != 0 ||
	    buf_printf(out, " %s", column_types[f->type]) != 0)
		return -1;
	return f->optional || f->list ? 0 : buf_puts(out, " NOT NULL");
}

static bool
same_key(const struct schema_key *a, const struct schema_key *b)
{
	return a->n == b->n &&
	    memcmp(a->fields, b->fields, a->n * sizeof(*a->fields)) == 0;
}

static int
put_constraints(struct buf *out, const struct schema_model *m)
{
	if (m->key.n > 0 && put_key(out, ",\n\tPRIMARY KEY", &m->key) != 0)
		return -1;
	for (size_t i = 0; i < m->nuniques; i++)
		if (!same_key(&m->uniques[i], &m->key) &&
		    put_key(out, ",\n\tUNIQUE", &m->uniques[i]) != 0)
			return -1;
	for (size_t i = 0; i < m->nrelations; i++) {
		const struct schema_relation *r = &m->relations[i];

		if (!r->holds_key)
			continue;
		if (put_key(out, ",\n\tFOREIGN KEY", &r->from) != 0 ||
		    buf_puts(out, " REFERENCES ") != 0 ||
		    put_name(out, r->target->table) != 0 ||
		    put_key(out, "", &r->to) != 0)
			return -1;
	}
	return 0;
}

static int
put_create(struct buf *out, const struct schema_model *m)
{
	buf_clear(out);
	if (buf_puts(out, "CREATE TABLE ") != 0 ||
	    put_name(out, m->table) != 0)
		return -1;
	for (size_t i = 0; i < m->nfields; i++)
		if (buf_puts(out, i == 0 ? " (\n\t" : ",\n\t") != 0 ||
		    put_column(out, &m->fields[i]) != 0)
			return -1;
	if (put_constraints(out, m) != 0)
		return -1;
	return buf_put(out, "\n)", sizeof("\n)"));
}

/* An index for the other side of each relation. */
static int
put_index(struct buf *out, const struct schema_relation *r)
{
	buf_clear(out);
	if (buf_puts(out, "CREATE INDEX ") != 0 ||
	    put_name(out, r->model->table) != 0)
		return -1;
	out->data[out->len - 1] = '_';	/* the name goes on */
	if (buf_puts(out, r->name) != 0 || buf_puts(out, "\" ON ") != 0 ||
	    put_name(out, r->model->table) != 0 ||
	    put_key(out, "", &r->from) != 0)
		return -1;
	return buf_putc(out, '\0');
}

static int
put_insert(struct buf *out, const struct schema_model *m)
{
	buf_clear(out);
	/* A clash of values that must be unique costs a row, no more. */
	if (buf_puts(out, "INSERT OR IGNORE INTO ") != 0 ||
	    put_name(out, m->table) != 0)
		return -1;
	for (size_t i = 0; i < m->nfields; i++)
		if (buf_puts(out, i == 0 ? " VALUES (?" : ", ?") != 0)
			return -1;
	return buf_put(out, ")", sizeof(")"));
}

static int
bind(sqlite3_stmt *st, int at, const struct value *v)
{
	switch (v->kind) {
	case VALUE_INT:
		return sqlite3_bind_int64(st, at, v->u.i);
	case VALUE_FLOAT:
		return sqlite3_bind_double(st, at, v->u.f);
	case VALUE_TEXT:
		return sqlite3_bind_text(st, at, v->u.text, (int)v->len,
		    SQLITE_TRANSIENT);
	case VALUE_BYTES:
		return sqlite3_bind_blob(st, at, v->u.text, (int)v->len,
		    SQLITE_TRANSIENT);
	case VALUE_NULL:
		break;
	}
	return sqlite3_bind_null(st, at);
}

static int
insert_row(struct demo *demo, const struct schema_model *m, size_t row,
    sqlite3_stmt *st)
{
	struct value v;

	for (size_t i = 0; i < m->nfields; i++) {
		if (demodb_value(m, &m->fields[i], row, demo->scale,
		    &demo->scratch, &v) != 0)
			return no_memory();
		if (bind(st, (int)i + 1, &v) != SQLITE_OK)
			return database_error(demo, m->table);
	}
	if (sqlite3_step(st) != SQLITE_DONE)
		return database_error(demo, m->table);
	demo->total += (size_t)sqlite3_changes(demo->db);
	sqlite3_reset(st);
	return 0;
}

static int
fill(struct demo *demo, const struct schema_model *m)
{
	size_t n = demodb_rows(m, demo->scale);
	sqlite3_stmt *st;
	int rc = 0;

	if (put_insert(&demo->sql, m) != 0)
		return no_memory();
	if (sqlite3_prepare_v2(demo->db, demo->sql.data, -1, &st, NULL) !=
	    SQLITE_OK)
		return database_error(demo, demo->sql.data);
	for (size_t row = 0; row < n && rc == 0; row++)
		rc = insert_row(demo, m, row, st);
	sqlite3_finalize(st);
	return rc;
}

static int
make_table(struct demo *demo, const struct schema_model *m)
{
	if (put_create(&demo->sql, m) != 0)
		return no_memory();
	if (run(demo, demo->sql.data) != 0 || fill(demo, m) != 0)
		return -1;
	for (size_t i = 0; i < m->nrelations; i++) {
		if (!m->relations[i].holds_key)
			continue;
		if (put_index(&demo->sql, &m->relations[i]) != 0)
			return no_memory();
		if (run(demo, demo->sql.data) != 0)
			return -1;
	}
	return 0;
}

static int
make_tables(struct demo *demo, const struct schema *schema)
{
	/* Nobody else sees the file before it is whole. */
	if (run(demo, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; "
	    "BEGIN") != 0)
		return -1;
	for (size_t i = 0; i < schema_nmodels(schema); i++)
		if (make_table(demo, schema_model_at(schema, i)) != 0)
			return -1;
	return run(demo, "COMMIT; ANALYZE");
}

static void
tell_fault(void *ctx, const char *line)
{
	(void)ctx;
	fprintf(stderr, "%s\n", line);
}

static struct schema *
load_schema(const char *path)
{
	struct schema *schema = NULL;
	struct buf text;
	FILE *f = fopen(path, "re");
	char *room;
	size_t n = 1;

	if (f == NULL) {
		fprintf(stderr, "demodb: %s: %s\n", path, strerror(errno));
		return NULL;
	}
	buf_init(&text, SCHEMA_BYTES_MAX);
	while (n > 0 && (room = buf_room(&text, 4096)) != NULL) {
		n = fread(room, 1, 4096, f);
		buf_added(&text, n);
	}
	if (ferror(f) || n > 0)
		fprintf(stderr, "demodb: %s: cannot be read\n", path);
	else
		schema = schema_read(path, text.data, text.len, tell_fault,
		    NULL);
	fclose(f);
	buf_fini(&text);
	return schema;
}

static int
make_file(struct demo *demo, const struct schema *schema, const char *path)
{
	int rc = -1;

	remove(path);
	buf_init(&demo->sql, 0);
	buf_init(&demo->scratch, 0);
	if (sqlite3_open(path, &demo->db) != SQLITE_OK)
		database_error(demo, path);
	else
		rc = make_tables(demo, schema);
	buf_fini(&demo->scratch);
	buf_fini(&demo->sql);
	if (sqlite3_close(demo->db) != SQLITE_OK)
		rc = -1;
	return rc;
}

/* Make the file under another name; a failure leaves nothing. */
static int
make(const struct schema *schema, const char *out, size_t scale)
{
	struct demo demo = { .scale = scale };
	char *tmp;
	int rc;

	if (asprintf(&tmp, "%s.new", out) < 0)
		return no_memory();
	rc = make_file(&demo, schema, tmp);
	if (rc == 0 && rename(tmp, out) != 0) {
		fprintf(stderr, "demodb: %s: %s\n", out, strerror(errno));
		rc = -1;
	}
	if (rc == 0)
		printf("%s: %zu tables, %zu rows\n", out,
		    schema_nmodels(schema), demo.total);
	else
		remove(tmp);
	free(tmp);
	return rc;
}

int
main(int argc, char **argv)
{
	uint64_t scale = SCALE_DEFAULT;
	struct schema *schema;
	int rc;

	if ((argc != 3 && argc != 5) ||
	    (argc == 5 && (strcmp(argv[3], "--rows") != 0 ||
	    num_read_u64(argv[4], strlen(argv[4]), &scale) != 0 ||
	    scale < 1 || scale > SCALE_MAX))) {
		fprintf(stderr, "usage: demodb SCHEMA.prisma OUT.db "
		    "[--rows N]\n");
		return EXIT_FAILURE;
	}
	schema = load_schema(argv[1]);
	if (schema == NULL)
		return EXIT_FAILURE;
	rc = make(schema, argv[2], (size_t)scale);
	schema_free(&schema);
	return rc == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
