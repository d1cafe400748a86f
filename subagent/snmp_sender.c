/* SPDX-License-Identifier: BSD-2-Clause */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/library/large_fd_set.h>
#include <net-snmp/library/lcd_time.h>

#include "subagent/snmp_sender.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "probe/snmp_wire.h"
#include "subagent/receiver_secret.h"

#define APPLICATION "dmports-notifier"

enum {
	MESSAGE_MAX = 65507,
	REPORT_MAX = 2048,
	RECENT = 4 /* message IDs that a report may name */
};

_Static_assert(DMPD_SENDER_ENGINE_MAX == MAX_ENGINEID_LENGTH, "RFC 3411 5");

struct dmpd_sender {
	void *session; /* NULL while it is not open */
	const struct dmpd_adapter *adapter;
	dmpd_sender_answer_fn *answer;
	void *arg;
	int fd;
	bool is_inform;
	bool is_unheard;
	bool is_v3;
	/* The receiver's engine, and what is under way with it, the newest first. */
	struct dmp_snmp_engine engine;
	struct {
		uint16_t message_id;
		uint32_t ticket;
	} recent[RECENT];
	bool is_silent; /* sending, which tells its result itself, or closing */
};

/* --- the library --- */

static int
sender_on_log(int major, int minor, void *server_arg, void *client_arg)
{
	const struct snmp_log_message *line = server_arg;

	(void)major;
	(void)minor;
	(void)client_arg;
	dmp_log(line->priority <= LOG_ERR ? DMP_LOG_WARNING : DMP_LOG_DEBUG, "snmp",
	    "%s", line->msg);
	return 0;
}

/* A directory of its own: the agent's and any snmpd's have other engine IDs. */
static enum dmp_status
sender_environment(const char *state_dir)
{
	char dir[PATH_MAX];

	dmp_text_format(dir, sizeof dir, "%s/snmp-notifier", state_dir);
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return DMP_EIO;
	if (setenv("MIBS", "", 1) != 0 || setenv("MIBDIRS", "/dev/null", 1) != 0 ||
	    setenv("SNMPCONFPATH", dir, 1) != 0 ||
	    setenv("SNMP_PERSISTENT_DIR", dir, 1) != 0)
		return DMP_ENOMEM;
	return DMP_OK;
}

/* The library does not tell whether it could write its file: look. */
static enum dmp_status
sender_check_store(const char *state_dir)
{
	char path[PATH_MAX];
	struct stat st;

	dmp_text_format(
	    path, sizeof path, "%s/snmp-notifier/" APPLICATION ".conf", state_dir);
	return stat(path, &st) == 0 && st.st_size > 0 ? DMP_OK : DMP_EIO;
}

enum dmp_status
dmpd_sender_start(const char *state_dir)
{
	enum dmp_status status = sender_environment(state_dir);

	if (status != DMP_OK)
		return status;
	snmp_disable_log();
	snmp_enable_calllog();
	(void)snmp_register_callback(
	    SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_LOGGING, sender_on_log, NULL);
	init_snmp(APPLICATION);
	/* Before anything is sent: a process that is killed must not have the same
	 * boots again. */
	snmp_store(APPLICATION);
	return sender_check_store(state_dir);
}

void
dmpd_sender_engine_text(char *field, size_t size)
{
	uint8_t id[DMPD_SENDER_ENGINE_MAX];
	size_t n = snmpv3_get_engineID(id, sizeof id);
	struct dmp_text text = {0};

	dmp_text_append(&text, "0x");
	for (size_t i = 0; i < n && i < sizeof id; i++)
		dmp_text_printf(&text, "%02x", id[i]);
	dmp_text_copy(field, size, dmp_text_get(&text));
	dmp_text_done(&text);
}

/* --- the transport: our socket --- */

static int
sender_transport_receive(
    netsnmp_transport *t, void *buffer, int size, void **opaque, int *opaque_size)
{
	struct dmpd_sender *sender = t->data;
	ssize_t n = recv(t->sock, buffer, (size_t)size, MSG_DONTWAIT);

	*opaque = NULL;
	*opaque_size = 0;
	if (n < 0 && errno == ECONNREFUSED)
		sender->is_unheard = true;
	return (int)n;
}

