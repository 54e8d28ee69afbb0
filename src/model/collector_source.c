/* Which kind of file it is, and what all kinds have in common. */
#include "model/collector_source.h"

#include <stdlib.h>
#include <string.h>

#include "model/sql_file.h"

/* A name goes through logs, status lines and TypeScript. */
#define NAME_LEN_MAX 127

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"

void
collector_check_name(struct collector_faults *faults, const char *name)
{
	static const char *const reserved[] = {
		"connect", "connect_error", "disconnect", "disconnecting",
		"newListener", "removeListener",
	};
	size_t len = strlen(name), i;

	if (len == 0 || len > NAME_LEN_MAX || strspn(name, LETTERS DIGITS) <
	    len || strspn(name, DIGITS) > 0)
		collector_fault(faults, 1, "\"%s\" cannot be called, "
		    "expected a file name of letters, digits and \"_\", at "
		    "most %d, not beginning with a digit", name, NAME_LEN_MAX);
	for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(reserved[i], name) == 0)
			collector_fault(faults, 1, "\"%s\" is an event of "
			    "Socket.IO itself, expected another file name",
			    name);
}

static void
read_sql(struct collector *c, const struct dialect *d,
    const struct collector_source *source, struct collector_faults *faults)
{
	struct sql_source sql = { .dialect = d, .text = source->text,
	    .len = source->len };

	collector_check_name(faults, source->name);
	c->name = sql.name = collector_memory(faults, arena_text(&c->arena,
	    source->name, strlen(source->name)));
	if (c->name == NULL)
		return;
	c->sql = sql_file_read(&sql, &c->arena, faults);
	if (c->sql == NULL)
		return;
	c->max_rows = c->sql->max_rows;
	c->max_running = c->sql->max_running;
	c->bytes_base64 = c->sql->bytes_base64;
}

struct collector *
collector_source_read(const struct schema *s, const struct dialect *d,
    const struct collector_source *source,
    void (*fault)(void *ctx, const char *line), void *ctx)
{
	struct collector_faults faults = { .path = source->path,
	    .tell = fault, .ctx = ctx };
	size_t len = strlen(source->path);
	struct collector *c;

	if (len < 4 || strcmp(source->path + len - 4, ".sql") != 0)
		return collector_read(s, source->name, source->path,
		    source->text, fault, ctx);
	c = collector_memory(&faults, calloc(1, sizeof(*c)));
	if (c == NULL)
		return NULL;
	arena_init(&c->arena);
	read_sql(c, d, source, &faults);
	if (faults.any)
		collector_free(&c);
	return c;
}
