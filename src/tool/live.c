/* One connection, like a collector's: read-only in its database's own way. */
#include "tool/live.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "db/db.h"
#include "tool/drift.h"

/* A person waits; a collector's own bounds are for clients. */
#define CONNECT_MS 15000

static int
read_all(struct catalog *c, const struct db_target *target,
    void (*privilege)(void *ctx, const struct catalog_privilege *p),
    struct err *err)
{
	struct db *db = db_open(target, NULL, CONNECT_MS, err);
	int result;

	if (db == NULL)
		return -1;
	result = catalog_read(c, db, err);
	if (result == 0 && privilege != NULL)
		result = catalog_privileges(db, privilege, NULL, err);
	db_close(&db);
	return result;
}

int
live_read(struct catalog *c, const char *url, const char *folder,
    void (*privilege)(void *ctx, const struct catalog_privilege *p),
    struct err *err)
{
	struct db_target target;
	int result;

	memset(c, 0, sizeof(*c));
	arena_init(&c->arena);
	if (db_target_read(&target, url, folder, err) != 0)
		return -1;
	result = db_init(err);
	if (result == 0)
		result = read_all(c, &target, privilege, err);
	db_target_fini(&target);
	return result;
}

static void
print_privilege(void *ctx, const struct catalog_privilege *p)
{
	(void)ctx;
	printf("warning: the login has the right %s on %s", p->name,
	    p->example);
	if (p->count > 1)
		printf(" and %lld more", (long long)p->count - 1);
	printf(": reading needs none but SELECT\n");
}

static void
print_difference(void *ctx, enum drift_kind kind, const char *line)
{
	static const char *const words[DRIFT_KINDS] = {
		[DRIFT_FAULT] = "", [DRIFT_NOTE] = "note: ",
		[DRIFT_MORE] = "note: ",
	};
	size_t *faults = ctx;

	*faults += kind == DRIFT_FAULT;
	printf("%s%s\n", words[kind], line);
}

int
live_check(const struct conf *conf)
{
	size_t faults = 0;
	struct drift drift = { .path = conf->schema.path,
	    .tell = print_difference, .ctx = &faults };
	struct schema *schema;
	struct catalog catalog;
	struct err err;
	int status = EX_UNAVAILABLE;

	schema = schema_read(conf->schema.path, conf->schema.text,
	    conf->schema.len, NULL, NULL);
	if (schema == NULL)
		err_set(&err, ERR_INTERNAL, "out of memory");
	else if (live_read(&catalog, conf->database.url,
	    conf->database.folder, print_privilege, &err) == 0) {
		drift.catalog = &catalog;
		drift.schema = schema;
		drift_find(&drift);
		status = faults > 0;
	}
	if (status == EX_UNAVAILABLE)
		fprintf(stderr, "dalpuri check: %s\n", err.text);
	if (schema != NULL)
		catalog_fini(&catalog);
	schema_free(&schema);
	return status;
}
