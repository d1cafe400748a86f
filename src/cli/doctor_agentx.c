/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor_agentx.c - can the daemon reach the AgentX master? */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/doctor.h"

#define AGENTX_USER "dmports"

enum { AGENTX_GROUPS = 64 };

/* The user that the daemon runs as: its own when there is one, else the present one. */
struct agentx_user {
	char name[64];
	uid_t uid;
	gid_t groups[AGENTX_GROUPS];
	int n_groups;
};

static void
agentx_user_find(struct agentx_user *ret_user)
{
	const struct passwd *entry = getpwnam(AGENTX_USER);

	*ret_user = (struct agentx_user){.uid = geteuid()};
	if (!entry)
		entry = getpwuid(geteuid());
	if (!entry) {
		dmp_text_format(ret_user->name, sizeof(ret_user->name), "uid %u",
		    (unsigned)geteuid());
		ret_user->groups[0] = getegid();
		ret_user->n_groups = 1;
		return;
	}
	dmp_text_copy(ret_user->name, sizeof(ret_user->name), entry->pw_name);
	ret_user->uid = entry->pw_uid;
	ret_user->n_groups = AGENTX_GROUPS;
	if (getgrouplist(entry->pw_name, entry->pw_gid, ret_user->groups,
	        &ret_user->n_groups) < 0)
		ret_user->n_groups = AGENTX_GROUPS; /* has more: the first ones count */
}

/* Mode bits as the kernel applies them: owner, else group, else other. */
static bool
agentx_may(const struct agentx_user *user, const struct stat *st, mode_t bits)
{
	if (user->uid == 0)
		return true;
	if (st->st_uid == user->uid)
		return (st->st_mode >> 6 & bits) == bits;
	for (int i = 0; i < user->n_groups; i++) {
		if (st->st_gid == user->groups[i])
			return (st->st_mode >> 3 & bits) == bits;
	}
	return (st->st_mode & bits) == bits;
}

/* Search permission on every directory above path, write permission on path. */
static bool
agentx_permitted(
    const struct agentx_user *user, const char *path, char *ret_where, size_t size)
{
	struct stat st;
	char part[256];
	size_t n = strlen(path);

	for (size_t i = 1; i < n && i < sizeof(part); i++) {
		if (path[i] != '/')
			continue;
		dmp_text_copy(part, i + 1, path);
		if (stat(part, &st) != 0 || !agentx_may(user, &st, 1)) {
			dmp_text_copy(ret_where, size, part);
			return false;
		}
	}
	if (stat(path, &st) != 0 || !agentx_may(user, &st, 2)) {
		dmp_text_copy(ret_where, size, path);
		return false;
	}
	return true;
}

/* Connect without waiting: a master that hangs would otherwise hang us, too.  0 or the
 * errno. */
static int
agentx_connect(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int error = 0;
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return ENAMETOOLONG;
	dmp_text_copy(address.sun_path, sizeof(address.sun_path), path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
		error = errno;
	(void)close(fd);
	return error;
}

static void
agentx_missing(struct dmp_doctor *d, const char *path, int error)
{
	if (error == ENOENT && strcmp(path, DMP_SNMPD_AGENTX) != 0 &&
	    access(DMP_SNMPD_AGENTX, F_OK) == 0)
		dmp_doctor_say(d, DMP_VERDICT_FAIL, "AgentX socket",
		    "<agent agentx=\"unix:" DMP_SNMPD_AGENTX "\"/>",
		    "%s does not exist, but %s does: say so in the site file", path,
		    DMP_SNMPD_AGENTX);
	else if (error == ENOENT)
		dmp_doctor_say(d, DMP_VERDICT_FAIL, "AgentX socket",
		    "systemctl restart snmpd (with \"master agentx\" in snmpd.conf)",
		    "%s does not exist: snmpd does not run, or is no AgentX master",
		    path);
	else
		dmp_doctor_say(d, DMP_VERDICT_WARN, "AgentX socket",
		    "run dmports doctor as root", "cannot look at %s: %s", path,
		    strerror(error));
}

static void
agentx_socket(struct dmp_doctor *d, const char *path)
{
	struct agentx_user user;
	struct stat st;
	char where[256];
	int error;

	if (stat(path, &st) != 0) {
		agentx_missing(d, path, errno);
		return;
	}
	agentx_user_find(&user);
	if (!agentx_permitted(&user, path, where, sizeof(where)))
		dmp_doctor_say(d, DMP_VERDICT_FAIL, "AgentX permission",
		    "agentXPerms 0660 0550 root " AGENTX_USER,
		    "%s keeps the user %s out; add to %s, and restart snmpd", where,
		    user.name, d->snmpd_conf);
	else
		dmp_doctor_say(d, DMP_VERDICT_OK, "AgentX permission", NULL,
		    "the user %s may use %s", user.name, path);
	error = agentx_connect(path);
	if (error == 0)
		dmp_doctor_say(d, DMP_VERDICT_OK, "AgentX socket", NULL,
		    "%s accepts connections", path);
	else if (error == EACCES || error == EPERM)
		dmp_doctor_say(d, DMP_VERDICT_WARN, "AgentX socket",
		    "run dmports doctor as root", "not permitted to try %s", path);
	else
		dmp_doctor_say(d, DMP_VERDICT_FAIL, "AgentX socket",
		    "systemctl restart snmpd", "%s: %s", path,
		    error == EAGAIN         ? "snmpd hangs: it accepts nobody any more"
		    : error == ECONNREFUSED ? "nobody listens: left from a former run"
		                            : strerror(error));
}

/* Is there a process called snmpd? */
static bool
agentx_snmpd_runs(void)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;
	bool runs = false;

	while (dir && !runs && (entry = readdir(dir)) != NULL) {
		char path[300];
		char comm[32] = "";
		ssize_t n;
		int fd;

		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		dmp_text_format(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		n = read(fd, comm, sizeof(comm) - 1);
		(void)close(fd);
		runs = n > 0 && strncmp(comm, "snmpd\n", 6) == 0;
	}
	if (dir)
		(void)closedir(dir);
	return runs;
}

void
dmp_doctor_agentx(struct dmp_doctor *d)
{
	const char *path = dmp_doctor_unix_path(d->agentx);

	if (agentx_snmpd_runs())
		dmp_doctor_say(d, DMP_VERDICT_OK, "snmpd", NULL, "it runs");
	else
		dmp_doctor_say(d, DMP_VERDICT_FAIL, "snmpd", "systemctl start snmpd",
		    "it does not run: managers see nothing");
	if (path)
		agentx_socket(d, path);
	else
		dmp_doctor_say(d, DMP_VERDICT_WARN, "AgentX socket",
		    "prefer unix:/run/agentx/master",
		    "%s is not a unix socket: not tried; AgentX has no "
		    "authentication, keep others away from it",
		    d->agentx);
}
