/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/site_schema.h"

#include <string.h>

#define FIELD(s, f) .offset = offsetof(struct s, f), .size = sizeof(((struct s *)0)->f)
#define HEAP(s, f)  FIELD(s, f), .heap = true
#define LENGTH(n)   .min = 1, .max = (n)
#define NAME_LENGTH LENGTH(DMP_NAME_TEXT - 1)
#define KEY_LENGTH  LENGTH(DMP_REQ_KEY_TEXT - 1)
#define PORT_RANGE  .min = 1, .max = 65535

#define ITEMS(s, parent, array)                                                        \
	.item_size = sizeof(struct s), .items = offsetof(struct parent, array),        \
	.count = offsetof(struct parent, n_##array)
#define ATTRIBUTES(a) .attributes = (a), .n_attributes = sizeof(a) / sizeof((a)[0])

enum {
	SECOND_MS = 1000,
	MINUTE_MS = 60 * SECOND_MS,
	HOUR_MS = 60 * MINUTE_MS,
	DAY_MS = 24 * HOUR_MS
};

#define WORD_OF_ROLE(name, bit, word)     {word, DMP_ROLE_##name},
#define WORD_OF_ADMIN(name, number, word) {word, DMP_ADMIN_##name},
#define WORD_OF_PROBE(name, number, word) {word, DMP_PROBE_##name},

static const struct dmp_site_word ROLES[] = {DMP_ROLE_TABLE(WORD_OF_ROLE){NULL, 0}};
static const struct dmp_site_word ADMINS[] = {DMP_ADMIN_TABLE(WORD_OF_ADMIN){NULL, 0}};
static const struct dmp_site_word PROBES[] = {DMP_PROBE_TABLE(WORD_OF_PROBE){NULL, 0}};

static const struct dmp_site_word FAMILIES[] = {{"auto", DMP_FAMILY_AUTO},
    {"4", DMP_FAMILY_4}, {"6", DMP_FAMILY_6}, {"each", DMP_FAMILY_EACH}, {NULL, 0}};
static const struct dmp_site_word TRISTATES[] = {
    {"no", DMP_NO}, {"yes", DMP_YES}, {NULL, 0}};
static const struct dmp_site_word BOOLEANS[] = {
    {"no", false}, {"yes", true}, {NULL, 0}};
static const struct dmp_site_word REMOTINGS[] = {
    {"remoting", DMP_REMOTING_REMOTING}, {"grpc", DMP_REMOTING_GRPC}, {NULL, 0}};
static const struct dmp_site_word NATS[] = {{"legacy", DMP_NATS_LEGACY},
    {"broker", DMP_NATS_BROKER}, {"none", DMP_NATS_NONE}, {NULL, 0}};
static const struct dmp_site_word STORAGES[] = {{"cassandra", DMP_STORAGE_CASSANDRA},
    {"staas", DMP_STORAGE_STAAS}, {"other", DMP_STORAGE_OTHER},
    {"cassandra-local", DMP_STORAGE_CASSANDRA_LOCAL}, {NULL, 0}};
static const struct dmp_site_word HTTPS[] = {
    {"no", DMP_HTTPS_NO}, {"yes", DMP_HTTPS_YES}, {"only", DMP_HTTPS_ONLY}, {NULL, 0}};
static const struct dmp_site_word DEPTHS[] = {{"connect", DMP_DEPTH_CONNECT},
    {"identify", DMP_DEPTH_IDENTIFY}, {"deep", DMP_DEPTH_DEEP}, {NULL, 0}};
static const struct dmp_site_word CLOSES[] = {
    {"rst", DMP_CLOSE_RST}, {"fin", DMP_CLOSE_FIN}, {NULL, 0}};
static const struct dmp_site_word LEVELS[] = {{"required", DMP_LEVEL_REQUIRED},
    {"optional", DMP_LEVEL_OPTIONAL}, {"forbidden", DMP_LEVEL_FORBIDDEN},
    {"informational", DMP_LEVEL_INFORMATIONAL}, {NULL, 0}};
static const struct dmp_site_word LEVELS_OF_PORT[] = {{"required", DMP_LEVEL_REQUIRED},
    {"optional", DMP_LEVEL_OPTIONAL}, {"forbidden", DMP_LEVEL_FORBIDDEN},
    {"informational", DMP_LEVEL_INFORMATIONAL}, {"none", DMP_LEVEL_NONE}, {NULL, 0}};
static const struct dmp_site_word TRANSPORTS[] = {
    {"tcp", DMP_TRANSPORT_TCP}, {"udp", DMP_TRANSPORT_UDP}, {NULL, 0}};
static const struct dmp_site_word SEVERITIES[] = {{"warning", DMP_SEVERITY_WARNING},
    {"minor", DMP_SEVERITY_MINOR}, {"major", DMP_SEVERITY_MAJOR},
    {"critical", DMP_SEVERITY_CRITICAL}, {NULL, 0}};
static const struct dmp_site_word POLICY_SEVERITIES[] = {{"auto", 0},
    {"warning", DMP_SEVERITY_WARNING}, {"minor", DMP_SEVERITY_MINOR},
    {"major", DMP_SEVERITY_MAJOR}, {"critical", DMP_SEVERITY_CRITICAL}, {NULL, 0}};
static const struct dmp_site_word RECEIVER_TYPES[] = {{"agentx", DMP_RECEIVER_AGENTX},
    {"trap", DMP_RECEIVER_TRAP}, {"inform", DMP_RECEIVER_INFORM}, {NULL, 0}};
static const struct dmp_site_word SNMP_VERSIONS[] = {{"2c", 2}, {"3", 3}, {NULL, 0}};
static const struct dmp_site_word AUTHS[] = {{"MD5", 0}, {"SHA", 0}, {"SHA-224", 0},
    {"SHA-256", 0}, {"SHA-384", 0}, {"SHA-512", 0}, {NULL, 0}};
static const struct dmp_site_word PRIVS[] = {
    {"DES", 0}, {"AES", 0}, {"AES-128", 0}, {"AES-192", 0}, {"AES-256", 0}, {NULL, 0}};
static const struct dmp_site_word KINDS[] = {{"port", 0}, {"host", 0},
    {"certificate", 0}, {"vantage", 0}, {"config", 0}, {"lifecycle", 0}, {NULL, 0}};

/* The values of a struct dmp_policy that is member m of struct s. */
#define POLICY_TIME(s, m, f, low, high) FIELD(s, m.f), .min = (low), .max = (high)
#define POLICY_SEVERITY(s, m, f, bit)                                                  \
	DMP_TYPE_WORD, FIELD(s, m.severity.f),                                         \
	    .words = POLICY_SEVERITIES, .policy_bit = 1 + DMP_POLICY_SEVERITY_##bit,   \
	    .fallback = "auto"
#define POLICY_ATTRIBUTES(s, m)                                                        \
	{"interval", DMP_TYPE_DURATION, POLICY_TIME(s, m, interval_ms, 100, DAY_MS),   \
	    .policy_bit = 1 + DMP_POLICY_INTERVAL, .fallback = "30s",                  \
	    .help = "Time between two checks while all is well."},                     \
	    {"fast", DMP_TYPE_DURATION, POLICY_TIME(s, m, fast_ms, 50, DAY_MS),        \
	        .policy_bit = 1 + DMP_POLICY_FAST, .fallback = "2s",                   \
	        .help = "Time between two checks while in doubt."},                    \
	    {"slow", DMP_TYPE_DURATION, POLICY_TIME(s, m, slow_ms, 100, DAY_MS),       \
	        .policy_bit = 1 + DMP_POLICY_SLOW, .fallback = "1m",                   \
	        .help = "Time between two checks while long down."},                   \
	    {"timeout", DMP_TYPE_DURATION,                                             \
	        POLICY_TIME(s, m, timeout_ms, 50, MINUTE_MS),                          \
	        .policy_bit = 1 + DMP_POLICY_TIMEOUT, .fallback = "3200ms",            \
	        .help = "How long to wait for the connection."},                       \
	    {"heavy-interval", DMP_TYPE_DURATION,                                      \
	        POLICY_TIME(s, m, heavy_ms, SECOND_MS, 7 * (uint64_t)DAY_MS),          \
	        .policy_bit = 1 + DMP_POLICY_HEAVY, .fallback = "1h",                  \
	        .help = "Time between two runs of the heavy part of a probe."},        \
	    {"fall", DMP_TYPE_NUMBER, FIELD(s, m.fall), .min = 1, .max = 100,          \
	        .policy_bit = 1 + DMP_POLICY_FALL, .fallback = "3",                    \
	        .help = "Failures in a row that confirm a worse state."},              \
	    {"rise", DMP_TYPE_NUMBER, FIELD(s, m.rise), .min = 1, .max = 100,          \
	        .policy_bit = 1 + DMP_POLICY_RISE, .fallback = "2",                    \
	        .help = "Successes in a row that confirm a better state."},            \
	    {"depth", DMP_TYPE_WORD, FIELD(s, m.depth), .words = DEPTHS,               \
	        .policy_bit = 1 + DMP_POLICY_DEPTH, .fallback = "identify",            \
	        .help = "Only connect, or have the service prove what it is; deep "    \
	                "also asks JMX whether its registry lists jmxrmi, and search " \
	                "nodes for their version on the transport port."},             \
	    {"close", DMP_TYPE_WORD, FIELD(s, m.close), .words = CLOSES,               \
	        .policy_bit = 1 + DMP_POLICY_CLOSE, .fallback = "rst",                 \
	        .help = "End a connection by reset, or by FIN where an intrusion "     \
	                "detection system objects to resets."},                        \
	    {"slow-answer", DMP_TYPE_DURATION,                                         \
	        POLICY_TIME(s, m, slow_answer_ms, 1, MINUTE_MS), .off = true,          \
	        .policy_bit = 1 + DMP_POLICY_SLOW_ANSWER, .fallback = "0",             \
	        .help = "An answer that takes longer, fall times in a row, makes the " \
	                "port degraded; 0 for never."},                                \
	    {"flap", DMP_TYPE_NUMBER, FIELD(s, m.flap), .min = 0, .max = 100,          \
	        .policy_bit = 1 + DMP_POLICY_FLAP, .fallback = "6",                    \
	        .help = "So many changes of state within flap-window and the port is " \
	                "said to be flapping, which takes the place of telling each "  \
	                "change; fewer than half as many and it is stable again. 0 "   \
	                "for never."},                                                 \
	    {"flap-window", DMP_TYPE_DURATION,                                         \
	        POLICY_TIME(s, m, flap_window_ms, SECOND_MS, DAY_MS),                  \
	        .policy_bit = 1 + DMP_POLICY_FLAP_WINDOW, .fallback = "10m",           \
	        .help = "The time in which changes are counted."},                     \
	    {"severity-down", POLICY_SEVERITY(s, m, down, DOWN),                       \
	        .help = "How bad it is when the port is down. auto: critical when "    \
	                "it is required, warning when it is optional."},               \
	    {"severity-degraded", POLICY_SEVERITY(s, m, degraded, DEGRADED),           \
	        .help = "How bad it is when the port is degraded. auto: minor."},      \
	    {"severity-exposed", POLICY_SEVERITY(s, m, exposed, EXPOSED),              \
	        .help = "How bad it is when a forbidden port is open. auto: major."},  \
	{                                                                              \
		"severity-certificate",                                                \
		    POLICY_SEVERITY(s, m, certificate, CERTIFICATE),                   \
		    .help = "How bad it is when the certificate expires soon or has "  \
		            "expired. auto: warning below 30 days, major below 7, "    \
		            "critical when it has expired."                            \
	}

/* A step of an exchange that is member m of struct s. */
#define STEP_ATTRIBUTES(s, m, expect_help)                                             \
	{"send", DMP_TYPE_TEXT, HEAP(s, m send), LENGTH(2048),                         \
	    .help = "With probe exchange: the text to send, with the escapes \\r \\n " \
	            "\\t \\\\ \\xHH."},                                                \
	    {"send-hex", DMP_TYPE_TEXT, HEAP(s, m send_hex), LENGTH(3072),             \
	        .help = "The same as hexadecimal digits; blanks may stand between "    \
	                "bytes."},                                                     \
	    {"expect", DMP_TYPE_TEXT, HEAP(s, m expect), LENGTH(255),                  \
	        .help = expect_help},                                                  \
	    {"expect-hex", DMP_TYPE_TEXT, HEAP(s, m expect_hex), LENGTH(3072),         \
	        .help = "The same as hexadecimal digits; a ? stands for any digit."},  \
	    {"expect-at", DMP_TYPE_NUMBER, FIELD(s, m at), .min = 0, .max = 1023,      \
	        .fallback = "0",                                                       \
	        .help = "How many bytes come before what is expected."},               \
	{                                                                              \
		"expect-within", DMP_TYPE_NUMBER, FIELD(s, m within),                  \
		    .min = 1, .max = 4096,                                             \
		    .help = "What is expected may stand anywhere within so many "      \
		            "bytes. Absent: exactly where expect-at says."             \
	}

static const struct dmp_site_attribute SITE[] = {
    {"name", DMP_TYPE_NAME, FIELD(dmp_site, name), NAME_LENGTH, .fallback = "default",
        .help = "The name of the DataMiner System, shown everywhere."},
    {"dataminer", DMP_TYPE_VERSION, FIELD(dmp_site, dataminer),
        .help = "The DataMiner version in any of Skyline's spellings, such as "
                "10.3.0 [CU3], 10.3.6 or 10.5.0.0-16782-CU11. A main release should "
                "have its cumulative update. Absent: what depends on the version is "
                "assumed."},
    {"vantage", DMP_TYPE_NAME, FIELD(dmp_site, vantage), NAME_LENGTH,
        .fallback = DMP_SITE_OBSERVER,
        .help = "Where dmports runs: the name of a host of this file, or observer for "
                "a machine outside the DataMiner System."},
    {"as", DMP_TYPE_WORDS, FIELD(dmp_site, as), .words = ROLES,
        .fallback =
            "client browser dma cassandra indexing cloud-gateway dxm device nms "
            "cloud server",
        .help = "The roles that an observer stands for."},
    {"family", DMP_TYPE_WORD, FIELD(dmp_site, family), .words = FAMILIES,
        .fallback = "auto",
        .help = "IP version: one of them, the one that answers (auto), or a port for "
                "each."},
};

static const struct dmp_site_attribute INCLUDE[] = {
    {"file", DMP_TYPE_SIBLING, FIELD(dmp_site_include, file), .required = true,
        LENGTH(255), .help = "The name of a file in the same directory."},
};

static const struct dmp_site_attribute FEATURES[] = {
    {"inter-dma", DMP_TYPE_WORD, FIELD(dmp_site, features.inter_dma),
        .words = REMOTINGS, .help = "What DataMiner Agents speak among each other."},
    {"client", DMP_TYPE_WORD, FIELD(dmp_site, features.client), .words = REMOTINGS,
        .help = "What DataMiner Cube speaks to the Agents."},
    {"nats", DMP_TYPE_WORD, FIELD(dmp_site, features.nats), .words = NATS,
        .help = "The message broker: NATS as Skyline first shipped it (legacy), "
                "BrokerGateway (broker), or none."},
    {"storage", DMP_TYPE_WORD, FIELD(dmp_site, features.storage), .words = STORAGES,
        .help =
            "Where data is stored: Cassandra nodes that all Agents use (cassandra), "
            "a Cassandra node on each Agent (cassandra-local), Storage as a "
            "Service (staas), or other."},
    {"cassandra-tls", DMP_TYPE_WORD, FIELD(dmp_site, features.cassandra_tls),
        .words = TRISTATES, .help = "Does Cassandra use TLS?"},
    {"telnet", DMP_TYPE_WORD, FIELD(dmp_site, features.telnet), .words = TRISTATES,
        .help = "Is the telnet stream viewer open?"},
    {"cloud-gateway", DMP_TYPE_GATEWAY, FIELD(dmp_site, features.cloud_gateway),
        .help = "The version of the CloudGateway DxM, or no."},
    {"failover", DMP_TYPE_WORD, FIELD(dmp_site, features.failover), .words = TRISTATES,
        .help = "Are there failover pairs?"},
    {"https", DMP_TYPE_WORD, FIELD(dmp_site, features.https), .words = HTTPS,
        .help = "Do the web servers (IIS) of the Agents have an HTTPS binding? With "
                "only they do not even redirect from port 80."},
    {"snmp-agent", DMP_TYPE_WORD, FIELD(dmp_site, features.snmp_agent),
        .words = TRISTATES, .help = "Can SNMP managers poll the Agents?"},
};

static const struct dmp_site_attribute POLICY[] = {
    {"host", DMP_TYPE_NAME, FIELD(dmp_site_policy, host), NAME_LENGTH,
        .help = "Only for the ports of this host."},
    {"role", DMP_TYPE_WORD, FIELD(dmp_site_policy, role), .words = ROLES,
        .help = "Only for the ports of hosts with this role."},
    {"requirement", DMP_TYPE_KEY, FIELD(dmp_site_policy, requirement), KEY_LENGTH,
        .help = "Only for the ports of this requirement."},
    POLICY_ATTRIBUTES(dmp_site_policy, value),
    {"reference", DMP_TYPE_LITERAL, FIELD(dmp_site_policy, reference),
        .help = "An IP address that proves our own link, such as the default router. "
                "Only without host, role and requirement."},
};

static const struct dmp_site_attribute GROUP[] = {
    {"name", DMP_TYPE_NAME, FIELD(dmp_site_group, name), NAME_LENGTH, .required = true,
        .help = "The name of the group."},
    {"parent", DMP_TYPE_NAME, FIELD(dmp_site_group, parent), NAME_LENGTH,
        .help = "The group that this one is part of."},
};

static const struct dmp_site_attribute HOST[] = {
    {"name", DMP_TYPE_NAME, FIELD(dmp_site_host, name), NAME_LENGTH, .required = true,
        .help = "The name of the host, the first part of the keys of its ports."},
    {"address", DMP_TYPE_ADDRESSES, FIELD(dmp_site_host, addresses), .required = true,
        .help = "IP addresses or DNS names, separated by blanks."},
    {"roles", DMP_TYPE_WORDS, FIELD(dmp_site_host, roles), .words = ROLES,
        .required = true, .help = "What runs on the host."},
    {"group", DMP_TYPE_NAME, FIELD(dmp_site_host, group), NAME_LENGTH,
        .help = "The group that the host is part of."},
    {"member-of", DMP_TYPE_NAME, FIELD(dmp_site_host, member_of), NAME_LENGTH,
        .help = "The failover pair that the host is part of."},
};

static const struct dmp_site_attribute PORT[] = {
    {"requirement", DMP_TYPE_KEY, FIELD(dmp_site_port, requirement), KEY_LENGTH,
        .required = true, .help = "The requirement that is different on this host."},
    {"port", DMP_TYPE_NUMBER, FIELD(dmp_site_port, port), PORT_RANGE,
        .help = "The port number here. Absent: the number of the requirement."},
    {"level", DMP_TYPE_WORD, FIELD(dmp_site_port, level), .words = LEVELS_OF_PORT,
        .help = "The level here; none means that the requirement does not apply to "
                "this host. Absent: the level of the requirement."},
    {"tls", DMP_TYPE_WORD, FIELD(dmp_site_port, tls), .words = TRISTATES,
        .help = "Is the port spoken to with TLS?"},
    {"ca-file", DMP_TYPE_FILE, HEAP(dmp_site_port, ca_file), LENGTH(1023),
        .help = "The certificate authorities to trust, PEM."},
    {"path", DMP_TYPE_PATH, HEAP(dmp_site_port, path), LENGTH(255),
        .help = "The path to ask a web server for."},
    {"expect", DMP_TYPE_TEXT, HEAP(dmp_site_port, expect), LENGTH(255),
        .help = "Text that must occur in the answer. With probe http or https: in a "
                "header field (\"Name: value\") or in the body; a number is the "
                "status."},
    {"community-file", DMP_TYPE_FILE, HEAP(dmp_site_port, community_file), LENGTH(1023),
        .help = "The file with the SNMP community to ask an agent with, or to send "
                "informs with. Only its owner, and its group for reading, may have "
                "access to it. Absent: none is tried."},
    {"inform", DMP_TYPE_WORD, FIELD(dmp_site_port, inform), .words = BOOLEANS,
        .fallback = "no",
        .help = "Send an inform (coldStart) to the trap receiver every heavy-interval, "
                "which is 5m at least then. The receiver handles it as an event."},
    {"admin", DMP_TYPE_WORD, FIELD(dmp_site_port, admin), .words = ADMINS,
        .fallback = "enabled", .help = "The administrative state after start."},
    POLICY_ATTRIBUTES(dmp_site_port, policy),
};

static const struct dmp_site_attribute FAILOVER[] = {
    {"name", DMP_TYPE_NAME, FIELD(dmp_site_failover, name), NAME_LENGTH,
        .required = true, .help = "The name of the failover pair."},
    {"address", DMP_TYPE_ADDRESSES, FIELD(dmp_site_failover, addresses),
        .required = true, .help = "The virtual address, or the shared DNS name."},
};

static const struct dmp_site_attribute LINK[] = {
    {"from", DMP_TYPE_NAME, FIELD(dmp_site_link, from), NAME_LENGTH, .required = true,
        .help = "The host that connects."},
    {"to", DMP_TYPE_TARGET, FIELD(dmp_site_link, to), NAME_LENGTH, .required = true,
        .help = "The host or failover pair that is connected to, or * for all to "
                "which there is no other link."},
    {"transport", DMP_TYPE_WORD, FIELD(dmp_site_link, transport), .words = REMOTINGS,
        .required = true, .help = "What is spoken in this direction."},
    {"port", DMP_TYPE_NUMBER, FIELD(dmp_site_link, port), PORT_RANGE,
        .help = "The port number. Absent: the number of the requirement."},
};

static const struct dmp_site_attribute REQUIREMENT[] = {
    {"key", DMP_TYPE_KEY, FIELD(dmp_site_requirement, key), KEY_LENGTH,
        .required = true, .help = "The key, the last part of the keys of its ports."},
    {"index", DMP_TYPE_NUMBER, FIELD(dmp_site_requirement, index), .min = 10000,
        .max = INT32_MAX, .required = true,
        .help = "The permanent number; never use one again for something else."},
    {"title", DMP_TYPE_TEXT, HEAP(dmp_site_requirement, title), LENGTH(63),
        .required = true, .help = "A few words for people."},
    {"transport", DMP_TYPE_WORD, FIELD(dmp_site_requirement, transport),
        .words = TRANSPORTS, .fallback = "tcp", .help = "The transport protocol."},
    {"port", DMP_TYPE_NUMBER, FIELD(dmp_site_requirement, port), PORT_RANGE,
        .required = true, .help = "The port number."},
    {"from", DMP_TYPE_WORDS, FIELD(dmp_site_requirement, from), .words = ROLES,
        .help = "The roles that connect. Absent: whatever the vantage is."},
    {"to", DMP_TYPE_WORDS, FIELD(dmp_site_requirement, to), .words = ROLES,
        .required = true, .help = "The roles that are connected to."},
    {"level", DMP_TYPE_WORD, FIELD(dmp_site_requirement, level), .words = LEVELS,
        .fallback = "required", .help = "What it means when the port is not open."},
    {"probe", DMP_TYPE_WORD, FIELD(dmp_site_requirement, probe), .words = PROBES,
        .fallback = "connect",
        .help = "How the service proves what it is. A udp requirement needs snmp, "
                "snmp-trap or ntp."},
    {"path", DMP_TYPE_PATH, HEAP(dmp_site_requirement, path), LENGTH(255),
        .help = "The path to ask a web server for."},
    {"service", DMP_TYPE_TEXT, HEAP(dmp_site_requirement, service), LENGTH(31),
        .help = "With probe exchange: what the service is called, such as SMTP. "
                "Absent: the title."},
    STEP_ATTRIBUTES(dmp_site_requirement, first.,
        "Text that must occur in the answer. With probe http or https: in a header "
        "field (\"Name: value\") or in the body; a number is the status. With probe "
        "exchange: the answer to the first step, with the escapes \\r \\n \\t "
        "\\\\ \\xHH."),
};

static const struct dmp_site_attribute EXCHANGE[] = {
    {"name", DMP_TYPE_TEXT, HEAP(dmp_site_step, name), LENGTH(31),
        .help = "What the step is called in messages."},
    STEP_ATTRIBUTES(dmp_site_step, ,
        "The answer to this step, with the escapes \\r \\n \\t \\\\ \\xHH."),
};

static const struct dmp_site_attribute MAINTENANCE[] = {
    {"host", DMP_TYPE_NAME, FIELD(dmp_site_maintenance, host), NAME_LENGTH,
        .help = "The host in maintenance."},
    {"group", DMP_TYPE_NAME, FIELD(dmp_site_maintenance, group), NAME_LENGTH,
        .help = "The group in maintenance, with the groups inside it."},
    {"port", DMP_TYPE_PORT_KEY, HEAP(dmp_site_maintenance, port), LENGTH(95),
        .help = "The key of the port in maintenance; one without a number and a family "
                "stands for all of its ports."},
    {"weekly", DMP_TYPE_WEEKLY, FIELD(dmp_site_maintenance, weekly),
        .help = "Day of the week and time at which it begins every week, in the local "
                "time of the daemon. In the hour that daylight saving skips it begins "
                "at the first minute that exists; of the hour that comes twice only "
                "the first counts."},
    {"for", DMP_TYPE_DURATION, FIELD(dmp_site_maintenance, for_s), .min = MINUTE_MS,
        .max = 7 * (uint64_t)DAY_MS, .unit = SECOND_MS,
        .help = "How long it lasts, with weekly; elapsed time, whatever the clock does "
                "meanwhile."},
    {"from", DMP_TYPE_TIME, FIELD(dmp_site_maintenance, from_ms),
        .help = "When it begins, once, in UTC."},
    {"until", DMP_TYPE_TIME, FIELD(dmp_site_maintenance, until_ms),
        .help = "When it ends, with from, in UTC."},
    {"comment", DMP_TYPE_TEXT, HEAP(dmp_site_maintenance, comment), LENGTH(255),
        .help = "Why, for people."},
};

static const struct dmp_site_attribute NOTIFY[] = {
    {"heartbeat", DMP_TYPE_DURATION, FIELD(dmp_site, heartbeat_ms), .min = 100,
        .max = 7 * (uint64_t)DAY_MS, .off = true, .fallback = "5m",
        .help = "Time between two heartbeat notifications, 0 for none."},
    {"reminder", DMP_TYPE_DURATION, FIELD(dmp_site, reminder_ms), .min = SECOND_MS,
        .max = 7 * (uint64_t)DAY_MS, .off = true, .fallback = "0",
        .help = "Time after which a problem that lasts is sent again, 0 for never."},
    {"source", DMP_TYPE_SOURCE, FIELD(dmp_site, notify_source),
        .help = "The local IP address to send from."},
    {"agent-address", DMP_TYPE_WORD, FIELD(dmp_site, agent_address), .words = BOOLEANS,
        .fallback = "no",
        .help =
            "Append the varbind 1.3.6.1.3.1057.1 to what direct receivers get, with "
            "the IPv4 address that it is sent from; over IPv6 there is none. "
            "DataMiner finds the element by it with useAgentBinding, when the source "
            "of the datagram is another one, as behind a relay. Others, such as "
            "Zabbix, go by the source; snmpTrapAddress of RFC 3584 is not sent."},
};

static const struct dmp_site_attribute RECEIVER[] = {
    {"name", DMP_TYPE_NAME, FIELD(dmp_site_receiver, name), NAME_LENGTH,
        .required = true, .help = "The name of the receiver."},
    {"type", DMP_TYPE_WORD, FIELD(dmp_site_receiver, type), .words = RECEIVER_TYPES,
        .required = true,
        .help = "The AgentX master, or a direct destination of traps or informs."},
    {"address", DMP_TYPE_ADDRESS, HEAP(dmp_site_receiver, address),
        .help = "IP address or DNS name; needed unless the type is agentx."},
    {"port", DMP_TYPE_NUMBER, FIELD(dmp_site_receiver, port), PORT_RANGE,
        .fallback = "162", .help = "The UDP port."},
    {"version", DMP_TYPE_WORD, FIELD(dmp_site_receiver, version),
        .words = SNMP_VERSIONS, .fallback = "2c", .help = "The version of SNMP."},
    {"community-file", DMP_TYPE_FILE, HEAP(dmp_site_receiver, community_file),
        LENGTH(1023), .help = "The file with the community, for version 2c."},
    {"user", DMP_TYPE_TEXT, HEAP(dmp_site_receiver, user), LENGTH(32),
        .help =
            "The user name, for version 3. It has one set of keys in each SNMP "
            "engine: for all traps, which are those of our own engine, and for all "
            "informs to one address and port, or to one engine-id, it needs the same "
            "auth and priv with the same files."},
    {"auth", DMP_TYPE_WORD, HEAP(dmp_site_receiver, auth), .words = AUTHS,
        .help = "The authentication protocol, for version 3."},
    {"auth-file", DMP_TYPE_FILE, HEAP(dmp_site_receiver, auth_file), LENGTH(1023),
        .help = "The file with the authentication passphrase."},
    {"priv", DMP_TYPE_WORD, HEAP(dmp_site_receiver, priv), .words = PRIVS,
        .help = "The privacy protocol, for version 3."},
    {"priv-file", DMP_TYPE_FILE, HEAP(dmp_site_receiver, priv_file), LENGTH(1023),
        .help = "The file with the privacy passphrase."},
    {"engine-id", DMP_TYPE_ENGINE_ID, HEAP(dmp_site_receiver, engine_id),
        .help = "The SNMP engine ID of the receiver, for version 3."},
    {"min-severity", DMP_TYPE_WORD, FIELD(dmp_site_receiver, min_severity),
        .words = SEVERITIES, .help = "Send nothing below this severity. Absent: all."},
    {"kinds", DMP_TYPE_WORDS, HEAP(dmp_site_receiver, kinds), .words = KINDS,
        .help = "Send only these kinds of events. Absent: all."},
};

static const struct dmp_site_attribute AGENT[] = {
    {"agentx", DMP_TYPE_TEXT, HEAP(dmp_site, agentx), LENGTH(255),
        .help = "The address of the AgentX master as Net-SNMP writes it. Absent: "
                "unix:/run/agentx/master."},
    {"root-oid", DMP_TYPE_OID, FIELD(dmp_site, root_oid),
        .help = "Where the MIB is registered. Absent: "
                "1.3.6.1.4.1.8072.9999.9999.7741."},
    {"context", DMP_TYPE_TEXT, HEAP(dmp_site, context), .min = 0, .max = 32,
        .fallback = "", .help = "The SNMP context to serve the MIB in."},
    {"writable", DMP_TYPE_WORD, FIELD(dmp_site, writable), .words = BOOLEANS,
        .fallback = "no", .later = "yes", .help = "Allow SNMP SET requests?"},
};

static const struct dmp_site_element ELEMENTS[] = {
    {DMP_SITE_ROOT, NULL, ATTRIBUTES(SITE),
        .help = "One DataMiner System. In an included file it has no attributes."},
    {"include", DMP_SITE_ROOT, ATTRIBUTES(INCLUDE),
        .item_size = sizeof(struct dmp_site_include), .include = true,
        .help = "Read another file of the same form here, at most 4 levels deep."},
    {"features", DMP_SITE_ROOT, ATTRIBUTES(FEATURES),
        .help = "What the system uses, as far as its version does not tell."},
    {"policy", DMP_SITE_ROOT, ATTRIBUTES(POLICY),
        ITEMS(dmp_site_policy, dmp_site, policies),
        .set = offsetof(struct dmp_site_policy, set),
        .help = "How often and how deeply to check. The most specific element wins, "
                "value by value: port, host, role, requirement, all."},
    {"group", DMP_SITE_ROOT, ATTRIBUTES(GROUP), ITEMS(dmp_site_group, dmp_site, groups),
        .help = "Hosts that share a rack, a room or a network."},
    {"host", DMP_SITE_ROOT, ATTRIBUTES(HOST), ITEMS(dmp_site_host, dmp_site, hosts),
        .help = "A machine of the system."},
    {"port", "host", ATTRIBUTES(PORT), ITEMS(dmp_site_port, dmp_site_host, ports),
        .set = offsetof(struct dmp_site_port, set),
        .help = "What is different for one requirement on this host."},
    {"failover", DMP_SITE_ROOT, ATTRIBUTES(FAILOVER),
        ITEMS(dmp_site_failover, dmp_site, failovers),
        .help = "A failover pair: its active member must answer on the address, which "
                "is a host of its own in all lists. Both members are host elements."},
    {"link", DMP_SITE_ROOT, ATTRIBUTES(LINK), ITEMS(dmp_site_link, dmp_site, links),
        .help = "A redirect between two Agents, in one direction. It decides before "
                "the features and the version."},
    {"requirement", DMP_SITE_ROOT, ATTRIBUTES(REQUIREMENT),
        ITEMS(dmp_site_requirement, dmp_site, requirements),
        .help = "A requirement of this site's own."},
    {"exchange", "requirement", ATTRIBUTES(EXCHANGE),
        ITEMS(dmp_site_step, dmp_site_requirement, steps),
        .help = "A further step of a requirement with probe exchange: what to send "
                "then, and what must be the answer. At most 4 steps, and 1024 bytes in "
                "all."},
    {"maintenance", DMP_SITE_ROOT, ATTRIBUTES(MAINTENANCE),
        ITEMS(dmp_site_maintenance, dmp_site, maintenances),
        .help = "Planned work: one host, group or port, and weekly with for, or from "
                "with until."},
    {"notify", DMP_SITE_ROOT, ATTRIBUTES(NOTIFY),
        .help = "What is sent, and where to."},
    {"receiver", "notify", ATTRIBUTES(RECEIVER),
        ITEMS(dmp_site_receiver, dmp_site, receivers),
        .help = "Where notifications go. Without any: to the AgentX master."},
    {"agent", DMP_SITE_ROOT, ATTRIBUTES(AGENT), .help = "How the MIB is served."},
};

enum { N_ELEMENTS = sizeof ELEMENTS / sizeof ELEMENTS[0] };
_Static_assert(N_ELEMENTS <= 32, "the loader has a bit for each element");

const struct dmp_site_element *
dmp_site_elements(size_t *ret_n)
{
	*ret_n = N_ELEMENTS;
	return ELEMENTS;
}

static bool
same_parent(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

const struct dmp_site_element *
dmp_site_element_find(const char *name, const char *parent)
{
	for (size_t i = 0; i < N_ELEMENTS; i++) {
		if (strcmp(ELEMENTS[i].name, name) == 0 &&
		    same_parent(ELEMENTS[i].parent, parent))
			return &ELEMENTS[i];
	}
	return NULL;
}

const struct dmp_site_attribute *
dmp_site_attribute_find(const struct dmp_site_element *element, const char *name)
{
	for (size_t i = 0; i < element->n_attributes; i++) {
		if (strcmp(element->attributes[i].name, name) == 0)
			return &element->attributes[i];
	}
	return NULL;
}

bool
dmp_site_attribute_is_later(
    const struct dmp_site_attribute *attribute, const char *value)
{
	const char *later = attribute->later;

	if (!later)
		return false;
	if (strcmp(later, "*") == 0)
		return true;
	return dmp_text_has_word(later, value);
}

void
dmp_site_attribute_names(const struct dmp_site_element *element, struct dmp_text *out)
{
	for (size_t i = 0; i < element->n_attributes; i++)
		dmp_text_printf(
		    out, "%s%s", i > 0 ? ", " : "", element->attributes[i].name);
}

void
dmp_site_child_names(const struct dmp_site_element *element, struct dmp_text *out)
{
	bool any = false;

	for (size_t i = 0; i < N_ELEMENTS; i++) {
		if (!ELEMENTS[i].parent ||
		    strcmp(ELEMENTS[i].parent, element->name) != 0)
			continue;
		dmp_text_printf(out, "%s%s", any ? ", " : "", ELEMENTS[i].name);
		any = true;
	}
	if (!any)
		dmp_text_append(out, "nothing");
}
