<?php
/**
 * Plugin Name: What the test run wants to see
 * Description: Captures mail and remote requests into files, and leaves the queue to the test run.
 */

defined( 'ABSPATH' ) || exit;

/**
 * Appends one JSON line to a file beside the site.
 *
 * @param string $file  File name.
 * @param array  $entry What happened.
 */
function regulars_test_note( $file, array $entry ) {
	$entry['at']      = gmdate( 'Y-m-d\TH:i:s\Z' );
	$entry['request'] = ( $_SERVER['REQUEST_METHOD'] ?? 'CLI' ) . ' ' . ( $_SERVER['REQUEST_URI'] ?? '' );
	file_put_contents( REGULARS_TEST_NOTES . '/' . $file, wp_json_encode( $entry ) . "\n", FILE_APPEND | LOCK_EX );
}

add_filter(
	'pre_wp_mail',
	static function ( $sent, $mail ) {
		regulars_test_note(
			'mails.jsonl',
			array(
				'to'      => $mail['to'],
				'subject' => $mail['subject'],
				'message' => $mail['message'],
			)
		);
		return true;
	},
	10,
	2
);

add_filter(
	'pre_http_request',
	static function ( $answer, $arguments, $url ) {
		regulars_test_note(
			'http.jsonl',
			array(
				'method'  => $arguments['method'] ?? 'GET',
				'url'     => $url,
				'headers' => (object) ( $arguments['headers'] ?? array() ),
				'body'    => is_string( $arguments['body'] ?? null ) ? $arguments['body'] : '',
			)
		);
		return $answer;
	},
	1,
	3
);

// Half installed, the store must not call itself: the second request would meddle with the first one's settings.
if ( 0 === strpos( $_SERVER['REQUEST_URI'] ?? '', '/__test/install-' ) ) {
	add_filter( 'pre_http_request', static fn() => new WP_Error( 'regulars_test', 'Not while installing.' ), 2 );
}

add_filter( 'action_scheduler_allow_async_request_runner', '__return_false' );
add_filter( 'woocommerce_background_image_regeneration', '__return_false' );
add_filter( 'send_password_change_email', '__return_false' );