/* The error of an earlier datagram (ICMP) is told instead of sending this one. */
static int
sender_transport_send(
    netsnmp_transport *t, const void *data, int size, void **opaque, int *opaque_size)
{
	struct dmpd_sender *sender = t->data;
	ssize_t n = send(t->sock, data, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL);

	(void)opaque;
	(void)opaque_size;
	if (n < 0 && errno == ECONNREFUSED)
		n = send(t->sock, data, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL);
	sender->is_unheard = false;
	return (int)n;
}

static int
sender_transport_close(netsnmp_transport *t)
{
	(void)close(t->sock);
	t->sock = -1;
	t->data = NULL; /* ours, not the library's to free */
	return 0;
}

static netsnmp_transport *
sender_transport(struct dmpd_sender *sender)
{
	netsnmp_transport *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	t->domain = netsnmpUDPDomain;
	t->domain_length = (int)netsnmpUDPDomain_len;
	t->sock = sender->fd;
	t->data = sender;
	t->msgMaxSize = MESSAGE_MAX;
	t->f_recv = sender_transport_receive;
	t->f_send = sender_transport_send;
	t->f_close = sender_transport_close;
	return t;
}

/* --- a session --- */

/* The key of a passphrase; false for one that is too short (RFC 3414 11.2). */
static bool
sender_key(const netsnmp_session *ss, const char *pass, u_char *key, size_t *size)
{
	*size = USM_AUTH_KU_LEN;
	return generate_Ku(ss->securityAuthProto, (u_int)ss->securityAuthProtoLen,
	           (const u_char *)pass, strlen(pass), key, size) == SNMPERR_SUCCESS;
}

static const char *
sender_set_auth(const struct dmpd_sender_config *config, netsnmp_session *ss)
{
	const oid *protocol;
	int type;

	if (!config->auth[0])
		return NULL;
	type = usm_lookup_auth_type(config->auth);
	if (type < 0)
		return "the SNMP library does not know the auth protocol";
	protocol = sc_get_auth_oid(type, &ss->securityAuthProtoLen);
	ss->securityAuthProto =
	    snmp_duplicate_objid(protocol, ss->securityAuthProtoLen);
	ss->securityLevel = SNMP_SEC_LEVEL_AUTHNOPRIV;
	if (!ss->securityAuthProto || !sender_key(ss, config->auth_pass,
	                                  ss->securityAuthKey, &ss->securityAuthKeyLen))
		return "the auth passphrase is too short: 8 characters at least";
	return NULL;
}

static const char *
sender_set_priv(const struct dmpd_sender_config *config, netsnmp_session *ss)
{
	const oid *protocol;
	int type;

	if (!config->priv[0])
		return NULL;
	type = usm_lookup_priv_type(config->priv);
	if (type < 0)
		return "the SNMP library does not know the priv protocol";
	protocol = sc_get_priv_oid(type, &ss->securityPrivProtoLen);
	ss->securityPrivProto =
	    snmp_duplicate_objid(protocol, ss->securityPrivProtoLen);
	ss->securityLevel = SNMP_SEC_LEVEL_AUTHPRIV;
	if (!ss->securityPrivProto || !sender_key(ss, config->priv_pass,
	                                  ss->securityPrivKey, &ss->securityPrivKeyLen))
		return "the priv passphrase is too short: 8 characters at least";
	return NULL;
}

/* The library knows users by engine and name, once and for all: one from before, which
 * may have other keys, goes; and with it what the engine's clock was thought to be. */
static void
sender_forget_user(netsnmp_session *ss, bool is_remote)
{
	struct usmUser *user = usm_get_user(
	    ss->securityEngineID, ss->securityEngineIDLen, ss->securityName);

	if (user) {
		(void)usm_remove_user(user);
		(void)usm_free_user(user);
	}
	if (is_remote)
		free_enginetime(ss->securityEngineID, ss->securityEngineIDLen);
}

