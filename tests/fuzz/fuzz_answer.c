/* SPDX-License-Identifier: BSD-2-Clause */
/* Any datagram as the answer to an inform: the first byte says of which version the
 * inform is, the rest comes from the receiver.  Only what answers this request without
 * an error may acknowledge it. */
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "subagent/mib_root.h"
#include "subagent/snmp_sender.h"

/* As in the corpus. */
#define REQUEST_ID 0x01020304

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz_wire {
	struct dmpd_adapter adapter;
	struct dmpd_notification notification;
	unsigned taken;
};

static void
fuzz_on_answer(void *arg, uint32_t ticket, enum dmpd_answer answer, const char *why)
{
	struct fuzz_wire *wire = arg;

	assert(ticket == 1);
	assert(why && strlen(why) < 128);
	wire->taken += answer == DMPD_ANSWER_TAKEN;
}

/* Once, in a directory that nobody needs afterwards. */
static void
fuzz_start(void)
{
	static char directory[] = "/tmp/dmpfuzzXXXXXX";
	char command[64];

	if (directory[12] != 'X')
		return;
	assert(mkdtemp(directory) && dmpd_sender_start(directory) == DMP_OK);
	(void)snprintf(command, sizeof command, "rm -rf '%s'", directory);
	assert(system(command) == 0);
}

static struct dmpd_sender *
fuzz_sender(struct fuzz_wire *wire, bool is_v3, int fd)
{
	static const uint8_t ENGINE[17] = {0x80, 0, 0x1f, 0x88, 4};
	const struct dmpd_sender_config config = {.fd = fd,
	    .is_inform = true,
	    .is_v3 = is_v3,
	    .community = "public",
	    .user = "dmports",
	    .auth = "SHA",
	    .auth_pass = "authentic-42",
	    .priv = "",
	    .engine_id = ENGINE,
	    .engine_id_size = is_v3 ? sizeof ENGINE : 0,
	    .adapter = &wire->adapter,
	    .answer = fuzz_on_answer,
	    .arg = wire};
	struct dmpd_sender *sender = NULL;
	const char *why = NULL;

	assert(dmpd_sender_new(&config, &sender, &why) == DMP_OK);
	return sender;
}

/* The request-id can only be right when its bytes are there. */
static bool
fuzz_names_request(const uint8_t *data, size_t size)
{
	static const uint8_t ID[] = {2, 4, 1, 2, 3, 4};

	for (size_t i = 0; i + sizeof ID <= size; i++) {
		if (memcmp(data + i, ID, sizeof ID) == 0)
			return true;
	}
	/* Other lengths of the same number, with zeroes before it. */
	for (size_t i = 0; i + 4 <= size; i++) {
		if (memcmp(data + i, ID + 2, 4) == 0)
			return true;
	}
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct dmp_board_system SYSTEM;
	static const struct dmp_event EVENT = {.sequence = 1,
	    .key = "dma1/https",
	    .type = DMP_EVENT_PORT_DOWN,
	    .state = DMP_STATE_DOWN};
	struct fuzz_wire wire = {.taken = 0};
	struct dmpd_sending sending = {.notification = &wire.notification,
	    .ticket = 1,
	    .request_id = REQUEST_ID,
	    .timeout_ms = 60000};
	struct dmpd_sender *sender;
	int ends[2];

	if (size == 0)
		return 0;
	fuzz_start();
	dmpd_mib_set_root(&SYSTEM, &wire.adapter);
	dmpd_notification_event(&EVENT, &wire.notification);
	assert(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends) == 0);
	sender = fuzz_sender(&wire, data[0] & 1, ends[0]);
	dmpd_sender_send(sender, &sending);
	assert(wire.taken == 0);
	if (send(ends[1], data + 1, size - 1, 0) == (ssize_t)(size - 1))
		(void)dmpd_sender_read(sender);
	assert(wire.taken <= 1);
	assert(wire.taken == 0 || fuzz_names_request(data + 1, size - 1));
	/* An authenticated answer cannot be guessed. */
	assert(wire.taken == 0 || !(data[0] & 1));
	dmpd_sender_free(sender);
	(void)close(ends[1]);
	return 0;
}
