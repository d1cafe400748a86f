/* SPDX-License-Identifier: BSD-2-Clause */
/* Several folders, and what no file may give away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/import_run.h"

/* One folder with a DMS.xml of itself and of others, and a DataMiner.xml. */
static void
add_agent(struct import_run *run, const char *label, const char *dms, const char *id)
{
	struct dmp_text text = {0};

	import_run_folder(run, label);
	dmp_text_printf(&text, "<DMS>%s</DMS>", dms);
	import_run_file(run, DMP_IMPORT_DMS, dmp_text_get(&text));
	dmp_text_clear(&text);
	dmp_text_printf(&text, "<DataMiner id='%s'/>", id);
	import_run_file(run, DMP_IMPORT_DATAMINER, dmp_text_get(&text));
	dmp_text_done(&text);
}

#define OWN(ip)       "<DMA ip='" ip "'/>"
#define OTHER(ip, id) "<DMA ip='" ip "' id='" id "'/>"

static void
the_same_agents_of_two_folders_are_merged(void **state)
{
	struct import_run run;

	(void)state;
	import_run_begin(&run);
	add_agent(&run, "a", OWN("192.0.2.1") OTHER("192.0.2.2", "2"), "1");
	add_agent(&run, "b", OWN("192.0.2.2") OTHER("192.0.2.1", "1"), "2");
	import_run_end(&run);
	assert_int_equal(run.findings->n_hosts, 2);
	assert_lacks(&run.notes, "conflict");
	assert_lacks(&run.notes, "without a folder");
	import_run_free(&run);
}

static void
a_host_name_and_an_address_of_one_id_are_one_host(void **state)
{
	struct import_run run;

	(void)state;
	import_run_begin(&run);
	add_agent(&run, "a", OWN("192.0.2.1") OTHER("dma2.example", "2"), "1");
	add_agent(&run, "b", OWN("192.0.2.2") OTHER("192.0.2.1", "1"), "2");
	import_run_end(&run);
	assert_int_equal(run.findings->n_hosts, 2);
	assert_contains(&run.site, "address=\"192.0.2.2 dma2.example\"");
	import_run_free(&run);
}

static void
one_id_at_two_addresses_is_a_conflict(void **state)
{
	struct import_run run;

	(void)state;
	import_run_begin(&run);
	add_agent(&run, "a", OWN("192.0.2.1") OTHER("192.0.2.9", "2"), "1");
	add_agent(&run, "b", OWN("192.0.2.2") OTHER("192.0.2.1", "3"), "2");
	import_run_end(&run);
	assert_contains(&run.notes, "conflict: DMS.xml of a: DataMiner ID 2 has the "
	                            "address 192.0.2.9 here and 192.0.2.2 elsewhere");
	assert_contains(&run.notes,
	    "conflict: DMS.xml of b: 192.0.2.1 has the DataMiner "
	    "ID 3 here and 1 elsewhere");
	import_run_free(&run);
}

static void
an_agent_without_a_folder_is_said(void **state)
{
	struct import_run run;

	(void)state;
	import_run_begin(&run);
	add_agent(&run, "a", OWN("192.0.2.1") OTHER("192.0.2.2", "2"), "1");
	import_run_end(&run);
	assert_contains(&run.notes, "192.0.2.2 is an Agent without a folder here");
	import_run_free(&run);
}

static void
two_folders_of_one_id_are_a_failover_pair(void **state)
{
	struct import_run run;

	(void)state;
	import_run_begin(&run);
	add_agent(&run, "a", OWN("192.0.2.1"), "7");
	add_agent(&run, "b", OWN("192.0.2.2"), "7");
	import_run_end(&run);
	assert_contains(&run.site, "failover=\"yes\"");
	assert_lacks(&run.site, " member-of=\"failover-7\"/>");
	assert_contains(&run.site, "<!-- The virtual address is in none of the files.");
	assert_contains(&run.notes, "unknown: the virtual address of failover-7");
	import_run_free(&run);
}

