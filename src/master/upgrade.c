/*
 * From the signal to execve(2).  Nothing is taken apart before: what belongs
 * to the successor are open descriptors and the state, and who is not named
 * in that ends by himself.
 */
#include "master/upgrade.h"

#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "ipc/handover.h"
#include "ipc/view.h"
#include "master/control.h"
#include "master/front.h"
#include "master/listener.h"
#include "master/load.h"
#include "master/open.h"
#include "master/pass.h"
#include "master/slots.h"
#include "master/state.h"

/* For workers to adopt what was given to them. */
#define SETTLE_MS 3000
/* What ipc/view.h is willing to map. */
#define STATE_BYTES_MAX (64 * 1024 * 1024)
/* -c with its argument, -d, the name, NULL. */
#define ARGS_MAX 5

struct upgrade {
	struct load *trial;		/* NULL = it is over */
	int binary;			/* the file that is tried and run */
	int views[LOAD_VIEWS];		/* that it has made; or -1 */
	bool due;
};

void
upgrade_free(struct upgrade **up)
{
	struct upgrade *u = *up;

	if (u == NULL)
		return;
	load_free(&u->trial);
	if (u->binary >= 0)
		close(u->binary);
	for (size_t i = 0; i < LOAD_VIEWS; i++)
		if (u->views[i] >= 0)
			close(u->views[i]);
	free(u);
	*up = NULL;
}

static void
fail(struct master *m, const char *why)
{
	log_error("upgrade: dalpuri %s goes on: %s", PACKAGE_VERSION, why);
	control_not_upgraded(m->control, why);
	upgrade_free(&m->upgrade);
}

/* ---- the state ----------------------------------------------------------- */

static int
put_master(const struct master *m, struct buf *state)
{
	struct handover_item item = {
		.kind = HANDOVER_MASTER,
		.numbers = { m->generation },
		.flag = m->upgrade_again
	};

	if (m->pid_file_is_ours && m->conf.pid_file != NULL)
		item.text = (struct msg_bytes){ m->conf.pid_file,
		    strlen(m->conf.pid_file) };
	return handover_put(state, &item);
}

static int
put_views(const struct upgrade *u, struct buf *state)
{
	struct handover_item item = { .kind = HANDOVER_VIEW };

	for (size_t i = 0; i < LOAD_VIEWS && u->due; i++) {
		item.fds[0] = u->views[i];
		if (handover_put(state, &item) != 0)
			return -1;
	}
	return 0;
}

/* Descriptors outlive the exec, or not. */
static void
keep_descriptors(const struct buf *state, bool keep)
{
	struct wire_reader r = wire_reader(state->data, state->len);
	char version[HANDOVER_VERSION_MAX];
	struct handover_item item;
	struct err err;

	if (handover_get_head(&r, version, &err) != 0)
		return;
	while (handover_get(&r, &item) == 1)
		for (size_t i = 0; i < handover_fds(item.kind); i++)
			fcntl(item.fds[i], F_SETFD, keep ? 0 : FD_CLOEXEC);
}

static int
put_state(const struct master *m, struct buf *state, struct err *err)
{
	if (handover_put_head(state, PACKAGE_VERSION) != 0 ||
	    put_master(m, state) != 0 ||
	    put_views(m->upgrade, state) != 0 ||
	    listeners_hand_over(m->listeners, state) != 0 ||
	    control_hand_over(m->control, state) != 0 ||
	    slots_hand_over(m->slots, state) != 0 ||
	    fronts_hand_over(m, state) != 0)
		return err_set(err, ERR_INTERNAL,
		    "out of memory for the state");
	return view_seal("dalpuri state", state->data, state->len, err);
}

/* ---- the trial ----------------------------------------------------------- */

static void
on_trial(struct master *m, enum load_outcome outcome,
    const int views[LOAD_VIEWS])
{
	struct upgrade *u = m->upgrade;

	switch (outcome) {
	case LOAD_FAULTY:
		fail(m, "the other binary found faults");
		return;
	case LOAD_FAILED:
		fail(m, "the other binary did not start");
		return;
	case LOAD_DONE:
		break;
	}
	for (size_t i = 0; i < LOAD_VIEWS; i++)
		u->views[i] = views[i];
	u->due = true;
	event_base_loopbreak(m->base);
}

static int
try(struct master *m, struct err *err)
{
	struct upgrade *u = m->upgrade;
	struct load_binary binary;
	struct buf state;

	u->binary = open(m->program, O_PATH | O_CLOEXEC);
	if (u->binary < 0 || access(m->program, X_OK) != 0)
		return err_set_errno(err, ERR_INTERNAL, "%s", m->program);
	binary.fd = u->binary;
	buf_init(&state, STATE_BYTES_MAX);
	binary.state_fd = put_state(m, &state, err);
	buf_fini(&state);
	if (binary.state_fd < 0)
		return -1;
	u->trial = load_try(m, &binary, on_trial, err);
	close(binary.state_fd);
	return u->trial == NULL ? -1 : 0;
}

void
upgrade_start(struct master *m)
{
	struct err err;

	if (m->phase != MASTER_RUNNING)
		return;
	m->upgrade_again = m->upgrade != NULL || slots_have_old(m->slots);
	if (m->upgrade_again) {
		log_info("upgrade: put off: the one before is not over");
		return;
	}
	log_info("upgrade: trying %s", m->program);
	m->upgrade = calloc(1, sizeof(*m->upgrade));
	if (m->upgrade == NULL) {
		fail(m, "out of memory");
		return;
	}
	m->upgrade->binary = -1;
	for (size_t i = 0; i < LOAD_VIEWS; i++)
		m->upgrade->views[i] = -1;
	if (try(m, &err) != 0)
		fail(m, err.text);
}

