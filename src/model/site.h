/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * site.h - one DataMiner System as its site file describes it.
 *
 * A struct dmp_site is what the operator wrote, validated, and nothing else; it is
 * immutable after loading.  What it means for the ports is the plan's work (plan.h).
 * site_schema.c has the one table that drives parsing, errors, the XSD and the manual.
 */
#ifndef DMP_SITE_H
#define DMP_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/status.h"
#include "base/text.h"
#include "base/vocab.h"
#include "model/policy.h"
#include "model/role.h"
#include "model/version.h"

#define DMP_NAME_TEXT    64 /* host, group, receiver, site names: 63 and a NUL */
#define DMP_REQ_KEY_TEXT 33 /* requirement keys: 32 and a NUL */
#define DMP_VERSION_TEXT 25 /* dmpDataMinerVersion: Time 24 class */

enum dmp_family { DMP_FAMILY_AUTO = 0, DMP_FAMILY_4, DMP_FAMILY_6, DMP_FAMILY_EACH };
enum dmp_tristate { DMP_UNSET = 0, DMP_NO, DMP_YES };
enum dmp_remoting { DMP_REMOTING_UNSET = 0, DMP_REMOTING_REMOTING, DMP_REMOTING_GRPC };
enum dmp_nats { DMP_NATS_UNSET = 0, DMP_NATS_LEGACY, DMP_NATS_BROKER, DMP_NATS_NONE };
enum dmp_storage {
	DMP_STORAGE_UNSET = 0,
	DMP_STORAGE_CASSANDRA, /* nodes that all Agents share */
	DMP_STORAGE_STAAS,
	DMP_STORAGE_OTHER,
	DMP_STORAGE_CASSANDRA_LOCAL /* each Agent has its own node */
};
enum dmp_https { DMP_HTTPS_UNSET = 0, DMP_HTTPS_NO, DMP_HTTPS_YES, DMP_HTTPS_ONLY };

struct dmp_exchange;

struct dmp_features {
	enum dmp_remoting inter_dma;
	enum dmp_remoting client;
	enum dmp_nats nats;
	enum dmp_storage storage;
	enum dmp_tristate cassandra_tls;
	enum dmp_tristate telnet;
	enum dmp_tristate failover;
	enum dmp_https
	    https; /* what IIS listens to; ONLY = not even a redirect on 80 */
	enum dmp_tristate snmp_agent;
	char cloud_gateway[DMP_VERSION_TEXT]; /* canonical, "no", or "" = unset */
};

/* Where an element stands, for messages. */
struct dmp_site_place {
	const char *file; /* borrowed from the site */
	unsigned line;
};

/* One policy element: a selector and the values it sets (bit i of set = field i of
 * struct dmp_policy in declaration order). */
struct dmp_site_policy {
	struct dmp_site_place place;
	char host[DMP_NAME_TEXT];           /* "" = any */
	char requirement[DMP_REQ_KEY_TEXT]; /* "" = any */
	unsigned role;                      /* 0 = any */
	unsigned set;
	struct dmp_policy value;
	char reference[DMP_ADDRESS_TEXT]; /* address that proves our own link */
};

enum dmp_policy_field {
	DMP_POLICY_INTERVAL = 0,
	DMP_POLICY_FAST,
	DMP_POLICY_SLOW,
	DMP_POLICY_TIMEOUT,
	DMP_POLICY_HEAVY,
	DMP_POLICY_FALL,
	DMP_POLICY_RISE,
	DMP_POLICY_DEPTH,
	DMP_POLICY_CLOSE,
	DMP_POLICY_SLOW_ANSWER,
	DMP_POLICY_FLAP,
	DMP_POLICY_FLAP_WINDOW,
	DMP_POLICY_SEVERITY_DOWN,
	DMP_POLICY_SEVERITY_DEGRADED,
	DMP_POLICY_SEVERITY_EXPOSED,
	DMP_POLICY_SEVERITY_CERTIFICATE,
	DMP_POLICY_FIELDS
};

struct dmp_site_group {
	struct dmp_site_place place;
	char name[DMP_NAME_TEXT];
	char parent[DMP_NAME_TEXT];
};

/* A port element inside a host: overrides for one requirement there. */
struct dmp_site_port {
	struct dmp_site_place place;
	char requirement[DMP_REQ_KEY_TEXT];
	uint16_t port;        /* 0 = the requirement's own */
	enum dmp_level level; /* 0 = the requirement's own */
	enum dmp_tristate tls;
	char *ca_file; /* NULL or path, resolved beside the site file */
	char *path;    /* HTTP path */
	char *expect;  /* text that must occur in the answer */
	char *community_file;
	char *community;      /* from that file, see dmp_site_read_secrets() */
	bool inform;          /* send informs to a trap receiver */
	enum dmp_admin admin; /* 0 = enabled */
	unsigned set;         /* policy fields set here */
	struct dmp_policy
	    policy; /* interval, fast, slow, timeout, fall, rise, depth ... */
};

#define DMP_SITE_ADDRESSES 8

struct dmp_site_host {
	struct dmp_site_place place;
	char name[DMP_NAME_TEXT];
	/* Each an IP literal or a DNS name (DNS names: at most 253 characters). */
	char *addresses[DMP_SITE_ADDRESSES];
	size_t n_addresses;
	unsigned roles;
	char group[DMP_NAME_TEXT];
	char member_of[DMP_NAME_TEXT]; /* failover pair */
	struct dmp_site_port *ports;
	size_t n_ports;
};

struct dmp_site_failover {
	struct dmp_site_place place;
	char name[DMP_NAME_TEXT];
	char *addresses[DMP_SITE_ADDRESSES];
	size_t n_addresses;
};

