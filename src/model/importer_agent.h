/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * importer_agent.h - what was read in one folder, and the tools of the readers.
 *
 * The whitelist is the types below: a fact is an address, a number, a flag or a word of
 * a known set, and there is no place for any other text.  Used by importer_*.c only.
 */
#ifndef DMP_IMPORTER_AGENT_H
#define DMP_IMPORTER_AGENT_H

#include "model/importer.h"
#include "model/version.h"
#include "model/xml.h"

#define DMP_IMPORT_ADDRESS 254
#define DMP_IMPORT_ITEM    512 /* one item of a list in a file, and a NUL */
#define DMP_IMPORT_DEPTH   16

/* Yes or no, as one file of a folder says. */
enum dmp_import_flag_id {
	DMP_IMPORT_FLAG_REMOTING = 0,  /* EnableDotNetRemoting */
	DMP_IMPORT_FLAG_APP_CONFIG,    /* InitRemotingViaAppConfig */
	DMP_IMPORT_FLAG_BROKER,        /* BrokerGateway */
	DMP_IMPORT_FLAG_MANUAL_NATS,   /* NATSForceManualConfig */
	DMP_IMPORT_FLAG_MANUAL_BROKER, /* HasManualConfig */
	DMP_IMPORT_FLAG_HTTPS,
	DMP_IMPORT_FLAG_SNMP_AGENT,
	DMP_IMPORT_FLAG_TELNET,
	DMP_IMPORT_FLAG_CASSANDRA_TLS,
	DMP_IMPORT_FLAG_CLOUD_ENDPOINT, /* CloudEndpointOptions.Enabled */
	DMP_IMPORT_FLAGS
};

struct dmp_import_flag {
	enum dmp_tristate value;
	enum dmp_import_kind kind;
};

struct dmp_import_endpoint {
	char address[DMP_IMPORT_ADDRESS]; /* "" = none; "localhost" = the machine */
	uint16_t port;                    /* 0 = not given */
	enum dmp_tristate tls;            /* by its scheme */
};

/* A DMA element. */
struct dmp_import_dma {
	char address[DMP_IMPORT_ADDRESS];
	uint32_t id; /* 0 = none: the Agent itself */
};

enum dmp_import_via {
	DMP_IMPORT_VIA_GRPC = 0,
	DMP_IMPORT_VIA_REMOTING, /* at the port */
	DMP_IMPORT_VIA_DETECT    /* .NET Remoting, at the port that the Agent tells */
};

struct dmp_import_redirect {
	char to[DMP_IMPORT_ADDRESS]; /* may have * and ? */
	enum dmp_import_via via;
	struct dmp_import_endpoint at;
};

/* Something that runs on an address, here or elsewhere. */
struct dmp_import_service {
	struct dmp_import_endpoint at;
	unsigned role;
	const char *requirement; /* NULL: the role says all */
	bool always;             /* the port element says what runs there */
	bool connect;
	enum dmp_import_kind kind;
};

/* A port of the machine itself. */
struct dmp_import_number {
	const char *requirement;
	uint16_t port; /* 0 = as the requirement says */
	bool none;     /* the requirement does not apply */
	enum dmp_import_kind kind;
};

/* An address of the cluster, as NATS or BrokerGateway know it. */
struct dmp_import_node {
	char address[DMP_IMPORT_ADDRESS];
	char virtual_address[DMP_IMPORT_ADDRESS]; /* "" = none */
	enum dmp_import_kind kind;
};

enum dmp_import_general {
	DMP_IMPORT_GENERAL_UNKNOWN = 0,
	DMP_IMPORT_GENERAL_CASSANDRA, /* of each Agent */
	DMP_IMPORT_GENERAL_CLUSTER,
	DMP_IMPORT_GENERAL_STAAS,
	DMP_IMPORT_GENERAL_OTHER
};

/* What ConnectionSettings.txt makes clients use. */
struct dmp_import_clients {
	bool grpc;
	bool remoting; /* which a version may map to gRPC */
	bool legacy;
	bool all; /* there is a line for any address */
};

struct dmp_import_agent {
	char label[DMP_IMPORT_LABEL];
	char guess[DMP_IMPORT_ADDRESS]; /* the label, when it is an address */
	bool seen[DMP_IMPORT_KINDS];
	char cluster[DMP_NAME_TEXT];
	char https_name[DMP_IMPORT_ADDRESS];
	uint32_t id;
	struct dmp_version version;
	enum dmp_import_general general;
	struct dmp_import_clients clients;
	struct dmp_import_flag flags[DMP_IMPORT_FLAGS];
	struct dmp_import_dma *dmas;
	size_t n_dmas;
	struct dmp_import_redirect *redirects;
	size_t n_redirects;
	struct dmp_import_service *services;
	size_t n_services;
	struct dmp_import_number *numbers;
	size_t n_numbers;
	struct dmp_import_node *nodes;
	size_t n_nodes;
};

