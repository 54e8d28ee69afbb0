/*
 * Every process writes to its descriptor 2 by itself, so each is handed the
 * new file; those started later inherit ours.
 */
#include "master/logfile.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "ipc/msg.h"
#include "master/slots.h"
#include "master/state.h"

int
logfile_open(const char *path, struct err *err)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);

	if (fd < 0)
		err_set_errno(err, ERR_INTERNAL, "log_file %s", path);
	return fd;
}

void
logfile_move(struct master *m, int fd)
{
	struct buf b;

	log_move(fd);
	buf_init(&b, 0);
	if (msg_put_log(&b) == 0)
		slots_tell_all(m->slots, &b, fd);
	buf_fini(&b);
	close(fd);
}

void
logfile_reopen(struct master *m)
{
	struct err err;
	int fd;

	if (m->conf.log_file == NULL)
		return;
	fd = logfile_open(m->conf.log_file, &err);
	if (fd < 0)
		log_error("%s: the old file is written on", err.text);
	else
		logfile_move(m, fd);
}