static void
the_virtual_address_is_in_cluster_endpoints(void **state)
{
	struct import_run run;

	(void)state;
	import_run_begin(&run);
	add_agent(&run, "a", OWN("192.0.2.1"), "7");
	import_run_file(&run, DMP_IMPORT_CLUSTER_ENDPOINTS,
	    "{\"Endpoints\": [{\"IP\": \"192.0.2.1\", \"AdditionalEndpoints\": "
	    "[{\"IP\": \"192.0.2.10\"}]}]}");
	add_agent(&run, "b", OWN("192.0.2.2"), "7");
	import_run_end(&run);
	assert_contains(
	    &run.site, "<failover name=\"failover-7\" address=\"192.0.2.10\"/>");
	assert_contains(&run.site, "member-of=\"failover-7\"/>");
	assert_int_equal(run.findings->n_hosts, 2);
	import_run_free(&run);
}

static void
a_pair_is_known_to_others_by_its_virtual_address(void **state)
{
	struct import_run run;

	(void)state;
	import_run_begin(&run);
	add_agent(&run, "a", OWN("192.0.2.1"), "7");
	add_agent(&run, "b", OWN("192.0.2.2"), "7");
	add_agent(&run, "c",
	    OWN("192.0.2.3")
	        OTHER("192.0.2.10", "7") "<Redirects><Redirect "
	                                 "to='192.0.2.10' "
	                                 "via='auto://nodetect'/></Redirects>",
	    "8");
	import_run_end(&run);
	assert_contains(
	    &run.site, "<failover name=\"failover-7\" address=\"192.0.2.10\"/>");
	assert_int_equal(run.findings->n_hosts, 3);
	assert_contains(&run.site, "<link from=\"192.0.2.3\" to=\"192.0.2.2\" ");
	import_run_free(&run);
}

static void
a_folder_without_an_address_is_left_out_and_said(void **state)
{
	struct import_run run;

	(void)state;
	import_run_begin(&run);
	import_run_folder(&run, "dma1");
	import_run_file(&run, DMP_IMPORT_DATAMINER, "<DataMiner/>");
	import_run_end(&run);
	assert_null(run.findings);
	assert_contains(
	    &run.notes, "unknown: dma1: no file tells the address of this machine");
	import_run_free(&run);
}

static void
the_name_of_a_folder_can_be_its_address(void **state)
{
	struct import_run run;

	(void)state;
	import_run_begin(&run);
	import_run_folder(&run, "192.0.2.31");
	import_run_file(&run, DMP_IMPORT_CLOUD_GATEWAY, "{}");
	import_run_end(&run);
	assert_contains(&run.site, "<!-- the name of the folder 192.0.2.31 -->");
	assert_contains(
	    &run.site, "address=\"192.0.2.31\" roles=\"cloud-gateway dxm\"/>");
	import_run_free(&run);
}

static void
appsettings_custom_overrides(void **state)
{
	struct import_run run;

	(void)state;
	import_run_begin(&run);
	import_run_folder(&run, "192.0.2.31");
	import_run_file(&run, DMP_IMPORT_CLOUD_GATEWAY,
	    "{\"CloudEndpointOptions\": {\"Port\": 5101, \"Enabled\": false}}");
	import_run_file(&run, DMP_IMPORT_CLOUD_GATEWAY_CUSTOM,
	    "{\"CloudEndpointOptions\": {\"Port\": 5102, \"Enabled\": true}}");
	import_run_end(&run);
	assert_contains(
	    &run.site, "<port requirement=\"cloud-endpoint\" port=\"5102\"/>");
	assert_lacks(&run.notes, "conflict");
	import_run_free(&run);
}

static void
add_remoting(struct import_run *run, const char *value)
{
	struct dmp_text text = {0};

	dmp_text_printf(&text,
	    "<MaintenanceSettings><SLNet><EnableDotNetRemoting>%s"
	    "</EnableDotNetRemoting></SLNet></MaintenanceSettings>",
	    value);
	import_run_file(run, DMP_IMPORT_MAINTENANCE, dmp_text_get(&text));
	dmp_text_done(&text);
}

