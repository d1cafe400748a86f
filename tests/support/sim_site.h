/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_site.h - site files for sim.h, in pieces. */
#ifndef DMP_TEST_SIM_SITE_H
#define DMP_TEST_SIM_SITE_H

/* fall 3, rise 2, fast 2 s, every 30 s. */
#define SIM_POLICY                                                                     \
	"<policy interval='30s' fast='2s' slow='60s' timeout='3s' fall='3' rise='2' "  \
	"depth='connect'/>\n"

/* Services "a" to "d" that hosts ask for, required ones and an optional one. */
#define SIM_REQUIREMENT(key, index, level)                                             \
	"<requirement key='" key "' index='" index                                     \
	"' title='Service' transport='tcp' port='1' to='client' level='" level         \
	"' probe='connect'/>\n"
#define SIM_REQUIREMENTS                                                               \
	SIM_REQUIREMENT("a", "10001", "required")                                      \
	SIM_REQUIREMENT("b", "10002", "required")                                      \
	SIM_REQUIREMENT("c", "10003", "required")                                      \
	SIM_REQUIREMENT("d", "10004", "optional")

#define SIM_SERVICE(key, port) "<port requirement='" key "' port='" port "'/>"
#define SIM_SERVICE_WITH(key, port, attributes)                                        \
	"<port requirement='" key "' port='" port "' " attributes "/>"
#define SIM_HOST(name, address, services)                                              \
	"<host name='" name "' address='" address "' roles='device'>" services         \
	"</host>\n"
#define SIM_HOST_WITH(name, address, attributes, services)                             \
	"<host name='" name "' address='" address "' roles='device' " attributes       \
	">" services "</host>\n"

#endif
