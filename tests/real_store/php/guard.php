<?php
/**
 * First line of every script here: only the test run that started this store may call them.
 */

// phpcs:disable -- runs before WordPress is loaded.
if ( ! hash_equals( (string) getenv( 'REGULARS_TEST_TOKEN' ), (string) ( $_SERVER['HTTP_X_TEST_TOKEN'] ?? '' ) ) ) {
	http_response_code( 403 );
	exit;
}

/**
 * Answers with JSON and ends the request.
 *
 * @param array $answer What the test run gets.
 */
function regulars_test_answer( array $answer ) {
	while ( ob_get_level() ) {
		ob_end_clean();
	}
	header( 'Content-Type: application/json' );
	echo json_encode( $answer, JSON_INVALID_UTF8_SUBSTITUTE );
	exit;
}

ob_start();
$regulars_test_input = json_decode( file_get_contents( 'php://input' ), true );
$regulars_test_site  = rtrim( (string) getenv( 'REGULARS_TEST_SITE' ), '/' );
