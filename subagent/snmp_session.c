/* SPDX-License-Identifier: BSD-2-Clause */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <net-snmp/agent/agent_callbacks.h>
#include <net-snmp/agent/agent_sysORTable.h>
#include <net-snmp/agent/mib_modules.h>
#include <net-snmp/library/large_fd_set.h>

#include "subagent/snmp_session.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "subagent/snmp_adapter.h"

/* RFC 2741 6.2.10 and 6.1.1; the library does not install its own header. */
#define AGENTX_NOTIFY              12
#define AGENTX_NON_DEFAULT_CONTEXT 0x08
#define AGENTX_VERSION             0xc1 /* how the library marks AgentX sessions */

#define APPLICATION "dmportsd"

enum {
	PING_S = 3,           /* also the time between attempts to connect */
	REQUEST_US = 1000000, /* patience with the master, without retries */
	NOTIFY_S = 1800,      /* a lost session tells, this never should */
	GUARD_S = 2           /* what a blocking call in the library may cost */
};

/* The library's session with the master, NULL while there is none.  Exported by
 * libnetsnmpagent, declared in no installed header. */
extern netsnmp_session *main_session;

struct dmpd_session {
	const struct dmpd_session_config *config;
	const struct dmpd_session_listener *listener;
	struct dmpd_adapter adapter;
	bool is_open;      /* AgentX session, perhaps without our subtree yet */
	bool is_connected; /* our subtree is registered */
	bool is_refused;
	bool is_closing;
};

/* What the library's callbacks get.  It frees this at its shutdown, so it is not the
 * session itself. */
struct session_link {
	struct dmpd_session *session;
};

/* What a notification's reply comes back with. */
struct session_ticket {
	struct dmpd_session *session;
	uint32_t number;
	bool is_sending; /* snmp_async_send() has not returned yet */
};

static void
session_reset_guard(int seconds)
{
	const struct itimerval guard = {
	    .it_interval = {.tv_sec = seconds}, .it_value = {.tv_sec = seconds}};

	(void)setitimer(ITIMER_REAL, &guard, NULL);
}

static void
session_on_alarm(int number)
{
	(void)number;
}

/* The library's connect() has no time limit (a listening queue that a hung master does
 * not empty); a signal without SA_RESTART gives it one. */
static void
session_install_guard(void)
{
	struct sigaction action = {.sa_handler = session_on_alarm};

	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGALRM, &action, NULL);
}

/* --- the library's log --- */

/* AgentX errors (RFC 2741 6.2.16) that an administrator can mend. */
static const char *
session_refusal_text(const char *message)
{
	static const struct {
		const char *code;
		const char *text;
	} REFUSALS[] = {
	    {"262", "it does not know the SNMP context"},
	    {"263", "somebody else has registered it"},
	    {"267", "it denies the request"},
	};
	const char *code = strstr(message, ": ");

	for (size_t i = 0; code && i < sizeof REFUSALS / sizeof *REFUSALS; i++) {
		if (strncmp(code + 2, REFUSALS[i].code, 3) == 0)
			return REFUSALS[i].text;
	}
	return "see its log";
}

static void
session_refuse(struct dmpd_session *session, const char *why)
{
	if (session->is_refused)
		return;
	session->is_refused = true;
	dmp_log(DMP_LOG_ERROR, "agentx",
	    "the master at %s did not take our subtree: %s, starting afresh",
	    session->config->agentx, why);
}

/* True for lines about what we tell in our own words. */
static bool
session_is_known_line(const char *message)
{
	static const char *const KNOWN[] = {
	    "AgentX master disconnected us",
	    "AgentX subagent connected",
	    "failed to respond to ping",
	    "attempted to be re-opened",
	    "NET-SNMP version",
	};

	for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++) {
		if (strstr(message, KNOWN[i]))
			return true;
	}
	return false;
}

static int
session_on_log(int major, int minor, void *server_arg, void *client_arg)
{
	const struct snmp_log_message *line = server_arg;
	struct dmpd_session *session = ((struct session_link *)client_arg)->session;
	int level = line->priority;

	(void)major;
	(void)minor;
	if (strstr(line->msg, "registering pdu failed")) {
		session_refuse(session, session_refusal_text(line->msg));
		return 0;
	}
	if (session_is_known_line(line->msg) || level > DMP_LOG_DEBUG)
		level = DMP_LOG_DEBUG;
	if (level < DMP_LOG_ERROR)
		level = DMP_LOG_ERROR;
	dmp_log((enum dmp_log_level)level, session->config->agentx ? "agentx" : "snmp",
	    "%s", line->msg);
	return 0;
}

