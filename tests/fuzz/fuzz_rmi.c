/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as the answer to an RMI handshake with a ping, whole and cut. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "probe/rmi_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dmp_rmi_peer peer = {.host = "untouched"};
	enum dmp_rmi_reply reply = dmp_rmi_parse(data, size, &peer);

	if (reply == DMP_RMI_ACK || reply == DMP_RMI_PINGED) {
		assert(peer.host[0] != '\0');
		assert(memchr(peer.host, '\0', sizeof peer.host));
		for (size_t i = 0; peer.host[i] != '\0'; i++)
			assert(peer.host[i] > ' ' && peer.host[i] <= '~');
	} else {
		assert(strcmp(peer.host, "untouched") == 0);
	}
	/* Every beginning of a good answer is no garbage. */
	if (reply == DMP_RMI_ACK || reply == DMP_RMI_PINGED)
		assert(dmp_rmi_parse(data, size / 2, &peer) != DMP_RMI_GARBAGE);
	return 0;
}