static void
agents_that_differ_in_remoting_get_links(void **state)
{
	struct import_run run;

	(void)state;
	import_run_begin(&run);
	add_agent(&run, "a", OWN("192.0.2.1") OTHER("192.0.2.2", "2"), "1");
	add_remoting(&run, "true");
	add_agent(&run, "b", OWN("192.0.2.2"), "2");
	add_remoting(&run, "false");
	add_agent(&run, "c", OWN("192.0.2.3"), "3");
	import_run_end(&run);
	assert_lacks(&run.site, "inter-dma=");
	assert_contains(&run.notes, "conflict: EnableDotNetRemoting");
	assert_contains(&run.site,
	    "<link from=\"192.0.2.1\" to=\"192.0.2.2\" transport=\"remoting\"/>");
	assert_contains(&run.site,
	    "<link from=\"192.0.2.2\" to=\"192.0.2.3\" transport=\"grpc\"/>");
	assert_lacks(&run.site, "<link from=\"192.0.2.3\"");
	import_run_free(&run);
}

static void
an_agent_that_says_nothing_about_remoting_has_its_default(void **state)
{
	struct import_run run;

	(void)state;
	import_run_begin(&run);
	add_agent(&run, "a", OWN("192.0.2.1") OTHER("192.0.2.2", "2"), "1");
	add_remoting(&run, "true");
	add_agent(&run, "b", OWN("192.0.2.2"), "2");
	import_run_end(&run);
	assert_lacks(&run.site, "inter-dma=");
	assert_contains(&run.site,
	    "<link from=\"192.0.2.1\" to=\"192.0.2.2\" transport=\"remoting\"/>");
	assert_lacks(&run.site, "<link from=\"192.0.2.2\"");
	import_run_free(&run);
}

static void
an_endpoint_that_is_disabled_is_so_on_its_usual_port_too(void **state)
{
	struct import_run run;

	(void)state;
	import_run_begin(&run);
	import_run_folder(&run, "192.0.2.31");
	import_run_file(&run, DMP_IMPORT_CLOUD_GATEWAY,
	    "{\"CloudEndpointOptions\": {\"Port\": 5100, \"Enabled\": false}}");
	import_run_end(&run);
	assert_contains(&run.site,
	    "<port requirement=\"cloud-endpoint\" port=\"5100\" level=\"none\"/>");
	import_run_free(&run);
}

static void
folders_that_disagree_about_a_port_are_a_conflict(void **state)
{
	struct import_run run;

	(void)state;
	import_run_begin(&run);
	add_agent(&run, "a", OWN("192.0.2.1"), "1");
	import_run_file(&run, DMP_IMPORT_NAS, "http: {port: 9190}");
	import_run_file(
	    &run, DMP_IMPORT_NATS, "resolver: URL(http://0.0.0.0:9090/jwt/)");
	import_run_end(&run);
	assert_contains(&run.notes,
	    "conflict: 192.0.2.1: nats-account-server is 9190 by "
	    "nas.config of a, and 9090 by nats-server.config of a");
	import_run_free(&run);
}

static void
versions_and_clusters_that_differ_are_conflicts(void **state)
{
	struct import_run run;

	(void)state;
	import_run_begin(&run);
	add_agent(
	    &run, "a", OWN("192.0.2.1") "<Cluster name='North &amp; South'/>", "1");
	import_run_file(&run, DMP_IMPORT_VERSION_HISTORY, "x;10.3.6.0-13000");
	add_agent(&run, "b", OWN("192.0.2.2") "<Cluster name='West'/>", "2");
	import_run_file(&run, DMP_IMPORT_VERSION_HISTORY, "x;10.3.7.0-13000");
	import_run_end(&run);
	assert_contains(&run.site, "name=\"North---South\" dataminer=\"10.3.6\"");
	assert_contains(&run.notes, "conflict: b has DataMiner 10.3.7, others 10.3.6");
	assert_contains(&run.notes, "conflict: DMS.xml of b names another cluster");
	import_run_free(&run);
}

