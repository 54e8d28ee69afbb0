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
#include "tool/call.h"
#include "tool/check.h"
#include "tool/command.h"
#include "tool/export.h"
#include "tool/introspect.h"
#include "tool/types.h"
#include "worker/worker.h"

#define CHILD_PREFIX "dalpuri: "

/* Roles are what a master starts; it passes the title as the program's name. */
static int (*const role_run[SPAWN_ROLES])(const struct spawn_params *) = {
	[SPAWN_WORKER] = worker_run,
	[SPAWN_COLLECTOR] = collector_run,
	[SPAWN_LOADER] = loader_run,
	[SPAWN_TRIAL] = loader_run
};

static int
run_master(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 }
	};
	struct master_params p = { .program = argv[0] };
	int flag;

	while ((flag = getopt_long(argc, argv, "c:dhv", long_options,
	    NULL)) != -1) {
		if (flag == 'c' && *optarg != '\0') {
			p.conf_path = optarg;
		} else if (flag == 'd') {
			p.background = true;
		} else if (flag == 'v') {
			printf("dalpuri %s\n", PACKAGE_VERSION);
			return EX_OK;
		} else {
			return flag == 'h' ? COMMAND_HELP : EX_USAGE;
		}
	}
	return optind < argc ? EX_USAGE : master_run(&p);
}

/* Commands by their first word; the daemon has none. */
static const struct command commands[] = {
	{ "", "[-d] [-c file]", run_master },
	{ "call", "[-u url] [-k key_file] [-n namespace] [-t seconds] [--raw]\n"
	  "                    [--select names] [--option value ...] name",
	  call_command },
	{ "check", "[--live] [-c file]", check_command },
	{ "introspect", "[-c file] [-u url] [-o file]", introspect_command },
	{ "export", "[-c file] [--select names] [--option value ...] name",
	  export_command },
	{ "types", "[-c file] [-o output]", types_command },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void
print_usage(FILE *to, const struct command *command)
{
	bool all = command == &commands[0];

	for (size_t i = 0; i < COMMANDS; i++)
		if (all || command == &commands[i])
			fprintf(to, "%s dalpuri %s%s%s\n",
			    i == 0 || !all ? "usage:" : "      ",
			    commands[i].name, i == 0 ? "" : " ",
			    commands[i].usage);
	if (all)
		fprintf(to, "       dalpuri -v\n"
		    "Without -c, DATABASE_URL, PSK and PORT say what to do.\n"
		    "See dalpuri(8) and dalpuri.conf(5).\n");
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
	int status;

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
	status = command->run(argc, argv);
	if (status == EX_USAGE || status == COMMAND_HELP)
		print_usage(status == EX_USAGE ? stderr : stdout, command);
	return status == COMMAND_HELP ? EX_OK : status;
}
