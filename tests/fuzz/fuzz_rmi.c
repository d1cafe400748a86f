/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as the answer to an RMI handshake with a ping, or with a call of the
 * registry's list(), whole and cut. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "probe/rmi_wire.h"

typedef enum dmp_rmi_reply rmi_parse_fn(
    const uint8_t *data, size_t size, struct dmp_rmi_peer *ret_peer);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(rmi_parse_fn *parse, const uint8_t *data, size_t size)
{
	struct dmp_rmi_peer peer = {.host = "untouched"};
	enum dmp_rmi_reply reply = parse(data, size, &peer);

	if (reply >= DMP_RMI_ACK) {
		assert(peer.host[0] != '\0');
		assert(memchr(peer.host, '\0', sizeof peer.host));
		for (size_t i = 0; peer.host[i] != '\0'; i++)
			assert(peer.host[i] > ' ' && peer.host[i] <= '~');
		/* Every beginning of a good answer is no garbage. */
		assert(parse(data, size / 2, &peer) != DMP_RMI_GARBAGE);
		assert(parse(data, size - 1, &peer) != DMP_RMI_GARBAGE);
	} else {
		assert(strcmp(peer.host, "untouched") == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check(dmp_rmi_parse, data, size);
	check(dmp_rmi_list_parse, data, size);
	return 0;
}
