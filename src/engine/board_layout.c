/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/board_layout.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

static const struct {
	size_t plan;
	size_t live;
	size_t index_offset;
} SHAPES[DMP_BOARD_SECTIONS] = {
    [DMP_BOARD_SYSTEM] = {sizeof(struct dmp_board_system),
        sizeof(struct dmp_board_system_live), 0},
    [DMP_BOARD_REQUIREMENT] = {sizeof(struct dmp_board_requirement),
        sizeof(struct dmp_board_requirement_live),
        offsetof(struct dmp_board_requirement, index)},
    [DMP_BOARD_HOST] = {sizeof(struct dmp_board_host),
        sizeof(struct dmp_board_host_live), offsetof(struct dmp_board_host, index)},
    [DMP_BOARD_PORT] = {sizeof(struct dmp_board_port),
        sizeof(struct dmp_board_port_live), offsetof(struct dmp_board_port, index)},
    [DMP_BOARD_RECEIVER] = {sizeof(struct dmp_board_receiver),
        sizeof(struct dmp_board_receiver_live),
        offsetof(struct dmp_board_receiver, index)},
};

#define FITS_UNDO(type)                                                                \
	_Static_assert(sizeof(struct type) <= 8 * BOARD_UNDO_WORDS, #type)
FITS_UNDO(dmp_board_system_live);
FITS_UNDO(dmp_board_requirement_live);
FITS_UNDO(dmp_board_host_live);
FITS_UNDO(dmp_board_port_live);
FITS_UNDO(dmp_board_receiver_live);

#define TEXT(half, section, type, field)                                               \
	{                                                                              \
		half, section, offsetof(struct type, field),                           \
		    sizeof(((struct type *)0)->field)                                  \
	}
#define PLAN_TEXT(section, type, field)                                                \
	TEXT(BOARD_PLAN, DMP_BOARD_##section, dmp_board_##type, field)
#define LIVE_TEXT(section, type, field)                                                \
	TEXT(BOARD_LIVE, DMP_BOARD_##section, dmp_board_##type##_live, field)

static const struct board_text TEXTS[] = {
    PLAN_TEXT(SYSTEM, system, software_version),
    PLAN_TEXT(SYSTEM, system, site_name),
    PLAN_TEXT(SYSTEM, system, dataminer),
    PLAN_TEXT(SYSTEM, system, vantage),
    PLAN_TEXT(SYSTEM, system, catalogue_revision),
    PLAN_TEXT(SYSTEM, system, source),
    PLAN_TEXT(SYSTEM, system, agentx),
    PLAN_TEXT(SYSTEM, system, context),
    LIVE_TEXT(SYSTEM, system, config_message),
    PLAN_TEXT(REQUIREMENT, requirement, key),
    PLAN_TEXT(REQUIREMENT, requirement, title),
    PLAN_TEXT(REQUIREMENT, requirement, protocol),
    PLAN_TEXT(REQUIREMENT, requirement, why),
    PLAN_TEXT(REQUIREMENT, requirement, since),
    PLAN_TEXT(REQUIREMENT, requirement, until),
    PLAN_TEXT(REQUIREMENT, requirement, reference),
    PLAN_TEXT(HOST, host, name),
    PLAN_TEXT(HOST, host, roles),
    LIVE_TEXT(HOST, host, address),
    LIVE_TEXT(HOST, host, detail),
    LIVE_TEXT(HOST, host, admin_comment),
    PLAN_TEXT(PORT, port, key),
    PLAN_TEXT(PORT, port, host_name),
    PLAN_TEXT(PORT, port, service),
    PLAN_TEXT(PORT, port, why),
    LIVE_TEXT(PORT, port, address),
    LIVE_TEXT(PORT, port, detail),
    LIVE_TEXT(PORT, port, identity),
    LIVE_TEXT(PORT, port, tls_subject),
    LIVE_TEXT(PORT, port, admin_comment),
    PLAN_TEXT(RECEIVER, receiver, name),
    PLAN_TEXT(RECEIVER, receiver, address),
    PLAN_TEXT(RECEIVER, receiver, source),
    PLAN_TEXT(RECEIVER, receiver, community_file),
    PLAN_TEXT(RECEIVER, receiver, user),
    PLAN_TEXT(RECEIVER, receiver, auth),
    PLAN_TEXT(RECEIVER, receiver, auth_file),
    PLAN_TEXT(RECEIVER, receiver, priv),
    PLAN_TEXT(RECEIVER, receiver, priv_file),
    PLAN_TEXT(RECEIVER, receiver, engine_id),
    LIVE_TEXT(RECEIVER, receiver, trouble),
};

static size_t
layout_words(size_t size)
{
	return (size + 7) / 8;
}

size_t
dmp_board_plan_size(enum dmp_board_section section)
{
	return SHAPES[section].plan;
}

size_t
dmp_board_live_size(enum dmp_board_section section)
{
	return SHAPES[section].live;
}

size_t
dmp_board_plan_stride(enum dmp_board_section section)
{
	return 8 * layout_words(SHAPES[section].plan);
}

size_t
dmp_board_live_stride(enum dmp_board_section section)
{
	if (SHAPES[section].live == 0)
		return 0;
	return 8 + 8 * layout_words(SHAPES[section].live);
}

size_t
dmp_board_index_offset(enum dmp_board_section section)
{
	return SHAPES[section].index_offset;
}

const struct board_text *
dmp_board_texts(size_t *ret_n)
{
	*ret_n = sizeof TEXTS / sizeof TEXTS[0];
	return TEXTS;
}

/* No overflow: five sections of at most 2^32 rows of less than 2^13 bytes. */
bool
dmp_board_arrange(const uint32_t rows[DMP_BOARD_SECTIONS],
    struct board_section ret_sections[DMP_BOARD_SECTIONS], uint64_t *ret_size)
{
	uint64_t at = sizeof(struct board_header);

	for (int s = 0; s < DMP_BOARD_SECTIONS; s++) {
		struct board_section *section = &ret_sections[s];

		section->rows = rows[s];
		section->plan_offset = at;
		at += section->rows * dmp_board_plan_stride((enum dmp_board_section)s);
		section->live_offset = at;
		at += section->rows * dmp_board_live_stride((enum dmp_board_section)s);
	}
	if (at > PTRDIFF_MAX)
		return false;
	*ret_size = at;
	return true;
}

/* FNV-1a. */
static uint64_t
layout_hash(uint64_t hash, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
	return hash;
}

uint64_t
dmp_board_build_id(void)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	const uint64_t header = sizeof(struct board_header);

	hash = layout_hash(hash, DMP_VERSION, sizeof DMP_VERSION);
	hash = layout_hash(hash, &header, sizeof header);
	for (size_t s = 0; s < DMP_BOARD_SECTIONS; s++) {
		const uint64_t sizes[] = {SHAPES[s].plan, SHAPES[s].live};

		hash = layout_hash(hash, sizes, sizeof sizes);
	}
	for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
		const uint64_t place[] = {TEXTS[i].offset, TEXTS[i].size};

		hash = layout_hash(hash, place, sizeof place);
	}
	return hash;
}

bool
dmp_board_number(const char *name, uint64_t *ret_number)
{
	const size_t n = sizeof BOARD_PREFIX - 1;

	return strncmp(name, BOARD_PREFIX, n) == 0 &&
	       dmp_text_number(name + n, 1, BOARD_NUMBER_MAX, ret_number);
}

void
dmp_board_name(uint64_t number, char name[NAME_MAX + 1])
{
	dmp_text_format(
	    name, NAME_MAX + 1, BOARD_PREFIX "%llu", (unsigned long long)number);
}

/* A descriptor of its own: closedir() closes what it was given. */
enum dmp_status
dmp_board_scan(int directory, dmp_board_entry_fn *fn, void *arg)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent *entry;
	DIR *dir;

	if (fd < 0)
		return dmp_board_errno_status(errno);
	dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return DMP_ENOMEM;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (strncmp(entry->d_name, BOARD_PREFIX, sizeof BOARD_PREFIX - 1) == 0)
			fn(directory, entry->d_name, arg);
	}
	(void)closedir(dir);
	return DMP_OK;
}

static void
layout_keep_newest(int directory, const char *name, void *arg)
{
	uint64_t *newest = arg;
	uint64_t number;

	(void)directory;
	if (dmp_board_number(name, &number) && number > *newest)
		*newest = number;
}

enum dmp_status
dmp_board_newest(int directory, uint64_t *ret_number)
{
	uint64_t newest = 0;
	enum dmp_status status = dmp_board_scan(directory, layout_keep_newest, &newest);

	if (status == DMP_OK)
		*ret_number = newest;
	return status;
}

enum dmp_status
dmp_board_errno_status(int error)
{
	if (error == ENOENT || error == ENOTDIR)
		return DMP_ENOENT;
	if (error == EACCES || error == EPERM)
		return DMP_EPERM;
	return DMP_EIO;
}
