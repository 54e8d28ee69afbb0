/*
 * SIGUSR2: the master becomes the binary that now lies where it was started
 * from, as the same process.  First that binary must prove itself in a trial:
 * it reads the configuration and our state.  When it cannot, or anything else
 * goes wrong, everything goes on as it was.
 */
#ifndef MASTER_UPGRADE_H
#define MASTER_UPGRADE_H

#include <stdbool.h>
#include <sys/types.h>

struct master;
struct upgrade;

/* The variable that names the descriptor of the state: see takeover.h. */
#define UPGRADE_VARIABLE "DALPURI_STATE"

/*
 * Begin with the trial.  While an upgrade is under way, or processes of the
 * last one are left, that has to end first.
 */
void upgrade_start(struct master *m);

/* The clock's turn: begin what was put off. */
void upgrade_tick(struct master *m);

/* Was it the trial that ended? */
bool upgrade_reaped(struct master *m, pid_t pid, int status);

/* The trial was passed: the loop was left for upgrade_run(). */
bool upgrade_is_due(const struct master *m);

/*
 * Let what is under way come to its end, and become the other binary.  Comes
 * back when that fails: true = the loop shall go on.
 */
bool upgrade_run(struct master *m);

/* Give it up without a word. */
void upgrade_free(struct upgrade **u);

#endif
