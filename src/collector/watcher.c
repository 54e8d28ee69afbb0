/*
 * The thread sleeps in epoll_wait() and costs a request two cheap calls, no
 * wake-up.  An event that was on its way when its request ended must not hit
 * the next one: each watch has a serial number, compared under the lock.
 */
#include "collector/watcher.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>

static struct {
	pthread_mutex_t lock;
	struct db_guard *guard;
	uint64_t serial;	/* of the watch; told by its events */
	int epoll;
	int fd;			/* watched; -1 = none */
} watcher = { .lock = PTHREAD_MUTEX_INITIALIZER, .epoll = -1, .fd = -1 };

static void *
watch(void *unused)
{
	struct epoll_event event;

	(void)unused;
	for (;;) {
		if (epoll_wait(watcher.epoll, &event, 1, -1) != 1)
			continue;
		pthread_mutex_lock(&watcher.lock);
		if (watcher.fd != -1 && event.data.u64 == watcher.serial)
			atomic_store(&watcher.guard->cancelled, true);
		pthread_mutex_unlock(&watcher.lock);
	}
	return NULL;
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
	atomic_store(&watcher.guard->cancelled, false);
	pthread_mutex_unlock(&watcher.lock);
	if (epoll_ctl(watcher.epoll, EPOLL_CTL_ADD, fd, &event) == -1)
		return err_set_errno(err, ERR_INTERNAL, "epoll");
	return 0;
}

void
watcher_unwatch(void)
{
	pthread_mutex_lock(&watcher.lock);
	(void)epoll_ctl(watcher.epoll, EPOLL_CTL_DEL, watcher.fd, NULL);
	watcher.fd = -1;
	atomic_store(&watcher.guard->cancelled, false);
	pthread_mutex_unlock(&watcher.lock);
}
