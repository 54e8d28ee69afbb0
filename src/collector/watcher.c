/*
 * Most requests are over before anybody could look, so most are never watched:
 * as long as requests come, the thread looks every LOOK_MS, and puts the one
 * that it finds under its epoll.  So a request costs two turns of a lock, no
 * system call and no wake-up.  When none has come for a while the thread dozes,
 * and the next one has to see to its watch itself.
 *
 * An event that was on its way when its request ended must not hit the next
 * one: each watch has a serial number, compared under the lock.
 *
 * Most that are given up end by the flag and keep their connection.  One that
 * has not ended some time after it had to is stuck in its driver.
 */
#include "collector/watcher.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "ipc/cpus.h"

/*
 * How often the thread looks while requests come, and else: for so long nobody
 * is missed who gives up, and a deadline is late by it.
 */
#define LOOK_MS 20
#define DOZE_MS 250
/* From the flag, or the deadline, to the end of the socket. */
#define PATIENCE_MS 100

static struct {
	pthread_mutex_t lock;
	struct db_guard *guard;
	uint64_t serial;	/* of the request; told by its events */
	uint64_t seen;		/* serial at the thread's last look */
	int epoll;
	int fd;			/* to be watched; -1 = none */
	bool watched;		/* it is in epoll */
	bool dozing;
	int socket;		/* the driver's; -1 = none */
	bool shut;		/* it was shut down */
	uint64_t cancelled_ms;	/* when the flag was set; 0 = it is not */
} watcher = { .lock = PTHREAD_MUTEX_INITIALIZER, .epoll = -1, .fd = -1,
	.dozing = true, .socket = -1 };

/* Since when must the request have ended?  0: it may go on. */
static uint64_t
overdue_since(void)
{
	uint64_t deadline = atomic_load(&watcher.guard->deadline_ms);

	return watcher.cancelled_ms != 0 ? watcher.cancelled_ms : deadline;
}

static int
put_under_watch(void)
{
	/* Nothing but the end of the peer, and that once. */
	struct epoll_event event = { .events = EPOLLET,
	    .data.u64 = watcher.serial };

	cpus_roam();
	watcher.watched = epoll_ctl(watcher.epoll, EPOLL_CTL_ADD, watcher.fd,
	    &event) == 0;
	return watcher.watched ? 0 : -1;
}

/* Does any request run, and if so, who watches it? */
static void
look(void)
{
	watcher.dozing = watcher.fd == -1 && watcher.serial == watcher.seen;
	watcher.seen = watcher.serial;
	if (watcher.fd != -1 && !watcher.watched)
		(void)put_under_watch();
}

static void
free_stuck(uint64_t now)
{
	uint64_t since = overdue_since();

	if (watcher.fd == -1 || watcher.socket == -1 || watcher.shut ||
	    since == 0 || now < since + PATIENCE_MS)
		return;
	watcher.shut = true;
	(void)shutdown(watcher.socket, SHUT_RDWR);
}

static void *
watch(void *unused)
{
	struct epoll_event event;
	int wait_ms = DOZE_MS;

	(void)unused;
	for (;;) {
		int n = epoll_wait(watcher.epoll, &event, 1, wait_ms);
		uint64_t now = clock_ms();

		pthread_mutex_lock(&watcher.lock);
		if (n == 1 && watcher.fd != -1 &&
		    event.data.u64 == watcher.serial) {
			watcher.cancelled_ms = now;
			atomic_store(&watcher.guard->cancelled, true);
		}
		look();
		free_stuck(now);
		wait_ms = watcher.dozing ? DOZE_MS : LOOK_MS;
		pthread_mutex_unlock(&watcher.lock);
	}
	return NULL;
}

bool
watcher_socket(int fd)
{
	bool shut;

	pthread_mutex_lock(&watcher.lock);
	shut = watcher.shut;
	watcher.socket = fd;
	watcher.shut = false;
	pthread_mutex_unlock(&watcher.lock);
	return shut;
}

int
watcher_start(struct db_guard *guard, struct err *err)
{
	sigset_t all, before;
	pthread_t thread;
	int r;

	watcher.guard = guard;
	watcher.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (watcher.epoll == -1)
		return err_set_errno(err, ERR_INTERNAL, "epoll");
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&thread, NULL, watch, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r != 0)
		return err_set(err, ERR_INTERNAL,
		    "the watcher's thread cannot be started");
	pthread_detach(thread);
	return 0;
}

int
watcher_watch(int fd, struct err *err)
{
	int result = 0;

	pthread_mutex_lock(&watcher.lock);
	watcher.fd = fd;
	watcher.serial++;
	watcher.cancelled_ms = 0;
	atomic_store(&watcher.guard->cancelled, false);
	if (watcher.dozing && put_under_watch() != 0)
		result = err_set_errno(err, ERR_INTERNAL, "epoll");
	pthread_mutex_unlock(&watcher.lock);
	return result;
}

bool
watcher_unwatch(void)
{
	bool shut;

	pthread_mutex_lock(&watcher.lock);
	if (watcher.watched)
		(void)epoll_ctl(watcher.epoll, EPOLL_CTL_DEL, watcher.fd,
		    NULL);
	cpus_return();
	watcher.watched = false;
	watcher.fd = -1;
	shut = watcher.shut;
	atomic_store(&watcher.guard->cancelled, false);
	pthread_mutex_unlock(&watcher.lock);
	return shut;
}

void
watcher_large(void)
{
	pthread_mutex_lock(&watcher.lock);
	cpus_roam();
	pthread_mutex_unlock(&watcher.lock);
}
