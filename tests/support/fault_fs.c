/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/fault_fs.h"

#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

#include "support/eventlog_box.h"

struct fault_file {
	sqlite3_file base;
	sqlite3_file *real; /* behind this struct */
};

static struct {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	enum fault fault;
	unsigned hanging;
	sqlite3_vfs *real;
	sqlite3_vfs vfs;
} fs = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static int
fault_now(void)
{
	int result = SQLITE_OK;

	(void)pthread_mutex_lock(&fs.mutex);
	if (fs.fault == FAULT_HANG) {
		fs.hanging++;
		(void)pthread_cond_broadcast(&fs.changed);
		while (fs.fault == FAULT_HANG)
			(void)pthread_cond_wait(&fs.changed, &fs.mutex);
		fs.hanging--;
	}
	if (fs.fault == FAULT_FULL)
		result = SQLITE_FULL;
	else if (fs.fault == FAULT_IO)
		result = SQLITE_IOERR_WRITE;
	else if (fs.fault == FAULT_CORRUPT)
		result = SQLITE_CORRUPT;
	if (fs.fault == FAULT_CORRUPT)
		fs.fault = FAULT_NONE;
	(void)pthread_mutex_unlock(&fs.mutex);
	return result;
}

static sqlite3_file *
real_of(sqlite3_file *file)
{
	return ((struct fault_file *)(void *)file)->real;
}

static int
file_close(sqlite3_file *f)
{
	return real_of(f)->pMethods->xClose(real_of(f));
}

static int
file_read(sqlite3_file *f, void *data, int n, sqlite3_int64 at)
{
	return real_of(f)->pMethods->xRead(real_of(f), data, n, at);
}

static int
file_write(sqlite3_file *f, const void *data, int n, sqlite3_int64 at)
{
	int result = fault_now();

	return result != SQLITE_OK
	           ? result
	           : real_of(f)->pMethods->xWrite(real_of(f), data, n, at);
}

static int
file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	return real_of(f)->pMethods->xTruncate(real_of(f), size);
}

static int
file_sync(sqlite3_file *f, int flags)
{
	int result = fault_now();

	return result != SQLITE_OK ? result
	                           : real_of(f)->pMethods->xSync(real_of(f), flags);
}

static int
file_size(sqlite3_file *f, sqlite3_int64 *size)
{
	return real_of(f)->pMethods->xFileSize(real_of(f), size);
}

static int
file_lock(sqlite3_file *f, int lock)
{
	return real_of(f)->pMethods->xLock(real_of(f), lock);
}

static int
file_unlock(sqlite3_file *f, int lock)
{
	return real_of(f)->pMethods->xUnlock(real_of(f), lock);
}

static int
file_check_lock(sqlite3_file *f, int *held)
{
	return real_of(f)->pMethods->xCheckReservedLock(real_of(f), held);
}

static int
file_control(sqlite3_file *f, int op, void *arg)
{
	return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}

static int
file_sector(sqlite3_file *f)
{
	return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int
file_character(sqlite3_file *f)
{
	return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static int
file_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **map)
{
	return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, map);
}

static int
file_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	return real_of(f)->pMethods->xShmLock(real_of(f), offset, n, flags);
}

static void
file_shm_barrier(sqlite3_file *f)
{
	real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int
file_shm_unmap(sqlite3_file *f, int remove)
{
	return real_of(f)->pMethods->xShmUnmap(real_of(f), remove);
}

static const sqlite3_io_methods METHODS = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_character,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

static int
vfs_open(
    sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
	struct fault_file *f = (struct fault_file *)(void *)file;
	int result;

	(void)vfs;
	memset(f, 0, sizeof *f);
	f->real = (sqlite3_file *)(void *)(f + 1);
	result = fs.real->xOpen(fs.real, name, f->real, flags, ret_flags);
	if (f->real->pMethods)
		f->base.pMethods = &METHODS;
	return result;
}

void
fault_fs_install(void)
{
	if (fs.real)
		return;
	fs.real = sqlite3_vfs_find(NULL);
	fs.vfs = *fs.real;
	fs.vfs.pNext = NULL;
	fs.vfs.zName = "fault";
	fs.vfs.szOsFile = (int)sizeof(struct fault_file) + fs.real->szOsFile;
	fs.vfs.xOpen = vfs_open;
	(void)sqlite3_vfs_register(&fs.vfs, 1);
}

void
fault_fs_set(enum fault fault)
{
	(void)pthread_mutex_lock(&fs.mutex);
	fs.fault = fault;
	(void)pthread_cond_broadcast(&fs.changed);
	(void)pthread_mutex_unlock(&fs.mutex);
}

void
fault_fs_wait_hanging(void)
{
	(void)pthread_mutex_lock(&fs.mutex);
	while (fs.hanging == 0)
		(void)pthread_cond_wait(&fs.changed, &fs.mutex);
	(void)pthread_mutex_unlock(&fs.mutex);
}

int
fault_box_setup(void **state)
{
	fault_fs_install();
	return box_setup(state);
}

int
fault_box_teardown(void **state)
{
	fault_fs_set(FAULT_NONE);
	return box_teardown(state);
}
