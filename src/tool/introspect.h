/* dalpuri introspect: a Prisma schema from a live database. */
#ifndef TOOL_INTROSPECT_H
#define TOOL_INTROSPECT_H

/*
 * Write the schema of the database (-u, -c or DATABASE_URL) to standard
 * output, or into a file (-o), which keeps all that it has.  What differs
 * between the file and the database is told on standard error.  For
 * command.run: 0; 1 = written, and there are differences; 65 (EX_DATAERR) =
 * the file is no schema; 69 (EX_UNAVAILABLE) = the database could not be
 * read; 73 (EX_CANTCREAT); 78 (EX_CONFIG).
 */
int introspect_command(int argc, char **argv);

#endif
