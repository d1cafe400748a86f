<?php
# SPDX-License-Identifier: BSD-2-Clause
# usage: php zabbix_import.php FILE: what Zabbix's own import says of a YAML file, without a
# database: structure and constants, but not expressions.
const ZABBIX = '/usr/share/zabbix';
error_reporting(E_ALL & ~E_DEPRECATED);
require_once ZABBIX.'/include/defines.inc.php';
require_once ZABBIX.'/vendor/autoload.php';

$classes = [];
$folder = new RecursiveDirectoryIterator(ZABBIX.'/include/classes');
foreach (new RecursiveIteratorIterator($folder) as $path) {
	if (substr($path, -4) === '.php') {
		$classes[basename($path, '.php')] = (string) $path;
	}
}
spl_autoload_register(function (string $name) use ($classes): void {
	if (isset($classes[$name])) {
		require_once $classes[$name];
	}
});

function _s(string $text, ...$values): string {
	foreach ($values as $place => $value) {
		$text = str_replace('%'.($place + 1).'$s', $value, $text);
	}
	return $text;
}
if (!function_exists('_')) {
	function _(string $text): string {
		return $text;
	}
}
require_once ZABBIX.'/include/func.inc.php';

$format = CImportReaderFactory::YAML;
try {
	$data = CImportReaderFactory::getReader($format)->read(file_get_contents($argv[1]));
	$validator = new CXmlValidator(new CImportValidatorFactory($format), $format);
	$validator->setStrict(true)->validate($data, '/');
}
catch (Exception $error) {
	fwrite(STDERR, $error->getMessage()."\n");
	exit(1);
}
echo "valid\n";
