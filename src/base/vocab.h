/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vocab.h - the words of dmports, each defined once.
 *
 * Log, event, command line, XML and MIB speak with these tables; a test proves that the
 * MIB's enumerations, these tables and the manual agree.  Numbers are the MIB's: they
 * are never renumbered, only appended to.  DMP_X(NAME, number, label, ...) lines are
 * expanded into an enum here and into a text table in vocab.c.
 */
#ifndef DMP_VOCAB_H
#define DMP_VOCAB_H

#include <stdbool.h>
#include <stdint.h>

/* How one attempt ended.  INCONCLUSIVE (our own fault, cancelled, or an answer that UDP
 * cannot give) never counts against a port. */
enum dmp_outcome { DMP_OUTCOME_INCONCLUSIVE = 0, DMP_OUTCOME_OK, DMP_OUTCOME_FAIL };

#define DMP_STATE_TABLE(DMP_X)                                                         \
	DMP_X(UNKNOWN, 1, "unknown")                                                   \
	DMP_X(UP, 2, "up")                                                             \
	DMP_X(DEGRADED, 3, "degraded")                                                 \
	DMP_X(DOWN, 4, "down")                                                         \
	DMP_X(EXPOSED, 5, "exposed")                                                   \
	DMP_X(CLOSED, 6, "closed")                                                     \
	DMP_X(UNVERIFIED, 7, "unverified")                                             \
	DMP_X(NOT_APPLICABLE, 8, "notApplicable")

#define DMP_LEVEL_TABLE(DMP_X)                                                         \
	DMP_X(REQUIRED, 1, "required")                                                 \
	DMP_X(OPTIONAL, 2, "optional")                                                 \
	DMP_X(FORBIDDEN, 3, "forbidden")                                               \
	DMP_X(INFORMATIONAL, 4, "informational")                                       \
	DMP_X(NONE, 5, "none")

#define DMP_TRANSPORT_TABLE(DMP_X)                                                     \
	DMP_X(TCP, 1, "tcp")                                                           \
	DMP_X(UDP, 2, "udp")                                                           \
	DMP_X(NONE, 3, "none")

/* ITU-T X.733 perceived severity; the last column is the ordered rank 0..4. */
#define DMP_SEVERITY_TABLE(DMP_X)                                                      \
	DMP_X(CLEARED, 1, "cleared", 0)                                                \
	DMP_X(INDETERMINATE, 2, "indeterminate", 0)                                    \
	DMP_X(CRITICAL, 3, "critical", 4)                                              \
	DMP_X(MAJOR, 4, "major", 3)                                                    \
	DMP_X(MINOR, 5, "minor", 2)                                                    \
	DMP_X(WARNING, 6, "warning", 1)

#define DMP_ADMIN_TABLE(DMP_X)                                                         \
	DMP_X(ENABLED, 1, "enabled")                                                   \
	DMP_X(MAINTENANCE, 2, "maintenance")                                           \
	DMP_X(DISABLED, 3, "disabled")

#define DMP_SUPPRESSED_TABLE(DMP_X)                                                    \
	DMP_X(NONE, 1, "none")                                                         \
	DMP_X(HOST, 2, "host")                                                         \
	DMP_X(MAINTENANCE, 3, "maintenance")                                           \
	DMP_X(FLAPPING, 4, "flapping")                                                 \
	DMP_X(VANTAGE, 5, "vantage")                                                   \
	DMP_X(ENDPOINT, 6, "endpoint")

#define DMP_APPLIES_TABLE(DMP_X)                                                       \
	DMP_X(YES, 1, "yes")                                                           \
	DMP_X(NO, 2, "no")                                                             \
	DMP_X(ASSUMED, 3, "assumed")

/* How a port is asked at depth identify (reference: the probe of the same name in
 * src/probe/).  The numbers are not in the MIB. */
