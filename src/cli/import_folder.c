/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/import_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"

enum { NAME_MAX_BYTES = 256, ENTRIES_MAX = 100000 };

static const char SKYLINE[] = "Skyline DataMiner";
static const char *const DRIVES[] = {"C", "C:", "C$"};

enum { N_DRIVES = sizeof DRIVES / sizeof DRIVES[0] };

/* The entry of this name: spelt exactly so, else the first in the order of bytes that
 * differs in letter case only. */
static bool
folder_find(int folder, const char *name, char found[NAME_MAX_BYTES])
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int n = 0;

	found[0] = '\0';
	if (!dir) {
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	while (n++ < ENTRIES_MAX && (entry = readdir(dir))) {
		if (strcasecmp(entry->d_name, name) != 0)
			continue;
		if (strcmp(entry->d_name, name) == 0 || found[0] == '\0' ||
		    (strcmp(found, name) != 0 && strcmp(entry->d_name, found) < 0))
			dmp_text_copy(found, NAME_MAX_BYTES, entry->d_name);
	}
	(void)closedir(dir);
	return found[0] != '\0';
}

/* Open the folder of this name in another; -1 when it is not there, or a link. */
static int
folder_open(int folder, const char *name)
{
	char found[NAME_MAX_BYTES];

	if (folder < 0 || !folder_find(folder, name, found))
		return -1;
	return openat(folder, found, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static bool
folder_has_dataminer(int folder)
{
	static const char *const FILES[] = {
	    "DMS.xml", "DataMiner.xml", "MaintenanceSettings.xml", "DB.xml"};
	char found[NAME_MAX_BYTES];

	for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++) {
		if (folder_find(folder, FILES[i], found))
			return true;
	}
	return false;
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

/* The trees below what stands for the drive C:. */
static bool
copy_open_drive(struct dmp_import_copy *copy, int drive)
{
	static const char *const NAMES[] = {SKYLINE, "Program Files", "ProgramData"};
	bool is_any = false;

	for (size_t i = 0; i < DMP_IMPORT_TREES; i++) {
		int ours;

		if (copy->tree[i] >= 0)
			continue;
		copy->tree[i] = folder_open(drive, NAMES[i]);
		/* "Program Files" of anybody is no sign of DataMiner. */
		if (i != DMP_IMPORT_TREE_DATAMINER && copy->tree[i] >= 0) {
			ours = folder_open(copy->tree[i], "Skyline Communications");
			if (ours < 0)
				close_fd(&copy->tree[i]);
			close_fd(&ours);
		}
		is_any = is_any || copy->tree[i] >= 0;
	}
	return is_any;
}

static const char *
path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool
is_drive(const char *name)
{
	for (size_t i = 0; i < N_DRIVES; i++) {
		if (strcasecmp(name, DRIVES[i]) == 0)
			return true;
	}
	return false;
}

/* The last name of the path that is not one that every copy has. */
static void
copy_label(char *path, char label[DMP_IMPORT_LABEL])
{
	while (strcasecmp(path_name(path), SKYLINE) == 0 || is_drive(path_name(path))) {
		char *slash = strrchr(path, '/');

		if (!slash || slash == path)
			break;
		*slash = '\0';
	}
	dmp_text_copy(label, DMP_IMPORT_LABEL, path_name(path));
}

static bool
copy_find(struct dmp_import_copy *copy, int folder, const char *path)
{
	bool is_any = false;

	if (folder_has_dataminer(folder)) {
		int drive = -1;

		copy->tree[DMP_IMPORT_TREE_DATAMINER] =
		    openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		is_any = copy->tree[DMP_IMPORT_TREE_DATAMINER] >= 0;
		if (strcasecmp(path_name(path), SKYLINE) == 0)
			drive =
			    openat(folder, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		(void)copy_open_drive(copy, drive);
		close_fd(&drive);
	}
	is_any = copy_open_drive(copy, folder) || is_any;
	for (size_t i = 0; i < N_DRIVES && !is_any; i++) {
		int drive = folder_open(folder, DRIVES[i]);

		is_any = copy_open_drive(copy, drive);
		close_fd(&drive);
	}
	return is_any;
}

enum dmp_status
dmp_import_copy_open(
    const char *path, struct dmp_import_copy *ret_copy, struct dmp_text *error)
{
	struct dmp_import_copy copy = {.tree = {-1, -1, -1}};
	char *real = realpath(path, NULL);
	int folder = real ? open(real, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	bool is_found;

	if (folder < 0) {
		int reason = errno;

		dmp_text_printf(error, "%s: %s", path, strerror(reason));
		free(real);
		return reason == EACCES ? DMP_EPERM : DMP_ENOENT;
	}
	is_found = copy_find(&copy, folder, real);
	(void)close(folder);
	if (is_found) {
		copy_label(real, copy.label);
		*ret_copy = copy;
	} else {
		dmp_text_printf(error,
		    "%s does not look like a copy of a DataMiner machine: expected "
		    "DMS.xml, DataMiner.xml, MaintenanceSettings.xml or DB.xml in it, "
		    "as in \"C:\\Skyline DataMiner\", or a folder \"Skyline "
		    "DataMiner\", \"Program Files\\Skyline Communications\" or "
		    "\"ProgramData\\Skyline Communications\"",
		    path);
	}
	free(real);
	return is_found ? DMP_OK : DMP_ENOENT;
}

void
dmp_import_copy_close(struct dmp_import_copy *copy)
{
	for (size_t i = 0; i < DMP_IMPORT_TREES; i++)
		close_fd(&copy->tree[i]);
}

enum dmp_status
dmp_import_copy_read(const struct dmp_import_copy *copy,
    const struct dmp_import_place *place, char **ret_data, size_t *ret_size)
{
	int folder = copy->tree[place->tree];
	const char *path = place->path;
	char name[NAME_MAX_BYTES];
	char found[NAME_MAX_BYTES];
	enum dmp_status status = DMP_ENOENT;

	if (folder < 0)
		return DMP_ENOENT;
	folder = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (folder >= 0 && strchr(path, '/')) {
		size_t n = strcspn(path, "/");
		int next;

		dmp_text_copy(name, n < sizeof name ? n + 1 : sizeof name, path);
		if (!folder_find(folder, name, found))
			break;
		next = openat(
		    folder, found, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			status = errno == EACCES ? DMP_EPERM : DMP_EINVAL;
		(void)close(folder);
		folder = next;
		path += n + 1;
	}
	if (folder >= 0 && !strchr(path, '/') && folder_find(folder, path, found))
		status = dmp_file_read_at(
		    folder, found, DMP_IMPORT_BYTES, ret_data, ret_size);
	close_fd(&folder);
	return status;
}
