<?php
// SPDX-License-Identifier: BSD-2-Clause
// What the web page of Cacti shows as an image, without its login.
// usage: php cacti_graph.php SITE_FOLDER GRAPH SECONDS >FILE
chdir($argv[1]);
require $argv[1] . '/include/cli_check.php';
require_once $config['base_path'] . '/lib/rrd.php';
$_SESSION['sess_user_id'] = 1;
$asked = ['graph_start' => time() - $argv[3], 'graph_end' => time(), 'output_flag' => RRDTOOL_OUTPUT_STDOUT];
$xport = [];
echo rrdtool_function_graph($argv[2], 0, $asked, null, $xport, 1);
