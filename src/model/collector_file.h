/*
 * The syntax of a .collector file, before its words are looked up:
 *
 *	key = value
 *	key = { value, value }
 *	key { name = value ... }
 *
 * "#" begins a comment.  A value is a word, or text in quotes.
 */
#ifndef MODEL_COLLECTOR_FILE_H
#define MODEL_COLLECTOR_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "model/arena.h"

/* The largest max_running. */
#define COLLECTOR_RUNNING_MAX 1000

struct collector_entry {
	struct collector_entry *next;
	unsigned int line;
	const char *key;	/* NULL: an element of a list */
	const char *text;	/* the value; NULL: a list or a section */
	struct collector_entry *inside;
	bool section;
};

/* Who hears of faults; shared by the syntax and the meaning of the file. */
struct collector_faults {
	const char *path;
	void (*tell)(void *ctx, const char *line);
	void *ctx;
	bool any;
};

void collector_fault(struct collector_faults *f, unsigned int line,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* NULL passes through; it is told that memory ran out. */
void *collector_memory(struct collector_faults *f, void *got);

/*
 * The entries of a file in order, everything in the arena; NULL for none.
 * What cannot be read is told and left out.
 */
struct collector_entry *collector_file(const char *text, struct arena *arena,
    struct collector_faults *faults);

#endif