/* --- the state of the connection --- */

/* Every session that the library opens comes by here; only the one to the master is
 * ours to hurry. */
static int
session_on_init(int major, int minor, void *server_arg, void *client_arg)
{
	netsnmp_session *ss = server_arg;

	(void)major;
	(void)minor;
	(void)client_arg;
	if (ss && ss->version == AGENTX_VERSION) {
		ss->timeout = REQUEST_US;
		ss->retries = 0;
	}
	return 0;
}

static int
session_on_open(int major, int minor, void *server_arg, void *client_arg)
{
	struct dmpd_session *session = ((struct session_link *)client_arg)->session;

	(void)major;
	(void)minor;
	(void)server_arg;
	session->is_open = true;
	return 0;
}

/* Called after the library has sent its Register and got, or not got, the answer: an
 * error was logged (session_on_log), a timeout is only left in the session. */
static int
session_on_register(int major, int minor, void *server_arg, void *client_arg)
{
	const struct register_parameters *parameters = server_arg;
	struct dmpd_session *session = ((struct session_link *)client_arg)->session;

	(void)major;
	(void)minor;
	if (!session->is_open || !main_session || session->is_refused ||
	    !dmpd_adapter_is_registered(
	        &session->adapter, parameters->name, parameters->namelen))
		return 0;
	if (main_session->s_snmp_errno != SNMPERR_SUCCESS) {
		session_refuse(session, "it did not answer in time");
		return 0;
	}
	session->is_connected = true;
	dmp_log(DMP_LOG_NOTICE, "agentx", "connected to the master at %s",
	    session->config->agentx);
	session->listener->connected(session->listener->arg, true);
	return 0;
}

static int
session_on_close(int major, int minor, void *server_arg, void *client_arg)
{
	struct dmpd_session *session = ((struct session_link *)client_arg)->session;

	(void)major;
	(void)minor;
	(void)server_arg;
	session->is_open = false;
	if (!session->is_connected)
		return 0;
	session->is_connected = false;
	if (!session->is_closing)
		dmp_log(DMP_LOG_WARNING, "agentx",
		    "lost the master at %s, reconnecting", session->config->agentx);
	session->listener->connected(session->listener->arg, false);
	return 0;
}

static enum dmp_status
session_register_callbacks(struct dmpd_session *session)
{
	static const struct {
		int major;
		int minor;
		SNMPCallback *callback;
	} CALLBACKS[] = {
	    {SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_LOGGING, session_on_log},
	    {SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_SESSION_INIT, session_on_init},
	    {SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_START, session_on_open},
	    {SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_STOP, session_on_close},
	    {SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_REGISTER_OID,
	        session_on_register},
	};

	struct session_link *link = malloc(sizeof *link);

	if (!link)
		return DMP_ENOMEM;
	link->session = session;
	for (size_t i = 0; i < sizeof CALLBACKS / sizeof *CALLBACKS; i++)
		(void)netsnmp_register_callback(CALLBACKS[i].major, CALLBACKS[i].minor,
		    CALLBACKS[i].callback, link, NETSNMP_CALLBACK_LOWEST_PRIORITY);
	return DMP_OK;
}

/* --- start --- */

/* The library keeps its engine boots and the like in a directory of its own: it renames
 * files called dmportsd.conf there, and config_dir may be the state directory. */
static void
session_environment(const struct dmpd_session_config *config)
{
	char persistent[PATH_MAX];
	char path[2 * PATH_MAX];

	dmp_text_format(persistent, sizeof persistent, "%s/snmp", config->state_dir);
	(void)mkdir(persistent, 0700);
	dmp_text_format(path, sizeof path, "%s:%s", config->config_dir, persistent);
	(void)setenv("MIBS", "", 1);
	(void)setenv("MIBDIRS", "/dev/null", 1);
	(void)setenv("SNMPCONFPATH", path, 1);
	(void)setenv("SNMP_PERSISTENT_DIR", persistent, 1);
}