#define DMP_PROBE_TABLE(DMP_X)                                                         \
	DMP_X(CONNECT, 1, "connect")                                                   \
	DMP_X(SNMP, 2, "snmp")                                                         \
	DMP_X(SNMP_TRAP, 3, "snmp-trap")                                               \
	DMP_X(REMOTING, 4, "remoting")                                                 \
	DMP_X(DATAMINER_HTTP, 5, "dataminer-http")                                     \
	DMP_X(DATAMINER_HTTPS, 6, "dataminer-https")                                   \
	DMP_X(GRPC, 7, "grpc")                                                         \
	DMP_X(SEARCH_HTTP, 8, "search-http")                                           \
	DMP_X(SEARCH_NODE, 9, "search-node")                                           \
	DMP_X(CASSANDRA_INTERNODE, 10, "cassandra-internode")                          \
	DMP_X(CASSANDRA_INTERNODE_TLS, 11, "cassandra-internode-tls")                  \
	DMP_X(JMX, 12, "jmx")                                                          \
	DMP_X(CQL, 13, "cql")                                                          \
	DMP_X(CQL_TLS, 14, "cql-tls")                                                  \
	DMP_X(THRIFT, 15, "thrift")                                                    \
	DMP_X(NATS, 16, "nats")                                                        \
	DMP_X(NATS_ROUTE, 17, "nats-route")                                            \
	DMP_X(NATS_MONITOR, 18, "nats-monitor")                                        \
	DMP_X(NATS_ACCOUNT, 19, "nats-account")                                        \
	DMP_X(CLOUD_ENDPOINT, 20, "cloud-endpoint")                                    \
	DMP_X(TELNET, 21, "telnet")                                                    \
	DMP_X(HTTP, 22, "http")                                                        \
	DMP_X(HTTPS, 23, "https")                                                      \
	DMP_X(TLS, 24, "tls")                                                          \
	DMP_X(EXCHANGE, 25, "exchange")                                                \
	DMP_X(NTP, 26, "ntp")

/* Notification types (MIB dmpNotifications N).  The last two columns: does it raise a
 * problem, and the mask (1 << N) of the types that it clears.  18 and 19 are sent to
 * one receiver and are never stored; they have no line here. */
#define DMP_EVENT_TABLE(DMP_X)                                                         \
	DMP_X(PORT_DOWN, 1, "portDown", true, 1u << 3)                                 \
	DMP_X(PORT_UP, 2, "portUp", false, 1u << 1 | 1u << 3)                          \
	DMP_X(PORT_DEGRADED, 3, "portDegraded", true, 1u << 1)                         \
	DMP_X(PORT_EXPOSED, 4, "portExposed", true, 0)                                 \
	DMP_X(PORT_CLOSED, 5, "portClosed", false, 1u << 4)                            \
	DMP_X(HOST_DOWN, 6, "hostDown", true, 0)                                       \
	DMP_X(HOST_UP, 7, "hostUp", false, 1u << 6)                                    \
	DMP_X(CERTIFICATE_EXPIRING, 8, "certificateExpiring", true, 0)                 \
	DMP_X(CERTIFICATE_RENEWED, 9, "certificateRenewed", false, 1u << 8)            \
	DMP_X(PORT_FLAPPING, 10, "portFlapping", true, 0)                              \
	DMP_X(PORT_STABLE, 11, "portStable", false, 1u << 10)                          \
	DMP_X(VANTAGE_ISOLATED, 12, "vantageIsolated", true, 0)                        \
	DMP_X(VANTAGE_RESTORED, 13, "vantageRestored", false, 1u << 12)                \
	DMP_X(CONFIG_REJECTED, 14, "configRejected", true, 0)                          \
	DMP_X(CONFIG_APPLIED, 15, "configApplied", false, 1u << 14)                    \
	DMP_X(STARTED, 16, "started", false, 0)                                        \
	DMP_X(STOPPING, 17, "stopping", false, 0)                                      \
	DMP_X(PORT_CLEARED, 20, "portCleared", false,                                  \
	    1u << 1 | 1u << 3 | 1u << 4 | 1u << 8 | 1u << 10)

/*
 * Reasons: why a port (or host, or the daemon) is as it is.
 * DMP_X(NAME, number, label, short code, outcome, sentence, who can mend it)
 * The outcome is what an attempt that ends with this reason counts as; reasons that no
 * attempt gives are INCONCLUSIVE.  The words are nmap's (refused, filtered); see also
 * RFC 792, RFC 4443, RFC 1122 4.2.3.9.
 */
