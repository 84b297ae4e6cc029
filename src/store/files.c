/* Small work on files that the store needs: making sure of what is on the disk.
 * Not the database's own files while it is open: closing a second descriptor
 * on one would drop SQLite's locks. */
#include "store/impl.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

int file_fault(struct err *err, const char *path)
{
	int fault = errno;

	if (fault == ENOSPC || fault == EDQUOT)
		return err_kind_set(err, &ERR_STORE_FULL);
	if (fault == EROFS)
		return err_kind_set(err, &ERR_STORE_READONLY);
	return err_fmt(err, &ERR_FILE, "%s: %s", path, strerrordesc_np(fault));
}

int file_sync(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), r;

	if (fd < 0)
		return file_fault(err, path);
	r = fsync(fd) ? file_fault(err, path) : 0;
	close(fd);
	return r;
}

int file_replace(const char *from, const char *to, struct err *err)
{
	char folder[PATH_MAX];

	if (rename(from, to))
		return file_fault(err, to);
	if (!str_copy(str_of(to), folder, sizeof(folder)))
		return err_fmt(err, &ERR_FILE, "%s: %s", to, "too long");
	return file_sync(dirname(folder), err);
}
