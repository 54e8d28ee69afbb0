/* dalpuri types: what clients may ask and get, for TypeScript. */
#ifndef TOOL_TYPES_H
#define TOOL_TYPES_H

/*
 * For command.run.  Writes one .d.ts to standard output, or to the file of
 * -o.  0, EX_CONFIG as dalpuri check, EX_CANTCREAT when it cannot be written.
 */
int types_command(int argc, char **argv);

#endif
