/* SPDX-License-Identifier: BSD-2-Clause */
/* importer_db.h - the servers that databases are on, as DB.xml writes them.  Used by
 * importer_*.c and their tests only. */
#ifndef DMP_IMPORTER_DB_H
#define DMP_IMPORTER_DB_H

#include "model/importer_agent.h"

/* "host", "host:port", for MSSQL (separator ',') also "host,port" and "host\instance".
 * False for anything else. */
bool dmp_import_parse_server(
    const char *text, char separator, struct dmp_import_endpoint *ret_endpoint);

/* The server and the port of a connect string; false when it names none by address.
 * Nothing else of it is looked at. */
bool dmp_import_parse_connect_string(
    const char *text, char separator, struct dmp_import_endpoint *ret_endpoint);

#endif
