/*
 * Sealed views: what is sealed cannot change or shrink under its reader, so a
 * checked view stays checked.
 */
#include "ipc/view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
/* Far above any configuration; a bound for what a stranger may map. */
#define VIEW_BYTES_MAX (64 * 1024 * 1024)

static int
write_all(int fd, const char *data, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = write(fd, data, len);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int
view_seal(const char *name, const void *data, size_t len, struct err *err)
{
	int fd;

	fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return err_set_errno(err, ERR_INTERNAL, "memfd_create");
	if (write_all(fd, data, len) < 0 ||
	    fcntl(fd, F_ADD_SEALS, SEALS) < 0) {
		err_set_errno(err, ERR_INTERNAL, "view %s", name);
		close(fd);
		return -1;
	}
	return fd;
}

int
view_map(int fd, const char **data_out, size_t *len_out, struct err *err)
{
	struct stat st;
	int seals;
	void *p;

	seals = fcntl(fd, F_GET_SEALS);
	if (seals < 0 || (seals & SEALS) != SEALS)
		return err_set(err, ERR_INTERNAL, "view is not sealed");
	if (fstat(fd, &st) < 0 || st.st_size <= 0 ||
	    st.st_size > VIEW_BYTES_MAX)
		return err_set(err, ERR_INTERNAL, "view has no fit size");
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return err_set_errno(err, ERR_INTERNAL, "mmap of a view");
	*data_out = p;
	*len_out = (size_t)st.st_size;
	return 0;
}

void
view_unmap(const char *data, size_t len)
{
	/* munmap() wants no const; nothing is written. */
	munmap((void *)(uintptr_t)data, len);
}