static void
files_of_the_nats_that_is_not_used_say_nothing(void **state)
{
	struct import_run run;

	(void)state;
	import_run_begin(&run);
	add_agent(&run, "a", OWN("192.0.2.1"), "1");
	import_run_file(&run, DMP_IMPORT_MAINTENANCE,
	    "<MaintenanceSettings><SLNet><BrokerGateway>true</BrokerGateway></SLNet>"
	    "</MaintenanceSettings>");
	import_run_file(&run, DMP_IMPORT_NATS, "port: 4444");
	import_run_file(&run, DMP_IMPORT_BROKER_NATS, "port: 4555");
	import_run_end(&run);
	assert_contains(&run.site, "<port requirement=\"nats-client\" port=\"4555\"/>");
	assert_lacks(&run.site, "4444");
	import_run_free(&run);
}

static void
legacy_nats_is_concluded_only_where_the_version_may_have_it(void **state)
{
	static const struct {
		const char *version;
		const char *expected;
	} cases[] = {
	    {"x;10.4.0.0-13000", "nats=\"legacy\""}, {"x;10.6.2.0-13000", NULL}};
	struct import_run run;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		import_run_begin(&run);
		add_agent(&run, "a", OWN("192.0.2.1"), "1");
		import_run_file(&run, DMP_IMPORT_NATS, "port: 4222");
		import_run_file(&run, DMP_IMPORT_VERSION_HISTORY, cases[i].version);
		import_run_end(&run);
		if (cases[i].expected)
			assert_contains(&run.site, cases[i].expected);
		else
			assert_lacks(&run.site, "nats=");
		import_run_free(&run);
	}
	/* Not where BrokerGateway is there, too: it may have taken over. */
	import_run_begin(&run);
	add_agent(&run, "a", OWN("192.0.2.1"), "1");
	import_run_file(&run, DMP_IMPORT_NATS, "port: 4222");
	import_run_file(&run, DMP_IMPORT_BROKER, "{\"ClusterInfo\": []}");
	import_run_file(&run, DMP_IMPORT_VERSION_HISTORY, "x;10.5.4.0-13000");
	import_run_end(&run);
	assert_lacks(&run.site, "nats=");
	import_run_free(&run);
}

static void
files_of_a_broker_gateway_that_is_not_used_say_nothing(void **state)
{
	static const char *const WORDS[] = {"false", "true"};
	struct import_run run;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char text[128];

		dmp_text_format(text, sizeof text,
		    "<MaintenanceSettings><SLNet><BrokerGateway>%s</BrokerGateway>"
		    "</SLNet></MaintenanceSettings>",
		    WORDS[i]);
		import_run_begin(&run);
		add_agent(&run, "a", OWN("192.0.2.1"), "1");
		import_run_file(&run, DMP_IMPORT_MAINTENANCE, text);
		import_run_file(
		    &run, DMP_IMPORT_BROKER_NATS, "{\"gateway\": {\"port\": 7223}}");
		import_run_end(&run);
		if (i == 1)
			assert_contains(&run.site, "7223");
		else
			assert_lacks(&run.site, "7223");
		import_run_free(&run);
	}
}

static void
a_label_cannot_end_a_comment(void **state)
{
	struct import_run run;

	(void)state;
	import_run_begin(&run);
	add_agent(&run, "-- --> <x/> \xff-", OWN("192.0.2.1"), "1");
	import_run_end(&run);
	assert_contains(&run.site, "<!-- DMS.xml of - - - -> <x/> .-  -->");
	import_run_free(&run);
}

#define S "PLANTED"

/* A secret in every attribute and text that DataMiner's documentation knows, and where
 * somebody may have mistyped one into a field that is read. */