struct dmp_site_link {
	struct dmp_site_place place;
	char from[DMP_NAME_TEXT];
	char to[DMP_NAME_TEXT];
	enum dmp_remoting transport;
	uint16_t port; /* 0 = default */
};

/* What to send to a service, and what it must answer, as written (base/exchange.h). */
struct dmp_site_step {
	struct dmp_site_place place;
	char *name;
	char *send;
	char *send_hex;
	char *expect;
	char *expect_hex;
	uint16_t at;
	uint16_t within; /* 0 = exactly at */
};

/* A requirement of the site's own (index 10000 and up). */
struct dmp_site_requirement {
	struct dmp_site_place place;
	char key[DMP_REQ_KEY_TEXT];
	uint32_t index;
	char *title;
	enum dmp_transport transport;
	uint16_t port;
	unsigned from; /* roles; 0 = any vantage */
	unsigned to;
	enum dmp_level level;
	enum dmp_probe_kind probe;
	char *path;
	/* Probe exchange: what the service is called, the first step, in which expect
	 * is the answer, and those after it. */
	char *service;
	struct dmp_site_step first;
	struct dmp_site_step *steps;
	size_t n_steps;
	struct dmp_exchange *exchange; /* made of them */
};

struct dmp_site_maintenance {
	struct dmp_site_place place;
	char host[DMP_NAME_TEXT];
	char group[DMP_NAME_TEXT];
	char *port;      /* port key or NULL */
	char weekly[10]; /* "Sun 02:00" or "" */
	uint32_t for_s;  /* with weekly */
	int64_t from_ms; /* UTC, with until; -1 = not given */
	int64_t until_ms;
	char *comment;
};

enum dmp_receiver_type {
	DMP_RECEIVER_AGENTX = 1,
	DMP_RECEIVER_TRAP,
	DMP_RECEIVER_INFORM
};

struct dmp_site_receiver {
	struct dmp_site_place place;
	char name[DMP_NAME_TEXT];
	char *address;
	uint16_t port; /* default 162 */
	enum dmp_receiver_type type;
	unsigned version; /* 2 or 3 */
	char *community_file;
	char *user;
	char *auth; /* protocol names as Net-SNMP spells them */
	char *auth_file;
	char *priv;
	char *priv_file;
	char *engine_id;
	enum dmp_severity min_severity; /* 0 = all */
	char *kinds;                    /* words, NULL = all */
};

#define DMP_ROOT_OID_MAX 32

struct dmp_site {
	char name[DMP_NAME_TEXT];
	char dataminer[DMP_VERSION_TEXT]; /* canonical, "" = not given */
	struct dmp_installed installed;   /* what it and the features say */
	char vantage[DMP_NAME_TEXT];      /* a host's name, or "observer" */
	unsigned as;                      /* roles an observer stands for */
	enum dmp_family family;
	struct dmp_features features;
	struct dmp_site_policy *policies;
	size_t n_policies;
	struct dmp_site_group *groups;
	size_t n_groups;
	struct dmp_site_host *hosts;
	size_t n_hosts;
	struct dmp_site_failover *failovers;
	size_t n_failovers;
	struct dmp_site_link *links;
	size_t n_links;
	struct dmp_site_requirement *requirements;
	size_t n_requirements;
	struct dmp_site_maintenance *maintenances;
	size_t n_maintenances;
	struct dmp_site_receiver *receivers;
	size_t n_receivers;
	uint32_t heartbeat_ms; /* 0 = none */
	uint32_t reminder_ms;
	struct dmp_address notify_source;
	bool agent_address;
	char *agentx; /* NULL = built in: unix:/run/agentx/master */
	uint32_t root_oid[DMP_ROOT_OID_MAX];
	size_t root_oid_len; /* 0 = built in */
	char *context;
	bool writable;
	char **files; /* every file that was read, the site file first */
	size_t n_files;
	struct dmp_text notes; /* lines to log once: "... is not yet effective" */
};

/* Read and validate a site file and its includes.  On any error *ret_site is untouched
 * and errors holds one line per error, all of them:
 *     file:line: element: what, got "x", expected y
 * DMP_EINVAL for those, DMP_ENOENT / DMP_EPERM / DMP_ETOOBIG for the file itself (also
 * said in errors).  The caller frees with dmp_site_free(). */
enum dmp_status dmp_site_load(const char *path, struct dmp_site **ret_site,
    struct dmp_text *errors) DMP_CHECK_RESULT;

/* The same from memory; name is used in messages, includes are resolved beside it. */
enum dmp_status dmp_site_parse(const char *name, const char *data, size_t size,
    struct dmp_site **ret_site, struct dmp_text *errors) DMP_CHECK_RESULT;

/* The built-in site for a machine without a site file: a single DataMiner Agent on
 * 127.0.0.1, of the newest known version. */
enum dmp_status dmp_site_default(struct dmp_site **ret_site) DMP_CHECK_RESULT;

/* A site made of command line words, for "dmports check HOST...": every host has roles;
 * dataminer may be NULL.  errors as for dmp_site_load. */
enum dmp_status dmp_site_from_hosts(const char *const *hosts, size_t n_hosts,
    unsigned roles, const char *dataminer, struct dmp_site **ret_site,
    struct dmp_text *errors) DMP_CHECK_RESULT;

/* Read the files that ports name, such as communities; nothing else of the site does.
 * DMP_EINVAL with errors as above. */
enum dmp_status dmp_site_read_secrets(
    struct dmp_site *site, struct dmp_text *errors) DMP_CHECK_RESULT;

/* Secrets are wiped. */
void dmp_site_free(struct dmp_site *site);

/* Print the XSD of the site file, or a manual section of it (mdoc), made from the
 * schema table. */
void dmp_site_print_xsd(struct dmp_text *out);
void dmp_site_print_manual(struct dmp_text *out);

#endif
