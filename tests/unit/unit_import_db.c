/* SPDX-License-Identifier: BSD-2-Clause */
/* DB.xml and DBConfiguration.xml: which databases there are, and where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/import_run.h"

#define DB(attributes, body)                                                           \
	"<DataBases xmlns='http://www.skyline.be/config/db'><DataBase "                \
	"active='true' " attributes ">" body "</DataBase></DataBases>"

static void
the_servers_of_a_general_database_are_hosts(void **state)
{
	static const struct import_case cases[] = {
	    {DMP_IMPORT_DB,
	        DB("local='true' type='CassandraCluster'",
	            "<DBServer>198.51.100.1, cas2.example ;198.51.100.3</DBServer>"
	            "<TLSEnabled>TRUE</TLSEnabled>"),
	        "<host name=\"cas2.example\" address=\"cas2.example\" "
	        "roles=\"cassandra\"/>",
	        NULL, NULL},
	    {DMP_IMPORT_DB,
	        DB("local='true' type='CassandraCluster'",
	            "<DBServer>198.51.100.1</DBServer><TLSEnabled>TRUE</TLSEnabled>"),
	        "storage=\"cassandra\" cassandra-tls=\"yes\"", NULL, NULL},
	    {DMP_IMPORT_DB,
	        DB("local='true' type='cassandra'", "<DBServer>localhost</DBServer>"),
	        "storage=\"cassandra-local\"", NULL, "cassandra-tls"},
	    {DMP_IMPORT_DB,
	        DB("local='true' type='cassandra'", "<DBServer>localhost</DBServer>"),
	        "address=\"192.0.2.11\" roles=\"dma cassandra\"", NULL, NULL},
	    {DMP_IMPORT_DB,
	        DB("local='true' type='Cassandra'",
	            "<DBServer>198.51.100.1</DBServer>"),
	        "storage=\"cassandra\"", "which nodes form a ring is not known", NULL},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void
the_servers_of_a_search_database_have_ports_and_tls(void **state)
{
	static const struct import_case cases[] = {
	    {DMP_IMPORT_DB,
	        DB("search='true' type='ElasticSearch'",
	            "<DBServer>https://198.51.100.7:9200,192.0.2.11:9201</DBServer>"),
	        "<port requirement=\"elasticsearch-http\" port=\"9200\" tls=\"yes\"/>",
	        NULL, NULL},
	    {DMP_IMPORT_DB,
	        DB("type='elasticsearch'", "<DBServer>198.51.100.7</DBServer>"),
	        "roles=\"indexing\"/>", NULL, NULL},
	    {DMP_IMPORT_DB,
	        DB("search='true' type='other'", "<DBServer>198.51.100.7</DBServer>"),
	        "roles=\"indexing\"/>", NULL, NULL},
	    {DMP_IMPORT_DB,
	        DB("search='true' type='Elasticsearch'",
	            "<DBServer>192.0.2.11:9201</DBServer>"),
	        "<port requirement=\"indexing-http\" port=\"9201\"/>", NULL, NULL},
	    {DMP_IMPORT_DB,
	        DB("search='true' type='Elasticsearch'",
	            "<DBServer>198.51.100.7:9200</DBServer>"),
	        "roles=\"indexing\"/>", NULL, "elasticsearch-http"},
	    {DMP_IMPORT_DB_CONFIGURATION,
	        "<DatabaseConfiguration><SearchConfiguration><ElasticConnections>"
	        "<ElasticCluster priorityOrder='0'><Hosts>198.51.100.7:9201,"
	        "198.51.100.8</Hosts></ElasticCluster></ElasticConnections>"
	        "</SearchConfiguration></DatabaseConfiguration>",
	        "<port requirement=\"elasticsearch-http\" port=\"9201\"/>", NULL, NULL},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void
an_offload_database_may_be_of_many_types(void **state)
{
	static const struct import_case cases[] = {
	    {DMP_IMPORT_DB,
	        DB("local='false' type='mssql'",
	            "<DBServer>198.51.100.20,1444</DBServer>"),
	        "<port requirement=\"offload-sql-server\" port=\"1444\"/>", NULL, NULL},
	    {DMP_IMPORT_DB,
	        DB("local='false' type='mssql'", "<DBServer>SQL1\\PROD</DBServer>"),
	        "address=\"SQL1\"",
	        "unknown: dma1: the port of the named MSSQL instance", "PROD"},
	    {DMP_IMPORT_DB,
	        DB("local='false'",
	            "<DBServer></DBServer><Server>198.51.100.21</Server>"),
	        "<port requirement=\"offload-mysql\"/>", NULL, NULL},
	    {DMP_IMPORT_DB,
	        DB("local='false' type='MySQL'",
	            "<ConnectString>Server=db;PORT=3307;Pwd=x</ConnectString>"),
	        "<port requirement=\"offload-mysql\" port=\"3307\"/>", NULL, NULL},
	    {DMP_IMPORT_DB,
	        DB("local='false' type='oracle'",
	            "<ConnectString>Data Source=(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)"
	            "(HOST=ora1)(PORT=1521)));Password=x</ConnectString>"
	            "<RemoteFileShare path='\\\\files1\\share' pwd='x'/>"),
	        "<port requirement=\"offload-oracle\" port=\"1521\"/>", NULL, NULL},
	    {DMP_IMPORT_DB,
	        DB("local='false' type='oracle'",
	            "<DBServer>ora1</DBServer>"
	            "<RemoteFileShare path='\\\\files1\\share' pwd='x'/>"),
	        "<host name=\"files1\" address=\"files1\" roles=\"server\">", NULL,
	        NULL},
	    {DMP_IMPORT_DB,
	        DB("local='false' type='oracle'",
	            "<ConnectString>Data Source=;Password=x</ConnectString>"),
	        NULL, "the connect string names no server by address",
	        "offload-oracle"},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void
storage_as_a_service_has_no_server(void **state)
{
	static const struct import_case cases[] = {
	    {DMP_IMPORT_DB,
	        DB("local='true' search='true' cloud='true' type='CloudStorage'",
	            "<Proxy><Address>proxy.example</Address><Port>3128</Port>"
	            "<UserName>u</UserName></Proxy>"),
	        "<port requirement=\"staas\" port=\"3128\" depth=\"connect\"/>", NULL,
	        NULL},
	    {DMP_IMPORT_DB, DB("local='true' type='CloudStorage'", ""),
	        "storage=\"staas\"", "depends on the region", "<port"},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void
a_cmdb_is_a_database_server(void **state)
{
	static const struct import_case cases[] = {
	    {DMP_IMPORT_DB,
	        DB("name='cmdb' type='MSSQL'", "<DBServer>198.51.100.22</DBServer>"),
	        "<port requirement=\"offload-sql-server\"/>", "CMDB", NULL},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void
a_general_database_of_another_type_is_said(void **state)
{
	static const struct import_case cases[] = {
	    {DMP_IMPORT_DB,
	        DB("local='true' type='MSSQL'", "<DBServer>198.51.100.23</DBServer>"),
	        "storage=\"other\"", "the general database is MSSQL on another machine",
	        "198.51.100.23"},
	    {DMP_IMPORT_DB, DB("local='true' type='Mongo'", ""), NULL,
	        "problem: DB.xml of dma1, line 1: this type of general database", NULL},
	};

	(void)state;
	ASSERT_CASES(cases);
}

static void
a_database_that_is_not_active_is_passed_over(void **state)
{
	static const struct import_case cases[] = {
	    {DMP_IMPORT_DB,
	        "<DataBases><DataBase active='FALSE' local='false'><DBServer>gone"
	        "</DBServer></DataBase></DataBases>",
	        NULL, NULL, "gone"},
	};

	(void)state;
	ASSERT_CASES(cases);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_servers_of_a_general_database_are_hosts),
	    cmocka_unit_test(the_servers_of_a_search_database_have_ports_and_tls),
	    cmocka_unit_test(an_offload_database_may_be_of_many_types),
	    cmocka_unit_test(storage_as_a_service_has_no_server),
	    cmocka_unit_test(a_cmdb_is_a_database_server),
	    cmocka_unit_test(a_general_database_of_another_type_is_said),
	    cmocka_unit_test(a_database_that_is_not_active_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
