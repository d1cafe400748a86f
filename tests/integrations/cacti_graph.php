<?php
// SPDX-License-Identifier: BSD-2-Clause
// What the web pages of Cacti give of a graph, without their login: the image, or with
// "values" what its lines and areas are drawn from, as JSON.
// usage: php cacti_graph.php SITE_FOLDER GRAPH SECONDS image|values >FILE
[, $site, $graph, $seconds, $what] = $argv;
chdir($site);
require $site . '/include/cli_check.php';
require_once $config['base_path'] . '/lib/rrd.php';
require_once $config['base_path'] . '/lib/xml.php';
$_SESSION['sess_user_id'] = 1;
$asked = ['graph_start' => time() - $seconds, 'graph_end' => time(),
    'output_flag' => RRDTOOL_OUTPUT_STDOUT];
$meta = [];
if ($what === 'values') {
    $asked['export_csv'] = true;
    $found = rrdtool_function_xport($graph, 0, $asked, $meta, 1);
    echo "\n", json_encode(['legend' => $found['meta']['legend'], 'data' => $found['data']],
        JSON_PARTIAL_OUTPUT_ON_ERROR), "\n";
} else {
    echo rrdtool_function_graph($graph, 0, $asked, null, $meta, 1);
}
