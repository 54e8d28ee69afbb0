/* SQLite's databases are files: their spellings, and how they are opened. */
#ifndef DB_DB_FILE_H
#define DB_DB_FILE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/* Is it "file:..." or "sqlite:..."? */
bool db_file_is_url(const char *url);

/*
 * The path that a url or a bare path means, relative ones in folder; to be
 * freed.  NULL with a sentence when it is none.
 */
char *db_file_path(const char *url, const char *folder, struct err *err);

/* Append the ODBC keywords that open path read-only.  0 or -1. */
int db_file_connection(struct buf *out, const char *path, struct err *err)
    MUST_CHECK;

/*
 * Can the file be read?  0, or -1 with the reason: the driver would only say
 * that it cannot.
 */
int db_file_check(const char *path, struct err *err) MUST_CHECK;

/* Decode %XX in place.  0, or -1: not two hex digits, or a NUL. */
int db_url_decode(char *s) MUST_CHECK;

#endif