/* Informs are under the authority of the receiver's engine, traps under ours. */
static const char *
sender_set_v3(const struct dmpd_sender_config *config, netsnmp_session *ss)
{
	static u_char ours[DMPD_SENDER_ENGINE_MAX];
	const char *why;

	ss->version = SNMP_VERSION_3;
	ss->securityModel = SNMP_SEC_MODEL_USM;
	ss->securityLevel = SNMP_SEC_LEVEL_NOAUTH;
	ss->securityName = (char *)(uintptr_t)config->user;
	ss->securityNameLen = strlen(config->user);
	ss->securityEngineID = (u_char *)(uintptr_t)config->engine_id;
	ss->securityEngineIDLen = config->engine_id_size;
	if (!config->is_inform) {
		ss->securityEngineID = ours;
		ss->securityEngineIDLen = snmpv3_get_engineID(ours, sizeof ours);
	}
	if (ss->securityEngineIDLen == 0)
		return "no engine ID";
	why = sender_set_auth(config, ss);
	if (!why)
		why = sender_set_priv(config, ss);
	if (!why)
		sender_forget_user(ss, config->is_inform);
	return why;
}

static const char *
sender_set_session(const struct dmpd_sender_config *config, netsnmp_session *ss)
{
	snmp_sess_init(ss);
	ss->retries = 0;
	if (config->is_v3)
		return sender_set_v3(config, ss);
	ss->version = SNMP_VERSION_2c;
	ss->community = (u_char *)(uintptr_t)config->community;
	ss->community_len = strlen(config->community);
	return NULL;
}

enum dmp_status
dmpd_sender_new(const struct dmpd_sender_config *config,
    struct dmpd_sender **ret_sender, const char **ret_why)
{
	struct dmpd_sender *sender = calloc(1, sizeof *sender);
	netsnmp_transport *transport = NULL;
	netsnmp_session ss;
	const char *why = sender_set_session(config, &ss);

	if (sender && !why) {
		sender->fd = config->fd;
		sender->is_inform = config->is_inform;
		sender->is_v3 = config->is_v3;
		sender->engine.id_size = config->engine_id_size;
		for (size_t i = 0; i < config->engine_id_size; i++)
			sender->engine.id[i] = config->engine_id[i];
		sender->adapter = config->adapter;
		sender->answer = config->answer;
		sender->arg = config->arg;
		transport = sender_transport(sender);
		ss.myvoid = sender;
	}
	if (transport)
		sender->session = snmp_sess_add(&ss, transport, NULL, NULL);
	else
		(void)close(config->fd);
	free(ss.securityAuthProto);
	free(ss.securityPrivProto);
	dmpd_secret_wipe(&ss, sizeof ss);
	if (sender && sender->session) {
		*ret_sender = sender;
		return DMP_OK;
	}
	free(sender);
	*ret_why = why ? why : "no memory for a session";
	return why ? DMP_EINVAL : DMP_ENOMEM;
}

void
dmpd_sender_free(struct dmpd_sender *sender)
{
	if (!sender)
		return;
	sender->is_silent = true;
	(void)snmp_sess_close(sender->session);
	free(sender);
}

/* --- answers --- */

/* What a report says (RFC 3414 3.2), in words that tell what to mend. */
static const char *
sender_report_text(const netsnmp_pdu *pdu)
{
	static const struct {
		int type;
		const char *text;
	} TEXTS[] = {
	    {SNMPERR_UNKNOWN_USER_NAME, "it does not know the user"},
	    {SNMPERR_AUTHENTICATION_FAILURE,
	        "wrong digest: the auth protocol or passphrase is another one there"},
	    {SNMPERR_DECRYPTION_ERR, "it cannot decrypt: the priv protocol or "
	                             "passphrase is another one there"},
	    {SNMPERR_UNSUPPORTED_SEC_LEVEL,
	        "unsupported security level: the user needs other auth or priv there"},
	    {SNMPERR_NOT_IN_TIME_WINDOW, "not in its time window"},
	    {SNMPERR_UNKNOWN_ENG_ID, "its engine ID is another one"},
	};
	int type = snmpv3_get_report_type((netsnmp_pdu *)(uintptr_t)pdu);

	for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
		if (TEXTS[i].type == type)
			return TEXTS[i].text;
	}
	return "it reports an error of its own";
}

