/* dalpuri check: is everything that a start would read in order? */
#ifndef TOOL_CHECK_H
#define TOOL_CHECK_H

/*
 * Let a loader read the conf (-c; else the environment alone) with the schema
 * and the collectors, and tell the result: faults on standard error, one a
 * line, or a summary without secrets on standard output.  With --live the
 * database is asked, too: see live_check().  For command.run: 0, 78
 * (EX_CONFIG) with faults, 71 (EX_OSERR) when the loader could not do its
 * work, or what live_check() returns.
 */
int check_command(int argc, char **argv);

#endif
