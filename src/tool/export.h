/* dalpuri export: all rows of a call into a file, without a gateway. */
#ifndef TOOL_EXPORT_H
#define TOOL_EXPORT_H

/*
 * For command.run.  Standard output gets the bytes that a client gets as
 * "data".  0; EX_CONFIG as dalpuri check; 1 when the request failed: what is
 * there then is no whole JSON; EX_OSERR.
 */
int export_command(int argc, char **argv);

#endif
