/* dalpuri call: one call of a running gateway, for a shell. */
#ifndef TOOL_CALL_H
#define TOOL_CALL_H

/*
 * For command.run.  Standard output gets the rows.  0; 1 when the gateway
 * answers with a failure, which is on standard error; EX_NOPERM when the key
 * is refused; EX_UNAVAILABLE when there is no gateway or no answer in time.
 */
int call_command(int argc, char **argv);

#endif
