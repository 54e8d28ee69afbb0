/* Which kind of file it is, and what all kinds have in common. */
#include "model/collector_source.h"

#include <stdlib.h>
#include <string.h>

#include "model/plugin_file.h"
#include "model/sql_file.h"

/* A name goes through logs, status lines and TypeScript. */
#define NAME_LEN_MAX 127

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"

/* more: characters that may stand behind the first one, too. */
static void
check_name(struct collector_faults *faults, const char *name,
    const char *more)
{
	static const char *const reserved[] = {
		"connect", "connect_error", "disconnect", "disconnecting",
		"newListener", "removeListener",
	};
	size_t len = strlen(name), i = strspn(name, LETTERS);

	while (i > 0 && i < len && (strchr(LETTERS DIGITS, name[i]) != NULL ||
	    strchr(more, name[i]) != NULL))
		i++;
	if (i == 0 || i < len || len > NAME_LEN_MAX)
		collector_fault(faults, 1, "\"%s\" cannot be called, "
		    "expected a file name of letters, digits and \"_\"%s%s%s, "
		    "at most %d, not beginning with a digit", name,
		    *more != '\0' ? " or \"" : "", more,
		    *more != '\0' ? "\"" : "", NAME_LEN_MAX);
	for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(reserved[i], name) == 0)
			collector_fault(faults, 1, "\"%s\" is an event of "
			    "Socket.IO itself, expected another file name",
			    name);
}

void
collector_check_name(struct collector_faults *faults, const char *name)
{
	check_name(faults, name, "");
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
	c->coalesce = c->sql->coalesce;
}

static void
read_plugin(struct collector *c, const struct dialect *d,
    const struct collector_source *source, struct collector_faults *faults)
{
	struct plugin_file *plugin = collector_memory(faults,
	    arena_get(&c->arena, 1, sizeof(*plugin)));

	(void)d;
	check_name(faults, source->name, "-");
	c->name = collector_memory(faults, arena_text(&c->arena, source->name,
	    strlen(source->name)));
	if (plugin != NULL && plugin_file_read(plugin, source->text,
	    source->len, faults) == 0) {
		c->plugin = plugin;
		c->max_running = plugin->declared.max_running;
	}
}

/* Files that are no .collector. */
static const struct {
	const char *suffix;
	void (*read)(struct collector *c, const struct dialect *d,
	    const struct collector_source *source,
	    struct collector_faults *faults);
} kinds[] = {
	{ ".sql", read_sql },
	{ ".so", read_plugin },
};

static bool
ends_with(const char *path, const char *suffix)
{
	size_t len = strlen(path), end = strlen(suffix);

	return len >= end && strcmp(path + len - end, suffix) == 0;
}

struct collector *
collector_source_read(const struct schema *s, const struct dialect *d,
    const struct collector_source *source,
    void (*fault)(void *ctx, const char *line), void *ctx)
{
	struct collector_faults faults = { .path = source->path,
	    .tell = fault, .ctx = ctx };
	struct collector *c;
	size_t kind = 0;

	while (kind < sizeof(kinds) / sizeof(kinds[0]) &&
	    !ends_with(source->path, kinds[kind].suffix))
		kind++;
	if (kind == sizeof(kinds) / sizeof(kinds[0]))
		return collector_read(s, source->name, source->path,
		    source->text, fault, ctx);
	c = collector_memory(&faults, calloc(1, sizeof(*c)));
	if (c == NULL)
		return NULL;
	arena_init(&c->arena);
	kinds[kind].read(c, d, source, &faults);
	if (faults.any)
		collector_free(&c);
	return c;
}