static enum dmp_status
session_set_oids(struct dmpd_session *session)
{
	const struct dmpd_session_config *config = session->config;

	if (config->root_len == 0 ||
	    config->root_len + 2 + DMPD_OID_MAX > DMPD_ADAPTER_OID_MAX)
		return DMP_EINVAL;
	for (size_t i = 0; i < config->root_len; i++)
		session->adapter.mib[i] = config->root[i];
	session->adapter.mib[config->root_len] = 1;
	session->adapter.mib_len = config->root_len + 1;
	session->adapter.context = config->context;
	session->adapter.view = session->listener->view;
	session->adapter.arg = session->listener->arg;
	return DMP_OK;
}

static void
session_choose_role(const struct dmpd_session_config *config)
{
	if (config->standalone) {
		(void)netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID,
		    NETSNMP_DS_AGENT_PORTS, config->standalone);
		return;
	}
	netsnmp_enable_subagent();
	(void)netsnmp_ds_set_string(
	    NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET, config->agentx);
	(void)netsnmp_ds_set_boolean(
	    NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_NO_CONNECTION_WARNINGS, 1);
}

/* The modules that an agent of its own needs: who may ask (USM, VACM), and the system
 * group that every manager asks first. */
static void
session_init_modules(void)
{
	char modules[] = "snmp_mib,sysORTable,system_mib,usmConf,usmStats,usmUser,"
	                 "vacm_conf,vacm_context,vacm_vars";

	add_to_init_list(modules);
	init_mib_modules();
}

/* Without a configuration of access: the usual community, from this machine only. */
static void
session_default_access(const struct dmpd_session_config *config)
{
	char path[PATH_MAX];
	char ipv4[] = "rocommunity public 127.0.0.1";
	char ipv6[] = "rocommunity6 public ::1";

	dmp_text_format(
	    path, sizeof path, "%s/" APPLICATION ".conf", config->config_dir);
	if (access(path, F_OK) == 0)
		return;
	dmp_log(DMP_LOG_NOTICE, "snmp",
	    "no %s: community public is served, to this machine only", path);
	(void)netsnmp_config(ipv4);
	(void)netsnmp_config(ipv6);
}

static enum dmp_status
session_start_library(struct dmpd_session *session)
{
	const struct dmpd_session_config *config = session->config;
	enum dmp_status status;

	session_choose_role(config);
	if (init_agent(APPLICATION) != 0)
		return DMP_EIO;
	/* Only now: init_agent() sets its own default. */
	(void)netsnmp_ds_set_int(
	    NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_AGENTX_PING_INTERVAL, PING_S);
	if (config->standalone)
		session_init_modules();
	status = dmpd_adapter_register(&session->adapter);
	if (status != DMP_OK)
		return status;
	(void)register_sysORTable(session->adapter.mib, session->adapter.mib_len,
	    "The ports a DataMiner System needs.");
	init_snmp(APPLICATION);
	if (!config->standalone)
		return DMP_OK;
	session_default_access(config);
	return init_master_agent() == 0 ? DMP_OK : DMP_EIO;
}

enum dmp_status
dmpd_session_new(const struct dmpd_session_config *config,
    const struct dmpd_session_listener *listener, struct dmpd_session **ret_session)
{
	struct dmpd_session *session = calloc(1, sizeof *session);
	enum dmp_status status;

	if (!session)
		return DMP_ENOMEM;
	session->config = config;
	session->listener = listener;
	status = session_set_oids(session);
	if (status == DMP_OK)
		status = session_register_callbacks(session);
	if (status != DMP_OK) {
		free(session);
		return status;
	}
	session_environment(config);
	snmp_disable_log();
	snmp_enable_calllog();
	session_install_guard();
	session_reset_guard(GUARD_S);
	status = session_start_library(session);
	session_reset_guard(0);
	if (status != DMP_OK)
		return status; /* the library still points to the session */
	if (config->agentx && !session->is_connected && !session->is_refused)
		dmp_log(DMP_LOG_WARNING, "agentx",
		    "no master at %s yet, trying again every %d s", config->agentx,
		    PING_S);
	*ret_session = session;
	return DMP_OK;
}

/* --- turn --- */

static void
session_serve(
    const struct dmpd_session *session, netsnmp_large_fd_set *set, int n_ready)
{
	session_reset_guard(GUARD_S);
	if (n_ready > 0)
		snmp_read2(set);
	else
		snmp_timeout();
	if (!session->is_closing)
		run_alarms();
	netsnmp_check_outstanding_agent_requests();
	session_reset_guard(0);
}

/* The set of descriptors is asked for in every turn: it changes whenever the library
 * connects, and closed sessions are freed only there. */