void
upgrade_tick(struct master *m)
{
	if (m->upgrade_again && m->upgrade == NULL &&
	    !slots_have_old(m->slots))
		upgrade_start(m);
}

bool
upgrade_reaped(struct master *m, pid_t pid, int status)
{
	if (m->upgrade == NULL ||
	    !load_reaped(m->upgrade->trial, pid, status))
		return false;
	if (m->upgrade != NULL)
		load_free(&m->upgrade->trial);
	return true;
}

bool
upgrade_is_due(const struct master *m)
{
	return m->upgrade != NULL && m->upgrade->due;
}

/* ---- the exec ------------------------------------------------------------ */

/* NAME=VALUE in memory of its own; NULL without memory. */
static char *
entry(const char *name, const char *value)
{
	size_t size = strlen(name) + strlen(value) + 2;
	char *text = malloc(size);

	if (text != NULL)
		(void)snprintf(text, size, "%s=%s", name, value);
	return text;
}

/*
 * The environment of the start: what was taken out of it is given once more,
 * and the successor takes it out again.  Entries from `own` on are ours.
 */
static char **
make_environment(const struct master *m, int state_fd, size_t *own_out)
{
	char number[16];
	const char *const added[][2] = {
		{ UPGRADE_VARIABLE, number },
		{ "DATABASE_URL", m->env.database_url },
		{ "PSK", m->env.psk },
		{ "PORT", m->env.port }
	};
	const size_t nadded = sizeof(added) / sizeof(added[0]);
	size_t n = 0;
	char **envp;

	(void)snprintf(number, sizeof(number), "%d", state_fd);
	while (environ[n] != NULL)
		n++;
	envp = calloc(n + nadded + 1, sizeof(envp[0]));
	if (envp == NULL)
		return NULL;
	memcpy(envp, environ, n * sizeof(envp[0]));
	*own_out = n;
	for (size_t i = 0; i < nadded; i++)
		if (added[i][1] != NULL &&
		    (envp[n] = entry(added[i][0], added[i][1])) != NULL)
			n++;
	return envp;
}

static void
free_environment(char **envp, size_t own)
{
	for (char **e = envp + own; *e != NULL; e++) {
		explicit_bzero(*e, strlen(*e));
		free(*e);
	}
	free(envp);
}

static void
make_arguments(const struct master *m, char *argv[ARGS_MAX])
{
	static char conf[] = "-c", background[] = "-d";
	size_t n = 0;

	argv[n++] = m->program;
	if (m->params->background)
		argv[n++] = background;
	if (m->params->conf_path != NULL) {
		argv[n++] = conf;
		argv[n++] = m->params->conf_path;
	}
	argv[n] = NULL;
}

/* Comes back only when it has failed. */
static void
become(struct master *m, int state_fd, struct err *err)
{
	char *argv[ARGS_MAX];
	sigset_t all, before;
	size_t own;
	char **envp = make_environment(m, state_fd, &own);

	if (envp == NULL) {
		err_set(err, ERR_INTERNAL, "out of memory");
		return;
	}
	make_arguments(m, argv);
	/* What comes meanwhile waits until the successor has its handlers. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	fcntl(state_fd, F_SETFD, 0);
	execveat(m->upgrade->binary, "", argv, envp, AT_EMPTY_PATH);
	err_set_errno(err, ERR_INTERNAL, "%s", m->program);
	sigprocmask(SIG_SETMASK, &before, NULL);
	free_environment(envp, own);
}

static bool
is_settled(const struct master *m)
{
	return TAILQ_EMPTY(&m->opens) && m->load == NULL && !m->load_again &&
	    pass_is_idle(m->pass) && slots_can_hand_over(m->slots);
}

/*
 * Nobody new comes in; sessions being opened go to workers, and workers adopt
 * what they were given.
 */
static bool
settle(struct master *m)
{
	uint64_t end_ms = clock_ms() + SETTLE_MS;

	listeners_pause(m->listeners);
	while (m->phase == MASTER_RUNNING && clock_ms() < end_ms) {
		opens_pass(m);
		if (is_settled(m) && fronts_can_hand_over(m))
			return true;
		event_base_loop(m->base, EVLOOP_ONCE);
	}
	return m->phase == MASTER_RUNNING && is_settled(m);
}

bool
upgrade_run(struct master *m)
{
	struct buf state;
	struct err err;
	int fd;

	load_free(&m->upgrade->trial);
	err_set(&err, ERR_INTERNAL, "workers did not adopt their sessions");
	if (settle(m)) {
		buf_init(&state, STATE_BYTES_MAX);
		if ((fd = put_state(m, &state, &err)) >= 0) {
			keep_descriptors(&state, true);
			become(m, fd, &err);
			keep_descriptors(&state, false);
			close(fd);
		}
		buf_fini(&state);
	}
	if (m->phase != MASTER_RUNNING) {
		upgrade_free(&m->upgrade);
		return slots_run(m->slots);
	}
	listeners_start(m->listeners);
	fail(m, err.text);
	return true;
}