enum dmp_import_note {
	DMP_IMPORT_FOUND = 0,
	DMP_IMPORT_PROBLEM,
	DMP_IMPORT_CONFLICT,
	DMP_IMPORT_UNKNOWN,
	DMP_IMPORT_NOTES
};

struct dmp_import {
	struct dmp_import_agent *agents;
	size_t n_agents;
	size_t n_problems;
	struct dmp_text notes[DMP_IMPORT_NOTES];
	enum dmp_status status; /* DMP_ENOMEM sticks */
};

/* One file in the hands of its reader. */
struct dmp_import_reader {
	struct dmp_import *import;
	struct dmp_import_agent *agent;
	enum dmp_import_kind kind;
	const char *data; /* UTF-8, NUL-terminated */
	size_t size;
};

/* The readers, one for each form of file.  They note what is wrong. */
void dmp_import_read_dms(struct dmp_import_reader *r);
void dmp_import_read_dataminer(struct dmp_import_reader *r);
void dmp_import_read_maintenance(struct dmp_import_reader *r);
void dmp_import_read_db(struct dmp_import_reader *r);
void dmp_import_read_db_configuration(struct dmp_import_reader *r);
void dmp_import_read_clients(struct dmp_import_reader *r);
void dmp_import_read_slnet(struct dmp_import_reader *r);
void dmp_import_read_slcloud(struct dmp_import_reader *r);
void dmp_import_read_snmp_managers(struct dmp_import_reader *r);
void dmp_import_read_version_history(struct dmp_import_reader *r);
void dmp_import_read_nats(struct dmp_import_reader *r);
void dmp_import_read_nas(struct dmp_import_reader *r);
void dmp_import_read_cluster_endpoints(struct dmp_import_reader *r);
void dmp_import_read_broker(struct dmp_import_reader *r);
void dmp_import_read_message_broker(struct dmp_import_reader *r);
void dmp_import_read_cloud_gateway(struct dmp_import_reader *r);
void dmp_import_read_kestrel(struct dmp_import_reader *r);

/* A line for people, "LABEL: ..." is added by the caller.  Never with a value that was
 * read unless it passed the whitelist. */
void dmp_import_note(struct dmp_import *import, enum dmp_import_note class,
    const char *format, ...) DMP_PRINTF(3, 4);

/* "DB.xml of dma1, line 4: what".  Line 0 is not shown. */
void dmp_import_problem(struct dmp_import_reader *r, unsigned line, const char *what);

/* A new item at the end of a list, all zero; NULL when memory ran out or the list is
 * full, which is noted once. */
void *dmp_import_grow(
    struct dmp_import *import, void *items, size_t *n, size_t item_size);

/* Add to the lists of the agent. */
void dmp_import_add_service(
    struct dmp_import_reader *r, const struct dmp_import_service *service);
void dmp_import_add_number(
    struct dmp_import_reader *r, const char *requirement, uint16_t port);
void dmp_import_add_none(struct dmp_import_reader *r, const char *requirement);
void dmp_import_add_node(
    struct dmp_import_reader *r, const char *address, const char *virtual_address);
void dmp_import_set_flag(
    struct dmp_import_reader *r, enum dmp_import_flag_id id, enum dmp_tristate value);

/* Copy text without the white space around it; false when it does not fit. */
bool dmp_import_trim(const char *text, size_t n, char *field, size_t size);

bool dmp_import_parse_bool(const char *text, enum dmp_tristate *ret_value);
bool dmp_import_parse_port(const char *text, uint16_t *ret_port);

/* "host", "host:port", "[v6]:port", "scheme://user:secret@host:port/path": the address,
 * the port and whether the scheme means TLS; user, path and what follows are dropped.
 * False when the rest is no address or no port. */
bool dmp_import_parse_endpoint(
    const char *text, struct dmp_import_endpoint *ret_endpoint);

/* localhost, ".", "(local)", or a loopback or unspecified address. */
bool dmp_import_is_local(const char *address);

/* The next item of a list: text up to one of the separators, trimmed, which may be "".
 * *cursor moves on; false at the end.  An item that is too long is cut. */
bool dmp_import_next_item(
    const char **cursor, const char *separators, char item[DMP_IMPORT_ITEM]);

/* Into UTF-8 by its byte order mark, and without an XML declaration that tells another
 * encoding than that.  The caller frees.  DMP_EINVAL: it is no text. */
enum dmp_status dmp_import_decode(
    const char *data, size_t size, char **ret_text, size_t *ret_size) DMP_CHECK_RESULT;

#endif
