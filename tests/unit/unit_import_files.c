/* SPDX-License-Identifier: BSD-2-Clause */
/* One file at a time, and what it makes of the site file; DB.xml has a test of its
 * own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/import_run.h"

#define DMS(redirect)                                                                  \
	"<DMS><DMA ip='192.0.2.11'/><DMA ip='192.0.2.12' id='2'/><Redirects>" redirect \
	"</Redirects></DMS>"
#define REDIRECT(to, via) "<Redirect to='" to "' via='" via "' user='u' pwd='p'/>"

static void
assert_redirect(const char *dms, const char *site, const char *notes)
{
	struct import_run run;

	import_run_begin(&run);
	import_run_folder(&run, "dma1");
	import_run_file(&run, DMP_IMPORT_DMS, dms);
	import_run_end(&run);
	if (site)
		assert_contains(&run.site, site);
	else
		assert_lacks(&run.site, "<link");
	if (notes)
		assert_contains(&run.notes, notes);
	import_run_free(&run);
}

#define LINK(rest) "<link from=\"192.0.2.11\" to=\"192.0.2.12\" " rest "/>"

static void
every_form_of_via_is_a_link(void **state)
{
	(void)state;
	assert_redirect(DMS(REDIRECT("192.0.2.12", "https://192.0.2.12/APIGateway")),
	    LINK("transport=\"grpc\""), NULL);
	assert_redirect(
	    DMS(REDIRECT("192.0.2.12", "https://192.0.2.12:8443/apigateway/")),
	    LINK("transport=\"grpc\" port=\"8443\""), NULL);
	assert_redirect(
	    DMS(REDIRECT("192.0.2.12", "http://192.0.2.12:8005/SLNetService")),
	    LINK("transport=\"remoting\" port=\"8005\""), NULL);
	assert_redirect(DMS(REDIRECT("192.0.2.12", "auto://nodetect")),
	    LINK("transport=\"remoting\""), NULL);
	assert_redirect(DMS(REDIRECT("192.0.2.12", "auto://192.0.2.12/8080-http")),
	    LINK("transport=\"remoting\""), NULL);
	assert_redirect(DMS(REDIRECT("192.0.2.12", "AUTO://192.0.2.12:123/https")),
	    LINK("transport=\"remoting\""), NULL);
	assert_redirect(DMS(REDIRECT("192.0.2.12", "http://192.0.2.12")),
	    LINK("transport=\"remoting\""), NULL);
}

static void
a_redirect_without_via_has_credentials_only(void **state)
{
	(void)state;
	assert_redirect(DMS(REDIRECT("192.0.2.12", "")), NULL, NULL);
	assert_redirect(DMS("<Redirect to='192.0.2.12' user='u'/>"), NULL, NULL);
}

static void
an_unknown_form_of_via_is_said_and_left_out(void **state)
{
	(void)state;
	assert_redirect(DMS(REDIRECT("192.0.2.12", "https://192.0.2.12/other")), NULL,
	    "problem: DMS.xml of dma1, line 1: via of a Redirect has a form");
	assert_redirect(
	    DMS(REDIRECT("192.0.2.12", "ftp://192.0.2.12")), NULL, "problem: ");
}

static void
a_redirect_of_its_own_goes_before_wildcards(void **state)
{
	(void)state;
	assert_redirect(DMS(REDIRECT("*", "auto://nodetect") REDIRECT(
	                    "192.0.2.12", "https://192.0.2.12/APIGateway")),
	    LINK("transport=\"grpc\""), NULL);
	assert_redirect(DMS(REDIRECT("192.0.2.?2", "auto://nodetect")),
	    LINK("transport=\"remoting\""), NULL);
	assert_redirect(DMS(REDIRECT("198.*", "auto://nodetect")), NULL, NULL);
}

static void
several_wildcards_that_match_are_a_conflict(void **state)
{
	(void)state;
	assert_redirect(DMS(REDIRECT("*", "auto://nodetect")
	                        REDIRECT("192.*", "https://192.0.2.12/APIGateway")),
	    LINK("transport=\"remoting\""),
	    "conflict: DMS.xml of dma1: several Redirects with wildcards match");
}

static void
redirects_that_lead_elsewhere_are_said(void **state)
{
	(void)state;
	assert_redirect(DMS(REDIRECT("192.0.2.99", "auto://nodetect")), NULL,
	    "a Redirect leads to 192.0.2.99, which no DMS.xml lists");
	assert_redirect(DMS(REDIRECT("192.0.2.12", "https://203.0.113.9/APIGateway")),
	    LINK("transport=\"grpc\""), "reached at another address, 203.0.113.9");
}

static void
failover_in_dms_xml_is_said_not_to_be_documented(void **state)
{
	(void)state;
	assert_redirect("<DMS><DMA ip='192.0.2.11'/><Failover secret='x'/></DMS>", NULL,
	    "unknown: dma1: what the Failover element of DMS.xml says is not "
	    "documented");
}

static void
dataminer_xml_names_ports_and_servers(void **state)
{
	static const struct import_case cases[] = {
	    {DMP_IMPORT_DATAMINER,
	        "<DataMiner><SNMP enableDataMinerAgentPolling='True' port='461'/>"
	        "<Telnet active='false'/></DataMiner>",
	        "snmp-agent=\"yes\" telnet=\"no\"", NULL, NULL},
	    {DMP_IMPORT_DATAMINER,
	        "<x:dataminer xmlns:x='urn:x'><x:snmp x:PORT='461'/></x:dataminer>",
	        "<port requirement=\"snmp-agent\" port=\"461\"/>", NULL, "features"},
	    {DMP_IMPORT_DATAMINER, "<DataMiner><SNMPv3 trapPort='162'/></DataMiner>",
	        NULL, NULL, "snmp-trap"},
	    {DMP_IMPORT_DATAMINER, "<DataMiner><SNMPv3 trapPort='362'/></DataMiner>",
	        "<port requirement=\"snmp-trap-v3\" level=\"none\"/>", NULL, NULL},
	    {DMP_IMPORT_DATAMINER, "<DataMiner><SNMPv3 trapPort='362'/></DataMiner>",
	        "<port requirement=\"snmp-trap\" port=\"362\"/>", NULL, NULL},
	    {DMP_IMPORT_DATAMINER,
	        "<DataMiner><SNMPv1 trapPort='1162'/><SNMPv2 trapPort='1162'/>"
	        "<SNMPv3 trapPort='1162'/></DataMiner>",
	        "<port requirement=\"snmp-trap\" port=\"1162\"/>", NULL,
	        "snmp-trap\" port=\"162\""},
	    {DMP_IMPORT_DATAMINER,
	        "<DataMiner><AlarmSocket port='5000'/><PollSocket port='5025'/>"
	        "</DataMiner>",
	        "<port requirement=\"alarm-socket\" port=\"5000\"/>", NULL, NULL},
	    {DMP_IMPORT_DATAMINER,
	        "<DataMiner><LDAP host='dc1.example' port='3268'/></DataMiner>",
	        "<port requirement=\"ldap-catalog\" port=\"3268\"/>", NULL, NULL},
	    {DMP_IMPORT_DATAMINER,
	        "<DataMiner><LDAP host='dc1.example' useSSL='true'/></DataMiner>",
	        "<port requirement=\"ldaps\"/>", NULL, NULL},
	    {DMP_IMPORT_DATAMINER,
	        "<DataMiner><ExternalAuthentication host='r1.example' port='1812'/>"
	        "</DataMiner>",
	        "<port requirement=\"radius\" port=\"1812\"/>", NULL, NULL},
	    {DMP_IMPORT_DATAMINER,
	        "<DataMiner><SMTP><Host>mail.example</Host><HostPort>587-ssl</HostPort>"
	        "</SMTP></DataMiner>",
	        "<port requirement=\"smtps\" port=\"587\"/>", NULL, NULL},
	    {DMP_IMPORT_DATAMINER,
	        "<DataMiner><SNMP port='99999'/><SNMP port='1'/></DataMiner>", NULL,
	        "problem: DataMiner.xml of dma1, line 1: expected a port number", NULL},
	    {DMP_IMPORT_DATAMINER,
	        "<DataMiner><SNMP port='461'/>\n<SNMP port='1'/></DataMiner>",
	        "port=\"461\"", "line 2: SNMP is there twice, the first is used", NULL},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void
maintenance_settings_decide_features(void **state)
{
	static const struct import_case cases[] = {
	    {DMP_IMPORT_MAINTENANCE,
	        "<MaintenanceSettings xmlns='x'><slnet><EnableDotNetRemoting>false"
	        "</EnableDotNetRemoting><BrokerGateway>TRUE</BrokerGateway></slnet>"
	        "<HTTPS enabled='true' name='dma1.example'/></MaintenanceSettings>",
	        "<features inter-dma=\"grpc\" nats=\"broker\" https=\"yes\"/>", NULL,
	        NULL},
	    {DMP_IMPORT_MAINTENANCE,
	        "<MaintenanceSettings><NATSForceManualConfig>true"
	        "</NATSForceManualConfig></MaintenanceSettings>",
	        NULL, "unknown: dma1: NATS is configured by hand", "<features"},
	    {DMP_IMPORT_MAINTENANCE,
	        "<MaintenanceSettings><SLNet><BrokerGateway>maybe</BrokerGateway>"
	        "</SLNet></MaintenanceSettings>",
	        NULL, "MaintenanceSettings.xml of dma1, line 1: expected true or false",
	        "<features"},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void
the_port_of_remoting_is_in_the_app_config(void **state)
{
	static const struct import_case cases[] = {
	    {DMP_IMPORT_SLNET,
	        "<configuration><system.runtime.remoting><application><channels>"
	        "<channel name='x' port='1'/><channel name='SLNetRemoting' "
	        "port='8005'/>"
	        "</channels></application></system.runtime.remoting></configuration>",
	        "<port requirement=\"remoting\" port=\"8005\"/>",
	        "InitRemotingViaAppConfig is not true", NULL},
	    {DMP_IMPORT_SLNET,
	        "<configuration><channel name='SLNetRemoting' port='8005'/>"
	        "</configuration>",
	        NULL, NULL, "8005"},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void
nats_files_move_ports(void **state)
{
	static const struct import_case cases[] = {
	    {DMP_IMPORT_NATS,
	        "port: 4223\nhttp_port: 8223\nresolver: URL(http://0.0.0.0:9190/x)\n"
	        "cluster: { listen: 0.0.0.0:6223 routes: [\"nats://192.0.2.12:6222/\"] "
	        "}\n",
	        "<port requirement=\"nats-client\" port=\"4223\"/>", NULL, NULL},
	    {DMP_IMPORT_NATS, "{\"cluster\": {\"listen\": \"0.0.0.0:6223\"}}",
	        "<port requirement=\"nats-route\" port=\"6223\"/>", NULL, NULL},
	    {DMP_IMPORT_NATS, "resolver: URL(http://192.0.2.12:9191/jwt/)\n",
	        "<port requirement=\"nats-account-server\" port=\"9191\"/>", NULL,
	        NULL},
	    {DMP_IMPORT_NATS, "cluster: { routes: [nats://192.0.2.77:6222] }\n", NULL,
	        "conflict: nats-server.config of dma1 has 192.0.2.77, which no DMS.xml",
	        "192.0.2.77"},
	    {DMP_IMPORT_NATS, "port: 4222\nhttp_port: 8222\n", NULL, NULL, "<port"},
	    {DMP_IMPORT_NATS, "port: {", NULL,
	        "nats-server.config of dma1, line 1: this is neither JSON nor", NULL},
	    {DMP_IMPORT_NAS, "http: { host: 0.0.0.0\n port: 9190 # moved\n}\n",
	        "<port requirement=\"nats-account-server\" port=\"9190\"/>", NULL,
	        NULL},
	    {DMP_IMPORT_NAS, "primary: http://192.0.2.12:9192\n",
	        "<port requirement=\"nats-account-server\" port=\"9192\"/>", NULL,
	        NULL},
	    {DMP_IMPORT_SLCLOUD,
	        "<SLCloud><NATSServers><NATSServer><URI>nats://192.0.2.12:4333</URI>"
	        "</NATSServer></NATSServers></SLCloud>",
	        "<port requirement=\"nats-client\" port=\"4333\"/>", NULL, NULL},
	    {DMP_IMPORT_BROKER_NATS,
	        "{\"gateway\": {\"port\": 7222}, \"leafnodes\": {\"port\": 7422}}",
	        "<port requirement=\"nats-gateway\" port=\"7222\"/>", NULL, NULL},
	    {DMP_IMPORT_BROKER,
	        "{\"ClusterInfo\": [{\"Ip\": \"192.0.2.13\", \"ApiKey\": \"k\"}], "
	        "\"HasManualConfig\": true}",
	        "<host name=\"192.0.2.13\" address=\"192.0.2.13\" roles=\"dma\"/>",
	        "taken as one more Agent", NULL},
	    {DMP_IMPORT_MESSAGE_BROKER,
	        "{\"BrokerGatewayConfig\": {\"CredentialsUrl\": "
	        "\"https://192.0.2.12:8443/BrokerGateway/api\", \"ForcedEndpoints\": "
	        "[\"192.0.2.12:4333\", \"192.0.2.11\"]}}",
	        "<port requirement=\"broker-gateway\" port=\"8443\"/>", NULL, NULL},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void
json_settings_are_read(void **state)
{
	static const struct import_case cases[] = {
	    {DMP_IMPORT_CLOUD_GATEWAY_CUSTOM,
	        "{\"cloudEndpointOptions\": {\"enabled\": false}, \"DmzOptions\": "
	        "{\"x\": 1}}",
	        "<port requirement=\"cloud-endpoint\" level=\"none\"/>",
	        "has DmzOptions", NULL},
	    {DMP_IMPORT_CLOUD_GATEWAY,
	        "{\"CloudEndpointOptions\": {\"Port\": \"5101\"}}",
	        "roles=\"dma cloud-gateway\"", "the version of CloudGateway", NULL},
	    {DMP_IMPORT_CLOUD_GATEWAY, "{}",
	        "<host name=\"tunnel.dataminer.services\" "
	        "address=\"tunnel.dataminer.services\" roles=\"cloud\">",
	        NULL, NULL},
	    {DMP_IMPORT_USER_API_CUSTOM,
	        "{\"Kestrel\": {\"Endpoints\": {\"Http\": {\"Url\": "
	        "\"http://localhost:5003\"}}}}",
	        "<port requirement=\"user-defined-api\" port=\"5003\"/>", NULL, NULL},
	    {DMP_IMPORT_API_GATEWAY,
	        "{\"Kestrel\": {\"Endpoints\": {\"Http\": {\"Url\": "
	        "\"http://0.0.0.0:5004\"}}}}",
	        NULL, "Kestrel listens to 5004/tcp for other machines", NULL},
	    {DMP_IMPORT_CLUSTER_ENDPOINTS, "[]", NULL,
	        "problem: ClusterEndpoints.json of dma1: there is no list called",
	        NULL},
	    {DMP_IMPORT_CLUSTER_ENDPOINTS, "{\n\"Endpoints\": [", NULL,
	        "problem: ClusterEndpoints.json of dma1, line 2: this is not "
	        "well-formed",
	        NULL},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void
snmp_managers_get_alarms_forwarded(void **state)
{
	static const struct import_case cases[] = {
	    {DMP_IMPORT_SNMP_MANAGERS,
	        "<SNMP><SnmpManagers><SnmpManager><IP port='1162'>198.51.100.40</IP>"
	        "</SnmpManager></SnmpManagers></SNMP>",
	        "<port requirement=\"snmp-forward\" port=\"1162\"/>", NULL, NULL},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void
client_lines_settle_the_transport_only_when_all_agree(void **state)
{
	static const struct import_case cases[] = {
	    {DMP_IMPORT_CLIENTS,
	        "# x\r\n\r\n10.* type=GRPCConnection\r\n* "
	        "type=grpcconnection;serverport=443\r\n",
	        "client=\"grpc\"", NULL, NULL},
	    {DMP_IMPORT_CLIENTS, "* type=LegacyRemotingConnection;polling=0\n",
	        "client=\"remoting\"", NULL, NULL},
	    {DMP_IMPORT_CLIENTS, "10.*;11.* type=GRPCConnection\n", NULL,
	        "does not settle what all clients use", "client="},
	    {DMP_IMPORT_CLIENTS,
	        "10.* type=GRPCConnection\n* type=LegacyRemotingConnection\n", NULL,
	        "does not settle what all clients use", "client="},
	    {DMP_IMPORT_CLIENTS, "* type=RemotingConnection\n", NULL,
	        "does not settle what all clients use", "client="},
	    {DMP_IMPORT_CLIENTS,
	        "* type=GRPCConnection\n10.* type=LegacyRemotingConnection\n",
	        "client=\"grpc\"", NULL, NULL},
	    {DMP_IMPORT_CLIENTS, "\n* type=CarrierPigeon\n", NULL,
	        "problem: ConnectionSettings.txt of dma1, line 2: expected the type",
	        NULL},
	    {DMP_IMPORT_CLIENTS, "* polling=0\n", NULL, "there is no type= on the line",
	        NULL},
	    {DMP_IMPORT_CLIENTS, "* type=GRPCConnection;serverport=8443\n", NULL,
	        "sends clients to port 8443", NULL},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void
the_last_line_of_the_history_is_the_version(void **state)
{
	static const struct import_case cases[] = {
	    {DMP_IMPORT_VERSION_HISTORY,
	        "2023-01-01 10:00:00;10.2.0.0-11897-CU4\r\n"
	        "2024-09-01 10:00:00;10.3.6.0-13000-20230606-release\r\n\r\n",
	        "dataminer=\"10.3.6\"", NULL, NULL},
	    {DMP_IMPORT_VERSION_HISTORY, "2024-09-01 10:00:00;10.4.0.0-99999-x-release",
	        NULL, NULL, NULL},
	    {DMP_IMPORT_VERSION_HISTORY, "nonsense\n", NULL,
	        "VersionHistory.txt of dma1, line 1: expected \"DATE TIME;VERSION\"",
	        "dataminer=\""},
	    {DMP_IMPORT_VERSION_HISTORY, "", NULL, "expected \"DATE TIME;VERSION\"",
	        "dataminer=\""},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void
remoting_of_clients_is_taken_where_the_version_keeps_it(void **state)
{
	struct import_run run;

	(void)state;
	import_run_begin(&run);
	import_run_folder(&run, "dma1");
	import_run_file(&run, DMP_IMPORT_DMS, "<DMS><DMA ip='192.0.2.11'/></DMS>");
	import_run_file(&run, DMP_IMPORT_CLIENTS, "* type=RemotingConnection\n");
	import_run_file(
	    &run, DMP_IMPORT_VERSION_HISTORY, "2024-09-01 10:00:00;10.3.6.0-13000");
	import_run_end(&run);
	assert_contains(&run.site, "client=\"remoting\"");
	import_run_free(&run);
}

/* Names without regard to case and prefix, but in their places. */
static void
hostile_and_broken_xml_is_a_problem(void **state)
{
	static const struct import_case cases[] = {
	    {DMP_IMPORT_DB, "<!DOCTYPE x [<!ENTITY a 'b'>]><DataBases/>", NULL,
	        "problem: DB.xml of dma1, line 1: a DOCTYPE is not allowed", NULL},
	    {DMP_IMPORT_DB, "<DataBases><PWD>a&secret;b</PWD>\n</DataBases>", NULL,
	        "problem: DB.xml of dma1, line 1: this is not well-formed XML", NULL},
	    {DMP_IMPORT_DB, "<DataBases><DataBase", NULL, "not well-formed XML", NULL},
	    {DMP_IMPORT_DB, "<Other><DataBase/></Other>", NULL,
	        "the outermost element is another one", NULL},
	    {DMP_IMPORT_DB,
	        "<DataBases><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a/></a></a>"
	        "</a></a></a></a></a></a></a></a></a></a></a></a></a></DataBases>",
	        NULL, "nested too deeply, at most 16 levels", NULL},
	    {DMP_IMPORT_DB, "", NULL, "not well-formed XML", NULL},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void
too_large_a_file_is_a_problem(void **state)
{
	size_t size = DMP_IMPORT_BYTES + 1;
	char *data = malloc(size);
	struct import_run run;

	(void)state;
	assert_non_null(data);
	memset(data, ' ', size);
	import_run_begin(&run);
	import_run_folder(&run, "192.0.2.11");
	import_run_bytes(&run, DMP_IMPORT_DB, data, size);
	import_run_bytes(&run, DMP_IMPORT_DB, "\xff\xfe\0", 3);
	import_run_end(&run);
	assert_contains(&run.notes, "the file is too large, at most 1 MiB");
	assert_contains(&run.notes, "this is no text in UTF-8 or UTF-16");
	import_run_free(&run);
	free(data);
}

static void
a_crowded_element_is_a_problem(void **state)
{
	struct dmp_text text = {0};
	struct import_run run;

	(void)state;
	dmp_text_append(&text, "<DataMiner");
	for (unsigned i = 0; i < 2000; i++)
		dmp_text_printf(&text, " a%u=''", i);
	dmp_text_append(&text, "/>");
	import_run_begin(&run);
	import_run_folder(&run, "192.0.2.11");
	import_run_file(&run, DMP_IMPORT_DATAMINER, dmp_text_get(&text));
	import_run_end(&run);
	assert_contains(&run.notes, "line 1: too many attributes, at most 1000");
	import_run_free(&run);
	dmp_text_done(&text);
}

static void
an_endless_list_ends(void **state)
{
	struct dmp_text dms = {0};
	struct import_run run;

	(void)state;
	dmp_text_append(&dms, "<DMS><DMA ip='192.0.2.11'/>");
	for (unsigned i = 0; i < 3000; i++)
		dmp_text_printf(&dms, "<DMA ip='10.0.%u.%u' id='%u'/>", i / 200,
		    1 + i % 200, i + 1);
	dmp_text_append(&dms, "</DMS>");
	import_run_begin(&run);
	import_run_folder(&run, "dma1");
	import_run_file(&run, DMP_IMPORT_DMS, dmp_text_get(&dms));
	import_run_end(&run);
	assert_contains(&run.notes, "a list has more than 1024 items");
	assert_int_equal(run.findings->n_hosts, DMP_IMPORT_ITEMS);
	assert_contains(&run.notes, "unknown: more of this kind is left out");
	assert_true(run.notes.size < (size_t)256 * 1024);
	import_run_free(&run);
	dmp_text_done(&dms);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_form_of_via_is_a_link),
	    cmocka_unit_test(a_redirect_without_via_has_credentials_only),
	    cmocka_unit_test(an_unknown_form_of_via_is_said_and_left_out),
	    cmocka_unit_test(a_redirect_of_its_own_goes_before_wildcards),
	    cmocka_unit_test(several_wildcards_that_match_are_a_conflict),
	    cmocka_unit_test(redirects_that_lead_elsewhere_are_said),
	    cmocka_unit_test(failover_in_dms_xml_is_said_not_to_be_documented),
	    cmocka_unit_test(dataminer_xml_names_ports_and_servers),
	    cmocka_unit_test(maintenance_settings_decide_features),
	    cmocka_unit_test(the_port_of_remoting_is_in_the_app_config),
	    cmocka_unit_test(nats_files_move_ports),
	    cmocka_unit_test(json_settings_are_read),
	    cmocka_unit_test(snmp_managers_get_alarms_forwarded),
	    cmocka_unit_test(client_lines_settle_the_transport_only_when_all_agree),
	    cmocka_unit_test(the_last_line_of_the_history_is_the_version),
	    cmocka_unit_test(remoting_of_clients_is_taken_where_the_version_keeps_it),
	    cmocka_unit_test(hostile_and_broken_xml_is_a_problem),
	    cmocka_unit_test(too_large_a_file_is_a_problem),
	    cmocka_unit_test(a_crowded_element_is_a_problem),
	    cmocka_unit_test(an_endless_list_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