static enum dmpd_answer
sender_judge_report(const netsnmp_pdu *pdu, const char **ret_why)
{
	*ret_why = sender_report_text(pdu);
	return snmpv3_get_report_type((netsnmp_pdu *)(uintptr_t)pdu) ==
	               SNMPERR_UNKNOWN_ENG_ID
	           ? DMPD_ANSWER_UNKNOWN_ENGINE
	           : DMPD_ANSWER_REFUSED;
}

static enum dmpd_answer
sender_judge(int operation, const netsnmp_pdu *pdu, char why[64], const char **ret_why)
{
	*ret_why = why;
	why[0] = '\0';
	switch (operation) {
	case NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE:
		if (pdu->command == SNMP_MSG_RESPONSE &&
		    pdu->errstat == SNMP_ERR_NOERROR)
			return DMPD_ANSWER_TAKEN;
		dmp_text_format(why, 64, "it answers with error %ld", pdu->errstat);
		return DMPD_ANSWER_REFUSED;
	case NETSNMP_CALLBACK_OP_TIMED_OUT:
		return DMPD_ANSWER_LATE;
	case NETSNMP_CALLBACK_OP_SEC_ERROR:
		return sender_judge_report(pdu, ret_why);
	default:
		dmp_text_copy(why, 64, "it cannot be sent");
		return DMPD_ANSWER_UNSENT;
	}
}

/* Return 1: done with it.  A report comes twice: first as a message, after which the
 * library repeats by itself what was not in the time window, then as a security error
 * when that is no help.  After that it may still give the same request back. */
static int
sender_on_answer(
    int operation, netsnmp_session *ss, int reqid, netsnmp_pdu *pdu, void *magic)
{
	struct dmpd_sender *sender = ss->myvoid;
	uint32_t ticket = (uint32_t)(uintptr_t)magic;
	enum dmpd_answer answer;
	const char *why;
	char text[64];

	(void)reqid;
	if (sender->is_silent || operation == NETSNMP_CALLBACK_OP_RESEND ||
	    (operation == NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE &&
	        pdu->command == SNMP_MSG_REPORT))
		return 1;
	answer = sender_judge(operation, pdu, text, &why);
	sender->answer(sender->arg, ticket, answer, why);
	return 1;
}

/* A report of another engine than we know: the library drops it, because it knows no
 * user there.  True: the datagram is dealt with. */
static bool
sender_read_foreign(struct dmpd_sender *sender, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < RECENT; i++) {
		struct dmp_snmp_engine engine;

		if (sender->recent[i].message_id == 0 ||
		    dmp_snmp_parse(data, size, sender->recent[i].message_id, &engine) !=
		        DMP_SNMP_DISCOVERED)
			continue;
		if (engine.id_size == sender->engine.id_size &&
		    memcmp(engine.id, sender->engine.id, engine.id_size) == 0)
			return false;
		(void)!recv(sender->fd, &engine, sizeof engine, MSG_DONTWAIT);
		sender->answer(sender->arg, sender->recent[i].ticket,
		    DMPD_ANSWER_UNKNOWN_ENGINE, "its engine ID is another one");
		return true;
	}
	return false;
}

bool
dmpd_sender_read(struct dmpd_sender *sender)
{
	netsnmp_large_fd_set set;
	uint8_t data[REPORT_MAX];
	ssize_t n = recv(sender->fd, data, sizeof data, MSG_PEEK | MSG_DONTWAIT);

	if (n < 0) {
		if (errno == ECONNREFUSED)
			sender->is_unheard = true;
		return false;
	}
	if (sender->is_v3 && sender->is_inform &&
	    sender_read_foreign(sender, data, (size_t)n))
		return true;
	netsnmp_large_fd_set_init(&set, FD_SETSIZE);
	NETSNMP_LARGE_FD_SET(sender->fd, &set);
	(void)snmp_sess_read2(sender->session, &set);
	netsnmp_large_fd_set_cleanup(&set);
	return true;
}