static const struct {
	enum dmp_import_kind kind;
	const char *text;
} PLANTED[] = {
    {DMP_IMPORT_DMS,
        "<DMS errorTime='" S "' pingCount='" S "' synchronized='" S "'>" S
        "<Cluster password='" S "'>" S "</Cluster><DMA ip='" S "!' id='1' uri='" S
        "' timestamp='" S "' contacted_once='" S "' lostContact='" S
        "'/><DMA ip='192.0.2.1' id='" S "'>" S "</DMA><DMA ip='192.0.2.1'/>"
        "<Redirects><Redirect to='" S "!' via='" S "' user='" S "' pwd='" S
        "'/><Redirect to='192.0.2.1' via='" S "' user='" S "' pwd='{" S
        "}'/><Redirect to='192.0.2.1' via='https://" S ":" S
        "@192.0.2.1/APIGateway?t=" S "' pwd='" S "'/></Redirects><Failover a='" S
        "'><VIP>" S "</VIP></Failover><" S "/></DMS>"},
    {DMP_IMPORT_DATAMINER,
        "<DataMiner id='" S "' " S "='x'><SNMP enableDataMinerAgentPolling='" S
        "' port='" S "' readCommunity='" S "' writeCommunity='" S
        "' informCacheSize='" S "'/><SNMPv1 trapPort='" S "'/><SNMPv3 trapPort='" S
        "' user='" S "'/><Telnet active='" S "' password='" S "'/><AlarmSocket port='" S
        "'/><PollSocket port='" S "'/><LDAP host='" S "!' port='" S "' useSSL='" S
        "' username='" S "' password='" S "'/><LDAP host='dc' useSSL='" S
        "' password='" S "'/><SMTP><Host>" S " x</Host><HostPort>" S
        "</HostPort><UserName>" S "</UserName><Password>" S
        "</Password></SMTP><ExternalAuthentication host='" S "!' secret='" S
        "'/><DaaS enabled='" S "'/></DataMiner>"},
    {DMP_IMPORT_MAINTENANCE,
        "<MaintenanceSettings><SLNet><EnableDotNetRemoting>" S
        "</EnableDotNetRemoting><BrokerGateway>" S "</BrokerGateway>"
        "<NATSForceManualConfig>" S "</NATSForceManualConfig><Password>" S
        "</Password></SLNet><HTTPS enabled='" S "' name='" S
        "!'/></MaintenanceSettings>"},
    {DMP_IMPORT_DB,
        "<DataBases><DataBase active='" S "' local='" S "' type='" S "' name='" S
        "' ID='" S "'><PWD>" S "</PWD></DataBase><DataBase local='true' "
        "type='Cassandra' consistencyLevel='" S "'><DBServer>" S "!,localhost"
        "</DBServer><DB>" S "</DB><UID>" S "</UID><PWD>" S "</PWD><TLSEnabled>" S
        "</TLSEnabled></DataBase><DataBase search='true' type='" S "'><DBServer>"
        "https://" S ":" S "@es1/?" S "</DBServer><UID>" S "</UID><PWD>" S
        "</PWD></DataBase><DataBase local='false' type='MSSQL'><ConnectString>"
        "Uid=" S ";Pwd=" S ";Password=(HOST=" S ");Server=db1;Token=" S
        "</ConnectString><PWD>" S "</PWD><Offloads><Offload local='" S
        "'/></Offloads></DataBase><DataBase local='false' type='oracle'>"
        "<ConnectString>Password=" S "</ConnectString><RemoteFileShare path='" S
        "' uid='" S "' pwd='" S "' localPath='" S "'/></DataBase><DataBase "
        "type='CloudStorage'><Proxy><Address>" S "!</Address><Port>" S
        "</Port><UserName>" S "</UserName><Password>" S
        "</Password></Proxy></DataBase><FileOffloadIdentifier>" S
        "</FileOffloadIdentifier></DataBases>"},
    {DMP_IMPORT_DB_CONFIGURATION,
        "<DatabaseConfiguration><SearchConfiguration><ElasticConnections>"
        "<ElasticCluster priorityOrder='" S "'><Hosts>" S "!</Hosts><Username>" S
        "</Username><Password>" S "</Password></ElasticCluster></ElasticConnections>"
        "</SearchConfiguration></DatabaseConfiguration>"},
    {DMP_IMPORT_CLIENTS, "# " S "\n" S " type=" S ";serverport=" S ";endpoint=/" S
                         ";polling=" S "\n* password=" S "\n" S "\n"},
    {DMP_IMPORT_SLNET,
        "<configuration><appSettings><add key='" S "' value='" S
        "'/></appSettings><connectionStrings><add connectionString='" S
        "'/></connectionStrings><system.runtime.remoting><application><channels>"
        "<channel name='SLNetRemoting' port='" S "' password='" S
        "'/></channels></application></system.runtime.remoting></configuration>"},
    {DMP_IMPORT_SLCLOUD,
        "<SLCloud><NatsCredsFile>" S "</NatsCredsFile><ClientID>" S
        "</ClientID><ClusterID>" S "</ClusterID><NATSServers><NATSServer><URI>nats://" S
        ":" S "@192.0.2.1:4222</URI><URI>" S "!</URI></NATSServer><NATSServer><URI>" S
        "!</URI></NATSServer></NATSServers><ConnectTimeout>" S
        "</ConnectTimeout></SLCloud>"},
    {DMP_IMPORT_SNMP_MANAGERS,
        "<SNMP><Configuration><Agent id='" S "' value='" S "'><AuthoritativeEngineID>" S
        "</AuthoritativeEngineID></Agent></Configuration><SnmpManagers><SnmpManager "
        "name='" S "'><IP port='" S "'>" S " x</IP><IP port='" S
        "'>198.51.100.40</IP><Community>" S "</Community></SnmpManager></SnmpManagers>"
        "</SNMP>"},
    {DMP_IMPORT_VERSION_HISTORY, S ";" S "\n" S},
    {DMP_IMPORT_NATS,
        "port: " S "\nhttp_port: [" S "]\noperator: " S "\nresolver: URL(" S
        "!)\nauthorization { user: " S ", password: \"" S "\", token: " S
        " }\nstreaming { credentials: " S ", cluster_id: " S "}\ncluster { name: " S
        "\n listen: " S "!\n routes: [nats://" S ":" S "@192.0.2.1:6222, \"" S
        "!\"] }\n# " S "\n"},
    {DMP_IMPORT_NAS,
        "http { port: " S "!, host: " S " }\nnats { usercredentials: " S
        " }\nprimary: http://" S ":" S "@192.0.2.1:9191/" S "\nstore { dir: " S " }"},
    {DMP_IMPORT_CLUSTER_ENDPOINTS,
        "{\"Endpoints\": [{\"IP\": \"192.0.2.1\", \"IgnitionValue\": \"" S
        "\", \"AdditionalEndpoints\": [\"" S "!\", 7]}, {\"IP\": \"" S "!\"}, \"" S
        "!\"], \"" S "\": 1}"},
    {DMP_IMPORT_BROKER_NATS,
        "{\"port\": \"" S "\", \"accounts\": {\"SYS\": {\"users\": [{\"user\": \"" S
        "\", \"password\": \"" S "\"}]}}}"},
    {DMP_IMPORT_BROKER,
        "{\"ClusterInfo\": [{\"Ip\": \"192.0.2.1\", \"ApiKey\": \"" S
        "\"}], \"APIKeys\": [\"" S "\"], \"HasManualConfig\": \"" S "\"}"},
    {DMP_IMPORT_MESSAGE_BROKER,
        "{\"BrokerGatewayConfig\": {\"CredentialsUrl\": \"https://" S ":" S
        "@192.0.2.1/" S "?key=" S "\", \"APIKeyPath\": \"" S
        "\", \"ForcedEndpoints\": [\"" S "!:1\", 3]}}"},
    {DMP_IMPORT_CLOUD_GATEWAY,
        "{\"CloudEndpointOptions\": {\"Enabled\": \"" S "\", \"Port\": \"" S
        "\", \"FirewallRules\": [\"" S "\"]}, \"DmzOptions\": {\"Key\": \"" S
        "\"}, \"Token\": \"" S "\"}"},
    {DMP_IMPORT_CLOUD_GATEWAY_CUSTOM, "{\"Token\": \"" S "\"} " S},
    {DMP_IMPORT_API_GATEWAY,
        "{\"Kestrel\": {\"Endpoints\": {\"" S "\": {\"Url\": \"https://" S ":" S
        "@0.0.0.0:5004/" S "\", \"Certificate\": {\"Password\": \"" S "\"}}}}}"},
    {DMP_IMPORT_API_GATEWAY_CUSTOM, "{\"a\": " S "}"},
    {DMP_IMPORT_USER_API, "{\"ApiKey\": \"" S "\"}"},
    {DMP_IMPORT_USER_API_CUSTOM,
        "{\"Kestrel\": {\"Endpoints\": {\"Http\": {\"Url\": \"" S "\"}}}}"},
    /* Broken files, whose parsers like to quote them. */
    {DMP_IMPORT_DB, "<DataBases><PWD>x&" S ";</PWD></DataBases>"},
    {DMP_IMPORT_DB, "<DataBases><" S "></PWD></DataBases>"},
    {DMP_IMPORT_DB, "<DataBases><PWD " S "='" S "' " S "='x'/></DataBases>"},
    {DMP_IMPORT_DB, "<DataBases><PWD>" S},
    {DMP_IMPORT_DB, "<" S "/>"},
    {DMP_IMPORT_BROKER, "{\"" S "\" \"" S "\"}"},
    {DMP_IMPORT_NATS, "a: \"" S},
};