#define DMP_REASON_TABLE(DMP_X)                                                        \
	DMP_X(NONE, 1, "none", "-", INCONCLUSIVE, "nothing to report", "nobody")       \
	DMP_X(OPEN, 2, "open", "L4OK", OK,                                             \
	    "the port accepts connections; the service behind it was not asked",       \
	    "nobody")                                                                  \
	DMP_X(ANSWERED, 3, "answered", "L7OK", OK, "the right service answered",       \
	    "nobody")                                                                  \
	DMP_X(AUTH_REQUIRED, 4, "authRequired", "L7AUTH", OK,                          \
	    "the right service answered and asks for credentials", "nobody")           \
	DMP_X(IDENTITY_WEAK, 5, "identityWeak", "L7WEAK", OK,                          \
	    "something answers, its identity is not proven", "nobody")                 \
	DMP_X(PATH_ONLY, 6, "pathOnly", "PATH", OK,                                    \
	    "dmports listen answered: the path is open, the service is not there yet", \
	    "nobody")                                                                  \
	DMP_X(SERVICE_UNWELL, 7, "serviceUnwell", "L7SICK", OK,                        \
	    "the right service answered and says that it is unwell",                   \
	    "the owner of the service")                                                \
	DMP_X(SLOW, 8, "slow", "SLOW", OK,                                             \
	    "the answer took longer than the threshold", "the owner of the service")   \
	DMP_X(REFUSED, 9, "refused", "L4RST", FAIL,                                    \
	    "refused: nothing listens there, or a firewall rejects it",                \
	    "the owner of the service")                                                \
	DMP_X(TIMEOUT, 10, "timeout", "L4TOUT", FAIL,                                  \
	    "no answer: filtered by a firewall, or the host is down",                  \
	    "the firewall team")                                                       \
	DMP_X(HOST_UNREACHABLE, 11, "hostUnreachable", "L3HOST", FAIL,                 \
	    "the host cannot be reached: it is down, or its network is",               \
	    "the owner of the host")                                                   \
	DMP_X(NET_UNREACHABLE, 12, "netUnreachable", "L3NET", FAIL,                    \
	    "a router has no path to the network of the host", "the network team")     \
	DMP_X(ADMIN_PROHIBITED, 13, "adminProhibited", "L3ADM", FAIL,                  \
	    "a firewall on the path forbids it and says so", "the firewall team")      \
	DMP_X(PROTOCOL_UNREACHABLE, 14, "protocolUnreachable", "L3PROTO", FAIL,        \
	    "the host does not speak this transport protocol",                         \
	    "the owner of the host")                                                   \
	DMP_X(NO_ROUTE, 15, "noRoute", "L3ROUTE", FAIL,                                \
	    "this machine has no route to the host",                                   \
	    "the administrator of this machine")                                       \
	DMP_X(NO_REPLY, 16, "noReply", "UDPNONE", INCONCLUSIVE,                        \
	    "no reply: open or filtered, UDP cannot tell", "the firewall team")        \
	DMP_X(SILENT, 17, "silent", "L7TOUT", FAIL,                                    \
	    "connected, but the service says nothing: it hangs, or a proxy "           \
	    "intercepts",                                                              \
	    "the owner of the service")                                                \
	DMP_X(CLOSED_EARLY, 18, "closedEarly", "L7EOF", FAIL,                          \
	    "connected, then closed without an answer", "the owner of the service")    \
	DMP_X(CONNECTION_RESET, 19, "connectionReset", "L7RST", FAIL,                  \
	    "connected, then reset without an answer", "the owner of the service")     \
	DMP_X(WRONG_SERVICE, 20, "wrongService", "L7WRONG", FAIL,                      \
	    "another service answers on this port", "the owner of the host")           \
	DMP_X(BAD_ANSWER, 21, "badAnswer", "L7RSP", FAIL,                              \
	    "the answer is malformed or not the expected one",                         \
	    "the owner of the service")                                                \
	DMP_X(DNS_NO_NAME, 22, "dnsNoName", "DNSNX", FAIL,                             \
	    "the name of the host does not exist", "the DNS administrator")            \
	DMP_X(DNS_FAILED, 23, "dnsFailed", "DNSERR", FAIL,                             \
	    "the name server could not answer", "the DNS administrator")               \
	DMP_X(DNS_TIMEOUT, 24, "dnsTimeout", "DNSTOUT", FAIL,                          \
	    "no name server answered in time", "the DNS administrator")                \
	DMP_X(TLS_EXPIRED, 25, "tlsExpired", "L6EXP", OK,                              \
	    "the certificate has expired", "the owner of the certificate")             \
	DMP_X(TLS_EXPIRING, 26, "tlsExpiring", "L6SOON", OK,                           \
	    "the certificate expires soon", "the owner of the certificate")            \
	DMP_X(TLS_NOT_YET_VALID, 27, "tlsNotYetValid", "L6EARLY", OK,                  \
	    "the certificate is not valid yet, or a clock is wrong",                   \
	    "the owner of the certificate")                                            \
	DMP_X(TLS_SELF_SIGNED, 28, "tlsSelfSigned", "L6SELF", OK,                      \
	    "the certificate is signed by itself", "the owner of the certificate")     \
	DMP_X(TLS_UNTRUSTED, 29, "tlsUntrusted", "L6TRUST", OK,                        \
	    "the issuer of the certificate is not trusted here",                       \
	    "the owner of the certificate")                                            \
	DMP_X(TLS_NAME_MISMATCH, 30, "tlsNameMismatch", "L6NAME", OK,                  \
	    "the certificate is for another name", "the owner of the certificate")     \
	DMP_X(TLS_VERSION, 31, "tlsVersion", "L6VER", FAIL, "no common TLS version",   \
	    "the owner of the service")                                                \
	DMP_X(TLS_ALERT, 32, "tlsAlert", "L6ALERT", FAIL,                              \
	    "the TLS handshake was refused", "the owner of the service")               \
	DMP_X(TLS_NOT_TLS, 33, "tlsNotTls", "L6PLAIN", FAIL,                           \
	    "the service does not speak TLS", "the owner of the service")              \
	DMP_X(LOCAL_LIMIT, 34, "localLimit", "OURLIM", INCONCLUSIVE,                   \
	    "this machine is out of descriptors or memory",                            \
	    "the administrator of this machine")                                       \
	DMP_X(LOCAL_PORTS, 35, "localPorts", "OURPORT", INCONCLUSIVE,                  \
	    "this machine has no free local address or port",                          \
	    "the administrator of this machine")                                       \
	DMP_X(LOCAL_FIREWALL, 36, "localFirewall", "OURFW", INCONCLUSIVE,              \
	    "this machine's own firewall or policy forbids it",                        \
	    "the administrator of this machine")                                       \
	DMP_X(LOCAL_ERROR, 37, "localError", "OURERR", INCONCLUSIVE,                   \
	    "this machine could not make the attempt",                                 \
	    "the administrator of this machine")                                       \
	DMP_X(CANCELLED, 38, "cancelled", "CANCEL", INCONCLUSIVE,                      \
	    "the attempt was cancelled", "nobody")                                     \
	DMP_X(HOST_DOWN, 39, "hostDown", "HOSTDN", INCONCLUSIVE,                       \
	    "no port of the host answers", "the owner of the host")                    \
	DMP_X(VANTAGE_ISOLATED, 40, "vantageIsolated", "ISOLATED", INCONCLUSIVE,       \
	    "no host answers: this machine is cut off",                                \
	    "the administrator of this machine")                                       \
	DMP_X(MAINTENANCE, 41, "maintenance", "MAINT", INCONCLUSIVE, "in maintenance", \
	    "nobody")                                                                  \
	DMP_X(DISABLED, 42, "disabled", "DISABLED", INCONCLUSIVE,                      \
	    "disabled by the administrator", "nobody")                                 \
	DMP_X(REMOVED, 43, "removed", "REMOVED", INCONCLUSIVE,                         \
	    "no longer part of the plan", "nobody")                                    \
	DMP_X(SUPERSEDED, 44, "superseded", "SUPERSEDED", INCONCLUSIVE,                \
	    "replaced by another problem of the same port", "nobody")                  \
	DMP_X(FLAPPING, 45, "flapping", "FLAP", INCONCLUSIVE,                          \
	    "changes its state too often", "the owner of the service")                 \
	DMP_X(CONFIG_INVALID, 46, "configInvalid", "CONFIG", INCONCLUSIVE,             \
	    "the configuration is not valid; the former one stays in force",           \
	    "the administrator of dmports")                                            \
	DMP_X(CONFIG_CHANGED, 47, "configChanged", "CONFOK", INCONCLUSIVE,             \
	    "the configuration was applied", "nobody")                                 \
	DMP_X(STARTED, 48, "started", "START", INCONCLUSIVE, "dmports has started",    \
	    "nobody")                                                                  \
	DMP_X(                                                                         \
	    STOPPING, 49, "stopping", "STOP", INCONCLUSIVE, "dmports stops", "nobody") \
	DMP_X(SHARED_ENDPOINT, 50, "sharedEndpoint", "SHARED", INCONCLUSIVE,           \
	    "another port on the same address and number announces it", "nobody")

