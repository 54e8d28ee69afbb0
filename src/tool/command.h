/* What main knows of a command. */
#ifndef TOOL_COMMAND_H
#define TOOL_COMMAND_H

/* Instead of an exit status: the usage was asked for. */
#define COMMAND_HELP (-1)

struct command {
	const char *name;
	const char *usage;	/* what stands behind the name */
	/*
	 * argv[0] is the name.  An exit status of sysexits.h, where EX_USAGE
	 * makes main print the usage, or COMMAND_HELP.
	 */
	int (*run)(int argc, char **argv);
};

#endif
