/* The summary of a configuration without faults. */
#include "tool/check.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/conf.h"
#include "db/db.h"
#include "model/schema.h"
#include "tool/command.h"
#include "tool/live.h"
#include "tool/load.h"

static void
print_keys(const struct conf *c)
{
	if (c->socketio.auth == CONF_AUTH_NONE) {
		printf("keys        none asked for\n");
		return;
	}
	for (size_t i = 0; i < c->nkeys; i++)
		printf("%s%s", i == 0 ? "keys        " : ", ",
		    c->keys[i].name);
	putchar('\n');
}

/* The loader has read url and schema already: neither can be faulty here. */
static void
print_data(const struct conf *c)
{
	struct db_target target;
	struct schema *schema;

	if (db_target_read(&target, c->database.url, c->database.folder,
	    NULL) == 0) {
		printf("database    %s\n", target.shown);
		db_target_fini(&target);
	}
	schema = schema_read(c->schema.path, c->schema.text, c->schema.len,
	    NULL, NULL);
	if (schema != NULL)
		printf("schema      %s: %zu models\n", c->schema.path,
		    schema_nmodels(schema));
	schema_free(&schema);
}

static void
print_summary(const struct load *load)
{
	const struct conf *master = &load->views[LOAD_MASTER];
	const struct conf *worker = &load->views[LOAD_WORKER];

	for (size_t i = 0; i < master->listen.n; i++)
		printf("listen      %s\n", master->listen.v[i]);
	printf("workers     ");
	if (master->workers == 0)
		printf("one per core");
	else
		printf("%jd", (intmax_t)master->workers);
	printf(", each with %jd connections\n",
	    (intmax_t)master->database.connections);
	print_keys(worker);
	print_data(&load->views[LOAD_COLLECTOR]);
	printf("collectors ");
	for (size_t i = 0; i < worker->ncollectors; i++)
		printf("%s %s", i == 0 ? "" : ",",
		    worker->collectors[i].name);
	printf("%s\n", worker->ncollectors == 0 ? " none" : "");
}

int
check_command(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "live", no_argument, NULL, 'l' },
		{ NULL, 0, NULL, 0 }
	};
	const char *path = NULL;
	bool live = false;
	struct load load;
	int flag, status;

	while ((flag = getopt_long(argc, argv, "c:h", long_options,
	    NULL)) != -1) {
		if (flag == 'l')
			live = true;
		else if (flag == 'c' && *optarg != '\0')
			path = optarg;
		else
			return flag == 'h' ? COMMAND_HELP : EX_USAGE;
	}
	if (optind < argc)
		return EX_USAGE;
	log_open(STDERR_FILENO, "check", LOG_LEVEL_WARN);
	status = load_run(&load, path, "dalpuri check");
	if (status == EX_OK && load.refused > 0)
		status = EX_CONFIG;
	if (status == EX_OK)
		print_summary(&load);
	if (status == EX_OK && live)
		status = live_check(&load.views[LOAD_COLLECTOR]);
	load_fini(&load);
	return status;
}
