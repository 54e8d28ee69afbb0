/* The types of columns that have none. */
#ifndef DB_CATALOG_GUESS_H
#define DB_CATALOG_GUESS_H

#include "db/catalog.h"

/*
 * Look at some values of each column of a SQLite table or view that was
 * declared without a type; without a value it stays String.  0, or -1: no
 * memory.
 */
int catalog_guess(struct catalog_table *t, struct db *db, struct err *err)
    MUST_CHECK;

#endif
