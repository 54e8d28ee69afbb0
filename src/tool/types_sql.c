/*
 * Parameters are told by the file; the columns of the result only by the
 * database, which is asked to prepare the statement, not to run it.
 */
#include "tool/types_sql.h"

#include <string.h>

#include "model/sql_call.h"
#include "tool/types_model.h"

#define CONNECT_MS 5000

void
types_sql_init(struct types_sql *t, const struct conf *c)
{
	*t = (struct types_sql){ .conf = c };
}

void
types_sql_fini(struct types_sql *t)
{
	db_close(&t->db);
}

static struct db *
connect_once(struct types_sql *t, struct err *err)
{
	struct db_target target;

	if (t->db != NULL || t->tried) {
		err_set(err, ERR_DATABASE, "no connection");
		return t->db;
	}
	t->tried = true;
	if (db_init(err) != 0 || db_target_read(&target,
	    t->conf->database.url, t->conf->database.folder, err) != 0)
		return NULL;
	t->db = db_open(&target, NULL, CONNECT_MS, err);
	db_target_fini(&target);
	return t->db;
}

static void
put_parameters(FILE *out, const struct sql_file *f)
{
	fputs("{\n", out);
	for (size_t i = 0; i < f->nparameters; i++) {
		const struct sql_parameter *p = &f->parameters[i];

		types_put_doc(out, "    ", p->field.doc);
		fprintf(out, "    %s%s: ", p->field.name,
		    p->has_fallback || p->field.optional ? "?" : "");
		types_put_operand(out, &p->field);
		fputs(";\n", out);
	}
	fputs("  }", out);
}

static void
put_columns(FILE *out, const struct sql_file *f, const struct db_stmt *st)
{
	size_t n;
	const struct schema_field *const *columns = db_columns(st, &n);

	fputs("{ ", out);
	for (size_t i = 0; i < n; i++) {
		fputs("\"", out);
		for (const char *p = columns[i]->name; *p != '\0'; p++)
			fprintf(out, *p == '"' || *p == '\\' ? "\\%c" : "%c",
			    *p);
		fputs("\": ", out);
		types_put_value(out, columns[i], f->bytes_base64);
		fputs("; ", out);
	}
	fputs("}", out);
}

static int
put_row(struct types_sql *t, FILE *out, const struct sql_file *f,
    struct err *err)
{
	struct db *db = connect_once(t, err);
	struct db_stmt *st = NULL;
	struct sql_call call;
	struct sql sql;

	if (db == NULL)
		return -1;
	sql_init(&sql);
	if (sql_call_blank(&call, f, err) == 0 &&
	    sql_call_write(&call, db_dialect(db), &sql, err) == 0)
		st = db_prepare_any(db, sql.text.data, sql.text.len, err);
	sql_call_fini(&call);
	sql_fini(&sql);
	if (st == NULL)
		return -1;
	put_columns(out, f, st);
	db_finish(st);
	return 0;
}

void
types_sql_put(struct types_sql *t, FILE *out, const struct collector *c)
{
	struct err err;

	types_put_doc(out, "  ", c->sql->doc);
	fprintf(out, "  %s: SqlCollector<", c->name);
	put_parameters(out, c->sql);
	fputs(", ", out);
	if (put_row(t, out, c->sql, &err) != 0) {
		fputs("Record<string, Json>", out);
		fprintf(stderr, "dalpuri types: %s: columns are not known: "
		    "%s\n", c->name, err.text);
	}
	fputs(">;\n", out);
}
