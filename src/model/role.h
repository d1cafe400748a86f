/* SPDX-License-Identifier: BSD-2-Clause */
/* role.h - the roles a host can have, as a set. */
#ifndef DMP_ROLE_H
#define DMP_ROLE_H

#include <stdbool.h>

#define DMP_ROLE_TABLE(DMP_X)                                                          \
	DMP_X(CLIENT, 0, "client")                                                     \
	DMP_X(BROWSER, 1, "browser")                                                   \
	DMP_X(DMA, 2, "dma")                                                           \
	DMP_X(CASSANDRA, 3, "cassandra")                                               \
	DMP_X(INDEXING, 4, "indexing")                                                 \
	DMP_X(CLOUD_GATEWAY, 5, "cloud-gateway")                                       \
	DMP_X(DXM, 6, "dxm")                                                           \
	DMP_X(DEVICE, 7, "device")                                                     \
	DMP_X(NMS, 8, "nms")                                                           \
	DMP_X(CLOUD, 9, "cloud")                                                       \
	DMP_X(SERVER, 10, "server") /* of others: mail, directory, time, offload ...   \
	                             */

#define DMP_ENUM_ROLE(name, bit, label) DMP_ROLE_##name = 1 << bit,
enum dmp_role { DMP_ROLE_TABLE(DMP_ENUM_ROLE) DMP_ROLE_ALL = 0x7ff };

#define DMP_ROLES_TEXT 96 /* all role words, blank separated, and a NUL */

/* Parse one word; false when it is no role. */
bool dmp_role_find(const char *word, unsigned *ret_role);

/* The words of a set, in the table's order. */
void dmp_roles_text(unsigned roles, char text[DMP_ROLES_TEXT]);

#endif
