/* Which role, which command: nothing else is decided here. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/err.h"
#include "collector/serve.h"
#include "ipc/spawn.h"
#include "loader/loader.h"
#include "master/master.h"
#include "tool/check.h"
#include "worker/worker.h"

#define CHILD_PREFIX "dalpuri: "

/* Roles are what a master starts; it passes the title as the program's name. */
static int (*const role_run[SPAWN_ROLES])(const struct spawn_params *) = {
	[SPAWN_WORKER] = worker_run,
	[SPAWN_COLLECTOR] = collector_run,
	[SPAWN_LOADER] = loader_run
};

/* What the words of the command line said. */
struct options {
	const char *conf_path;		/* -c; NULL = the environment alone */
	bool background;		/* -d */
	bool help, version, wrong;
};

static int
run_master(const struct options *o)
{
	const struct master_params p = { .conf_path = o->conf_path,
	    .background = o->background };

	return master_run(&p);
}

static int
run_check(const struct options *o)
{
	return check_run(o->conf_path);
}

/* Commands by their first word; the daemon has none. */
static const struct command {
	const char *name;
	const char *flags;		/* for getopt */
	const char *usage;
	int (*run)(const struct options *o);
} commands[] = {
	{ "", "c:dhv", "dalpuri [-d] [-c file]", run_master },
	{ "check", "c:h", "dalpuri check [-c file]", run_check },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'v' },
	{ NULL, 0, NULL, 0 }
};

static int
usage(FILE *to, int status)
{
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(to, "%s%s\n", i == 0 ? "usage: " : "       ",
		    commands[i].usage);
	fprintf(to, "       dalpuri -v\n"
	    "Without -c, DATABASE_URL, PSK and PORT say what to do.\n"
	    "See dalpuri(8) and dalpuri.conf(5).\n");
	return status;
}

static struct options
read_options(const struct command *command, int argc, char **argv)
{
	struct options o = { .conf_path = NULL };
	int flag;

	while ((flag = getopt_long(argc, argv, command->flags, long_options,
	    NULL)) != -1) {
		if (flag == 'c')
			o.conf_path = optarg;
		else if (flag == 'd')
			o.background = true;
		else if (flag == 'h')
			o.help = true;
		else if (flag == 'v')
			o.version = true;
		else
			o.wrong = true;
	}
	if (optind < argc || (o.conf_path != NULL && *o.conf_path == '\0'))
		o.wrong = true;
	return o;
}

static const struct command *
find_command(const char *word)
{
	for (size_t i = 1; word != NULL && i < COMMANDS; i++)
		if (strcmp(commands[i].name, word) == 0)
			return &commands[i];
	return &commands[0];
}

static int
run_child(int argc, char **argv)
{
	struct spawn_params p;
	struct err err;

	if (spawn_enter(argc, argv, &p, &err) == -1) {
		fprintf(stderr, "%s: %s\n", argv[0], err.text);
		return EX_USAGE;
	}
	return role_run[p.role](&p);
}

int
main(int argc, char **argv)
{
	const struct command *command;
	struct options o;

	if (argc > 0 && strncmp(argv[0], CHILD_PREFIX,
	    strlen(CHILD_PREFIX)) == 0)
		return run_child(argc, argv);
	/* From here on argv and environ are copies that nobody else sees. */
	spawn_title_init(argc, argv);
	command = find_command(argc > 1 ? argv[1] : NULL);
	if (command != &commands[0]) {
		argc--;
		argv++;
	}
	o = read_options(command, argc, argv);
	if (o.wrong)
		return usage(stderr, EX_USAGE);
	if (o.help)
		return usage(stdout, EX_OK);
	if (o.version) {
		printf("dalpuri %s\n", PACKAGE_VERSION);
		return EX_OK;
	}
	return command->run(&o);
}
