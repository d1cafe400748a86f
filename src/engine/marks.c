/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/marks.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

/* A slot: magic, generation, numbers, boot id, flags; zeroes; CRC-32 of all before it.
 * Numbers are little-endian. */
enum { SLOT_SIZE = 512, SLOT_CRC = SLOT_SIZE - 4, SLOTS = 2 };

static const unsigned char MAGIC[8] = {'d', 'm', 'p', 'm', 'a', 'r', 'k', '1'};

enum { FLAG_CLEAN = 1, FLAG_VOLATILE = 2 };

/* CRC-32 of IEEE 802.3, bit by bit: two slots at start and one per reservation. */
static uint32_t
marks_crc(const unsigned char *data, size_t n)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < n; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (UINT32_C(0xedb88320) & -(crc & 1));
	}
	return ~crc;
}

static unsigned char *
put_number(unsigned char *p, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		p[i] = (unsigned char)(value >> 8 * i);
	return p + size;
}

static uint64_t
get_number(const unsigned char **p, size_t size)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)(*p)[i] << 8 * i;
	*p += size;
	return value;
}

static void
marks_encode(const struct dmp_marks *marks, unsigned char slot[SLOT_SIZE])
{
	unsigned char *p = slot + sizeof MAGIC;
	uint32_t flags = (marks->clean ? FLAG_CLEAN : 0u) |
	                 (marks->volatile_sends ? FLAG_VOLATILE : 0u);

	memset(slot, 0, SLOT_SIZE);
	memcpy(slot, MAGIC, sizeof MAGIC);
	p = put_number(p, marks->generation, 8);
	p = put_number(p, marks->reserved, 4);
	p = put_number(p, marks->floor, 4);
	p = put_number(p, marks->epoch, 4);
	for (size_t kind = 0; kind < DMP_MARKS_KINDS; kind++)
		p = put_number(p, marks->index[kind], 4);
	p = put_number(p, flags, 4);
	dmp_text_copy((char *)p, sizeof marks->boot, marks->boot);
	(void)put_number(slot + SLOT_CRC, marks_crc(slot, SLOT_CRC), 4);
}

static bool
marks_decode(const unsigned char slot[SLOT_SIZE], struct dmp_marks *ret_marks)
{
	const unsigned char *p = slot + SLOT_CRC;
	uint64_t flags;

	if (memcmp(slot, MAGIC, sizeof MAGIC) != 0 ||
	    get_number(&p, 4) != marks_crc(slot, SLOT_CRC))
		return false;
	p = slot + sizeof MAGIC;
	ret_marks->generation = get_number(&p, 8);
	ret_marks->reserved = (uint32_t)get_number(&p, 4);
	ret_marks->floor = (uint32_t)get_number(&p, 4);
	ret_marks->epoch = (uint32_t)get_number(&p, 4);
	for (size_t kind = 0; kind < DMP_MARKS_KINDS; kind++)
		ret_marks->index[kind] = (uint32_t)get_number(&p, 4);
	flags = get_number(&p, 4);
	ret_marks->clean = (flags & FLAG_CLEAN) != 0;
	ret_marks->volatile_sends = (flags & FLAG_VOLATILE) != 0;
	memcpy(ret_marks->boot, p, sizeof ret_marks->boot);
	ret_marks->boot[sizeof ret_marks->boot - 1] = '\0';
	return true;
}

/* Both slots, and the newer valid one.  An empty file was created and never written:
 * fresh. */
static enum dmp_status
marks_load(int fd, struct dmp_marks *ret_marks, enum dmp_marks_found *ret_found)
{
	unsigned char data[SLOTS * SLOT_SIZE] = {0};
	ssize_t size = dmp_file_read_start(fd, data, sizeof data);

	if (size < 0)
		return DMP_EIO;
	*ret_marks = (struct dmp_marks){0};
	*ret_found = size == 0 ? DMP_MARKS_FRESH : DMP_MARKS_DAMAGED;
	for (size_t i = 0; i < SLOTS; i++) {
		struct dmp_marks slot;

		if (!marks_decode(data + i * SLOT_SIZE, &slot))
			continue;
		if (*ret_found == DMP_MARKS_READ &&
		    slot.generation <= ret_marks->generation)
			continue;
		*ret_marks = slot;
		*ret_found = DMP_MARKS_READ;
	}
	return DMP_OK;
}

enum dmp_status
dmp_marks_open(const char *path, int *ret_fd, struct dmp_marks *ret_marks,
    enum dmp_marks_found *ret_found)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640);
	struct stat st;
	enum dmp_status status;

	if (fd < 0)
		return errno == EACCES || errno == EPERM ? DMP_EPERM : DMP_EIO;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || fchmod(fd, 0640) != 0)
		status = DMP_EIO;
	else
		status = marks_load(fd, ret_marks, ret_found);
	if (status != DMP_OK) {
		(void)close(fd);
		return status;
	}
	*ret_fd = fd;
	return DMP_OK;
}

enum dmp_status
dmp_marks_store(int fd, struct dmp_marks *marks)
{
	unsigned char slot[SLOT_SIZE];
	size_t used = 0;
	off_t at;

	marks->generation++;
	at = (off_t)(marks->generation % SLOTS) * SLOT_SIZE;
	marks_encode(marks, slot);
	while (used < sizeof slot) {
		ssize_t n =
		    pwrite(fd, slot + used, sizeof slot - used, at + (off_t)used);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return DMP_EIO;
		used += (size_t)n;
	}
	return fdatasync(fd) == 0 ? DMP_OK : DMP_EIO;
}