#define DMP_ENUM_STATE(name, number, ...)      DMP_STATE_##name = number,
#define DMP_ENUM_LEVEL(name, number, ...)      DMP_LEVEL_##name = number,
#define DMP_ENUM_TRANSPORT(name, number, ...)  DMP_TRANSPORT_##name = number,
#define DMP_ENUM_SEVERITY(name, number, ...)   DMP_SEVERITY_##name = number,
#define DMP_ENUM_ADMIN(name, number, ...)      DMP_ADMIN_##name = number,
#define DMP_ENUM_SUPPRESSED(name, number, ...) DMP_SUPPRESSED_##name = number,
#define DMP_ENUM_APPLIES(name, number, ...)    DMP_APPLIES_##name = number,
#define DMP_ENUM_PROBE(name, number, ...)      DMP_PROBE_##name = number,
#define DMP_ENUM_EVENT(name, number, ...)      DMP_EVENT_##name = number,
#define DMP_ENUM_REASON(name, number, ...)     DMP_REASON_##name = number,

/* 0 is no member of these: zeroed memory is visibly unset. */
enum dmp_state { DMP_STATE_TABLE(DMP_ENUM_STATE) };
enum dmp_level { DMP_LEVEL_TABLE(DMP_ENUM_LEVEL) };
enum dmp_transport { DMP_TRANSPORT_TABLE(DMP_ENUM_TRANSPORT) };
enum dmp_severity { DMP_SEVERITY_TABLE(DMP_ENUM_SEVERITY) };
enum dmp_admin { DMP_ADMIN_TABLE(DMP_ENUM_ADMIN) };
enum dmp_suppressed { DMP_SUPPRESSED_TABLE(DMP_ENUM_SUPPRESSED) };
enum dmp_applies { DMP_APPLIES_TABLE(DMP_ENUM_APPLIES) };
enum dmp_probe_kind { DMP_PROBE_TABLE(DMP_ENUM_PROBE) };
enum dmp_event_type { DMP_EVENT_TABLE(DMP_ENUM_EVENT) };
enum dmp_reason { DMP_REASON_TABLE(DMP_ENUM_REASON) };

