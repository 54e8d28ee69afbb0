/*
 * The thread sleeps in epoll_wait() and costs a request two cheap calls, no
 * wake-up.  An event that was on its way when its request ended must not hit
 * the next one: each watch has a serial number, compared under the lock.
 *
 * Most requests end by the flag, between two rows, and keep their connection.
 * One that has not ended some time after it had to is stuck in its driver.
 */
#include "collector/watcher.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/clock.h"

/* How often deadlines are looked at while a request runs, and else. */
#define LOOK_MS 50
#define IDLE_MS 250
/* From the flag, or the deadline, to the end of the socket. */
#define PATIENCE_MS 100

static struct {
	pthread_mutex_t lock;
	struct db_guard *guard;
	uint64_t serial;	/* of the watch; told by its events */
	int epoll;
	int fd;			/* watched; -1 = none */
	int socket;		/* the driver's; -1 = none */
	bool shut;		/* it was shut down */
	uint64_t cancelled_ms;	/* when the flag was set; 0 = it is not */
} watcher = { .lock = PTHREAD_MUTEX_INITIALIZER, .epoll = -1, .fd = -1,
	.socket = -1 };

/* Since when must the request have ended?  0: it may go on. */
static uint64_t
overdue_since(void)
{
	uint64_t deadline = atomic_load(&watcher.guard->deadline_ms);

	return watcher.cancelled_ms != 0 ? watcher.cancelled_ms : deadline;
}

static void
look(uint64_t now)
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
	int wait_ms = IDLE_MS;

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
		look(now);
		wait_ms = watcher.fd == -1 ? IDLE_MS : LOOK_MS;
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
	/* Nothing but the end of the peer, and that once. */
	struct epoll_event event = { .events = EPOLLET };

	pthread_mutex_lock(&watcher.lock);
	watcher.fd = fd;
	event.data.u64 = ++watcher.serial;
	watcher.cancelled_ms = 0;
	atomic_store(&watcher.guard->cancelled, false);
	pthread_mutex_unlock(&watcher.lock);
	if (epoll_ctl(watcher.epoll, EPOLL_CTL_ADD, fd, &event) == -1)
		return err_set_errno(err, ERR_INTERNAL, "epoll");
	return 0;
}

bool
watcher_unwatch(void)
{
	bool shut;

	pthread_mutex_lock(&watcher.lock);
	(void)epoll_ctl(watcher.epoll, EPOLL_CTL_DEL, watcher.fd, NULL);
	watcher.fd = -1;
	shut = watcher.shut;
	atomic_store(&watcher.guard->cancelled, false);
	pthread_mutex_unlock(&watcher.lock);
	return shut;
}