static void
no_secret_reaches_the_site_file_or_the_notes(void **state)
{
	struct import_run run;
	bool seen[DMP_IMPORT_KINDS] = {false};

	(void)state;
	import_run_begin(&run);
	import_run_folder(&run, "dma1");
	for (size_t i = 0; i < sizeof PLANTED / sizeof PLANTED[0]; i++) {
		import_run_file(&run, PLANTED[i].kind, PLANTED[i].text);
		seen[PLANTED[i].kind] = true;
	}
	import_run_end(&run);
	assert_non_null(run.findings);
	assert_lacks(&run.site, S);
	assert_lacks(&run.notes, S);
	for (size_t i = 0; i < DMP_IMPORT_KINDS; i++)
		assert_true(seen[i]);
	/* The files were read, not refused as a whole. */
	assert_contains(&run.site, "<host name=\"db1\" address=\"db1\"");
	assert_contains(&run.site, "address=\"198.51.100.40\"");
	assert_contains(&run.site, "nats-account-server\" port=\"9191\"/>");
	import_run_free(&run);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_same_agents_of_two_folders_are_merged),
	    cmocka_unit_test(a_host_name_and_an_address_of_one_id_are_one_host),
	    cmocka_unit_test(one_id_at_two_addresses_is_a_conflict),
	    cmocka_unit_test(an_agent_without_a_folder_is_said),
	    cmocka_unit_test(two_folders_of_one_id_are_a_failover_pair),
	    cmocka_unit_test(the_virtual_address_is_in_cluster_endpoints),
	    cmocka_unit_test(a_pair_is_known_to_others_by_its_virtual_address),
	    cmocka_unit_test(a_folder_without_an_address_is_left_out_and_said),
	    cmocka_unit_test(the_name_of_a_folder_can_be_its_address),
	    cmocka_unit_test(appsettings_custom_overrides),
	    cmocka_unit_test(agents_that_differ_in_remoting_get_links),
	    cmocka_unit_test(an_agent_that_says_nothing_about_remoting_has_its_default),
	    cmocka_unit_test(an_endpoint_that_is_disabled_is_so_on_its_usual_port_too),
	    cmocka_unit_test(folders_that_disagree_about_a_port_are_a_conflict),
	    cmocka_unit_test(versions_and_clusters_that_differ_are_conflicts),
	    cmocka_unit_test(files_of_the_nats_that_is_not_used_say_nothing),
	    cmocka_unit_test(
	        legacy_nats_is_concluded_only_where_the_version_may_have_it),
	    cmocka_unit_test(files_of_a_broker_gateway_that_is_not_used_say_nothing),
	    cmocka_unit_test(a_label_cannot_end_a_comment),
	    cmocka_unit_test(no_secret_reaches_the_site_file_or_the_notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
