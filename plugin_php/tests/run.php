<?php
/**
 * Runs the tests of one file: php tests/run.php tests/signature_test.php
 *
 * For the parts of the plugin that need no WordPress. Every function of the file whose name begins with "test_" is a
 * test; it fails by throwing. Prints the failures and ends with status 1 if there is one.
 *
 * @package Regulars
 */

namespace Regulars\Tests;

error_reporting( E_ALL );
set_error_handler(
	static function ( $severity, $message, $file, $line ) {
		throw new \ErrorException( $message, 0, $severity, $file, $line );
	}
);

require __DIR__ . '/wordpress.php';
require dirname( __DIR__ ) . '/src/autoload.php';

/**
 * Fails unless both values are the same.
 *
 * @param mixed $expected What should be.
 * @param mixed $actual   What is.
 */
function same( $expected, $actual ): void {
	if ( $expected !== $actual ) {
		throw new \RuntimeException( 'expected ' . var_export( $expected, true ) . ', got ' . var_export( $actual, true ) );
	}
}

require $argv[1];

$run    = 0;
$failed = 0;
foreach ( get_defined_functions()['user'] as $name ) {
	if ( 0 !== strpos( $name, 'regulars\tests\test_' ) ) {
		continue;
	}
	++$run;
	try {
		$name();
	} catch ( \Throwable $problem ) {
		++$failed;
		fwrite( STDERR, str_replace( 'regulars\tests\\', '', $name ) . ': ' . $problem->getMessage() . "\n" );
	}
}
echo "{$run} tests, {$failed} failed\n";
exit( $run > 0 && 0 === $failed ? 0 : 1 );
