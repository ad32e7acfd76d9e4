<?php
/**
 * Runs a test's PHP with WordPress loaded; `$args` holds the test's arguments and `return` gives the answer.
 */

require __DIR__ . '/guard.php';
require $regulars_test_site . '/wp-load.php';

/**
 * Runs the code in a scope of its own.
 *
 * @param string $code PHP without the opening tag.
 * @param array  $args The test's named arguments.
 * @return mixed What the code returns.
 */
function regulars_test_run( $code, array $args ) {
	return eval( $code ); // phpcs:ignore -- the whole point, behind the guard.
}

try {
	regulars_test_answer( array( 'result' => regulars_test_run( $regulars_test_input['code'], $regulars_test_input['args'] ) ) );
} catch ( Throwable $error ) {
	regulars_test_answer( array( 'error' => get_class( $error ) . ': ' . $error->getMessage() . ' at line ' . $error->getLine() ) );
}