void
dmpd_session_turn(
    struct dmpd_session *session, int wait_ms, const int *fds, size_t n_fds)
{
	struct timeval wait = {
	    .tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000};
	netsnmp_large_fd_set set;
	int block = 0;
	int n = 0;
	int n_ready;

	netsnmp_large_fd_set_init(&set, FD_SETSIZE);
	(void)snmp_select_info2(&n, &set, &wait, &block);
	for (size_t i = 0; i < n_fds; i++) {
		if (fds[i] < 0)
			continue;
		NETSNMP_LARGE_FD_SET(fds[i], &set);
		if (fds[i] >= n)
			n = fds[i] + 1;
	}
	n_ready = netsnmp_large_fd_set_select(n, &set, NULL, NULL, &wait);
	if (n_ready >= 0)
		session_serve(session, &set, n_ready);
	netsnmp_large_fd_set_cleanup(&set);
}

bool
dmpd_session_must_restart(const struct dmpd_session *session)
{
	return session->is_refused;
}

/* --- notifications --- */

static int
session_on_reply(
    int operation, netsnmp_session *ss, int reqid, netsnmp_pdu *pdu, void *magic)
{
	struct session_ticket *ticket = magic;
	struct dmpd_session *session = ticket->session;
	bool is_taken = operation == NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE && pdu &&
	                pdu->errstat == SNMP_ERR_NOERROR;

	(void)ss;
	(void)reqid;
	if (operation == NETSNMP_CALLBACK_OP_RESEND)
		return 0;
	if (ticket->is_sending) /* it fails at once: the sender is told */
		return 1;
	if (!is_taken && operation == NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE && pdu)
		dmp_log(DMP_LOG_DEBUG, "agentx", "notification refused: error %ld",
		    pdu->errstat);
	if (ticket->number != 0)
		session->listener->reply(
		    session->listener->arg, ticket->number, is_taken);
	free(ticket);
	return 1;
}

static enum dmp_status
session_set_context(const struct dmpd_session *session, netsnmp_pdu *pdu)
{
	if (!session->config->context[0])
		return DMP_OK;
	pdu->community = (u_char *)strdup(session->config->context);
	if (!pdu->community)
		return DMP_ENOMEM;
	pdu->community_len = strlen(session->config->context);
	pdu->flags |= AGENTX_NON_DEFAULT_CONTEXT;
	return DMP_OK;
}

/* A PDU timeout of its own keeps the library from sending the PDU again while the
 * master is slow. */
static netsnmp_pdu *
session_build(
    const struct dmpd_session *session, const struct dmpd_notification *notification)
{
	netsnmp_pdu *pdu = snmp_pdu_create(AGENTX_NOTIFY);

	if (!pdu)
		return NULL;
	pdu->version = main_session->version;
	pdu->sessid = main_session->sessid;
	pdu->flags |= UCD_MSG_FLAG_PDU_TIMEOUT;
	pdu->time = NOTIFY_S;
	if (session_set_context(session, pdu) != DMP_OK ||
	    dmpd_adapter_fill(&session->adapter, pdu, notification) != DMP_OK) {
		snmp_free_pdu(pdu);
		return NULL;
	}
	return pdu;
}

enum dmp_status
dmpd_session_notify(struct dmpd_session *session,
    const struct dmpd_notification *notification, uint32_t ticket)
{
	struct session_ticket *reply;
	netsnmp_pdu *pdu;
	int sent;

	if (!session->is_connected || !main_session)
		return DMP_EBUSY;
	reply = calloc(1, sizeof *reply);
	pdu = reply ? session_build(session, notification) : NULL;
	if (!pdu) {
		free(reply);
		return DMP_ENOMEM;
	}
	*reply = (struct session_ticket){session, ticket, true};
	session_reset_guard(GUARD_S);
	sent = snmp_async_send(main_session, pdu, session_on_reply, reply);
	session_reset_guard(0);
	if (sent == 0) {
		snmp_free_pdu(pdu);
		free(reply);
		return DMP_EIO;
	}
	reply->is_sending = false;
	return DMP_OK;
}

void
dmpd_session_finish(struct dmpd_session *session)
{
	session->is_closing = true;
}

void
dmpd_session_free(struct dmpd_session *session)
{
	if (!session)
		return;
	session->is_closing = true;
	session_reset_guard(GUARD_S);
	snmp_shutdown(APPLICATION);
	shutdown_agent();
	session_reset_guard(0);
	free(session);
}