/* The enumerations above, for those that need their texts. */
enum dmp_vocab {
	DMP_VOCAB_STATE = 0,
	DMP_VOCAB_LEVEL,
	DMP_VOCAB_TRANSPORT,
	DMP_VOCAB_SEVERITY,
	DMP_VOCAB_ADMIN,
	DMP_VOCAB_SUPPRESSED,
	DMP_VOCAB_APPLIES,
	DMP_VOCAB_PROBE,
	DMP_VOCAB_EVENT,
	DMP_VOCAB_REASON,
	DMP_VOCAB_COUNT
};

/* The MIB label of a member, "unknown" for a number that is none.  Static string. */
const char *dmp_vocab_text(enum dmp_vocab vocab, int number);

/* Find a member by its label; false when there is none. */
bool dmp_vocab_find(enum dmp_vocab vocab, const char *label, int *ret_number);

/* Walk the members: the i-th, counting from 0, false past the last. */
bool dmp_vocab_at(
    enum dmp_vocab vocab, unsigned i, int *ret_number, const char **ret_label);

/* Does a probe of this kind ask in datagrams (UDP)? */
bool dmp_probe_is_datagram(enum dmp_probe_kind kind);

/* The ordered rank of a severity: 0 fine ... 4 critical (dmpPortSeverityRank). */
int dmp_severity_rank(enum dmp_severity severity);

/* What a reason counts as, and its other columns.  Static strings. */
enum dmp_outcome dmp_reason_outcome(enum dmp_reason reason);
const char *dmp_reason_code(enum dmp_reason reason);
const char *dmp_reason_sentence(enum dmp_reason reason);
const char *dmp_reason_owner(enum dmp_reason reason);

/* Does a notification of this type raise a problem, and does it clear problems of type
 * other? */
bool dmp_event_raises(enum dmp_event_type type);
bool dmp_event_clears(enum dmp_event_type type, enum dmp_event_type other);

#endif