void
dmpd_sender_expire(struct dmpd_sender *sender)
{
	snmp_sess_timeout(sender->session);
}

bool
dmpd_sender_is_unheard(const struct dmpd_sender *sender)
{
	return sender->is_unheard;
}

/* --- sending --- */

static enum dmp_status
sender_fill(const struct dmpd_sender *sender, const struct dmpd_sending *sending,
    netsnmp_pdu *pdu)
{
	static const oid UPTIME[] = {1, 3, 6, 1, 2, 1, 1, 3, 0};
	static const oid AGENT_ADDRESS[] = {1, 3, 6, 1, 3, 1057, 1};
	long uptime = (long)sending->uptime;
	enum dmp_status status;

	pdu->reqid = (long)sending->request_id;
	if (!snmp_pdu_add_variable(
	        pdu, UPTIME, OID_LENGTH(UPTIME), ASN_TIMETICKS, &uptime, sizeof uptime))
		return DMP_ENOMEM;
	status = dmpd_adapter_fill(sender->adapter, pdu, sending->notification);
	if (status == DMP_OK && sending->address &&
	    !snmp_pdu_add_variable(pdu, AGENT_ADDRESS, OID_LENGTH(AGENT_ADDRESS),
	        ASN_IPADDRESS, sending->address, 4))
		return DMP_ENOMEM;
	return status;
}

static netsnmp_pdu *
sender_build(const struct dmpd_sender *sender, const struct dmpd_sending *sending)
{
	netsnmp_pdu *pdu =
	    snmp_pdu_create(sender->is_inform ? SNMP_MSG_INFORM : SNMP_MSG_TRAP2);

	if (pdu && sender_fill(sender, sending, pdu) != DMP_OK) {
		snmp_free_pdu(pdu);
		return NULL;
	}
	return pdu;
}

/* Message IDs of our own: small ones, which the parser of reports takes. */
static void
sender_number(struct dmpd_sender *sender, uint32_t ticket, netsnmp_pdu *pdu)
{
	uint16_t id = (uint16_t)(sender->recent[0].message_id + 1);

	if (id < DMP_SNMP_ID_MIN || id > DMP_SNMP_ID_MAX)
		id = DMP_SNMP_ID_MIN;
	memmove(&sender->recent[1], &sender->recent[0],
	    sizeof sender->recent - sizeof sender->recent[0]);
	sender->recent[0].message_id = id;
	sender->recent[0].ticket = ticket;
	pdu->msgid = id;
}

/* Why it could not be sent, in the system's or the library's words. */
static const char *
sender_unsent_text(const netsnmp_session *ss)
{
	if (ss->s_snmp_errno == SNMPERR_BAD_SENDTO)
		return strerror(ss->s_errno);
	return snmp_api_errstring(ss->s_snmp_errno);
}

void
dmpd_sender_send(struct dmpd_sender *sender, const struct dmpd_sending *sending)
{
	netsnmp_pdu *pdu = sender_build(sender, sending);
	netsnmp_session *ss = snmp_sess_session(sender->session);
	int request;

	if (!pdu) {
		sender->answer(
		    sender->arg, sending->ticket, DMPD_ANSWER_UNSENT, "no memory");
		return;
	}
	sender_number(sender, sending->ticket, pdu);
	ss->timeout = (long)sending->timeout_ms * 1000;
	sender->is_silent = true;
	request = snmp_sess_async_send(
	    sender->session, pdu, sender_on_answer, (void *)(uintptr_t)sending->ticket);
	sender->is_silent = false;
	if (request == 0) {
		snmp_free_pdu(pdu);
		sender->answer(sender->arg, sending->ticket, DMPD_ANSWER_UNSENT,
		    sender_unsent_text(ss));
	} else if (!sender->is_inform) {
		sender->answer(sender->arg, sending->ticket, DMPD_ANSWER_TAKEN, "");
	}
}
