<?php
/**
 * What the connector answered.
 *
 * @package Regulars
 */

namespace Regulars\Tests;

use Regulars\ConnectorReply;

function reply( $status, $body = '', $headers = array() ) {
	return new ConnectorReply( compact( 'status', 'body', 'headers' ) );
}

function test_a_delivery_counts_only_when_the_connector_says_it_has_it() {
	same( true, reply( 202, '{"status":"accepted"}' )->is_delivered() );
	same( true, reply( 202, '{"status":"duplicate"}' )->is_delivered() );
	same( false, reply( 200, '<html>Welcome to our network</html>' )->is_delivered() );
	same( false, reply( 503, '{"status":503,"code":"storage_unavailable"}' )->is_delivered() );
	same( false, reply( 302, '' )->is_delivered() );
}

function test_a_known_code_becomes_a_sentence_to_act_on_and_hides_the_technical_one() {
	$error = reply( 403, '{"status":403,"code":"pairing_code_expired","detail":"expired at 10:00"}' )->error();
	same( true, false !== strpos( $error, '15 minutes' ) );
}

function test_what_only_the_connector_can_name_is_quoted_in_a_sentence_of_ours() {
	$error = reply( 400, '{"status":400,"code":"payload_invalid","detail":"The id in data is <b>not</b> 100% one."}' )->error();
	same( 'The connector could not read what this store sent. It says: The id in data is not 100% one.', $error );
}

function test_why_the_store_could_not_be_connected_is_said_by_its_cause_in_our_own_words() {
	$problem = array(
		'code'   => 'store_refused',
		'detail' => 'Said in English.',
		'reason' => array(
			'code'   => 'redirected',
			'values' => array( 'address' => 'https://store.example/%E7%B6%B2/' ),
		),
	);
	$ours    = 'The connector called your store, and could not connect it. ';
	$cause   = 'The store redirects its REST API to https://store.example/%E7%B6%B2/. Connect again with that address, or take the redirect away.';
	same( $ours . $cause, reply( 422, json_encode( $problem ) )->error() );
	foreach ( array( null, 'odd', array( 'code' => 'new_thing' ) ) as $reason ) {
		same( $ours . 'Said in English.', reply( 502, json_encode( compact( 'reason' ) + array( 'code' => 'store_unreachable' ) + $problem ) )->error() );
	}
}

function test_an_unknown_code_shows_what_the_connector_says_without_its_markup() {
	same( 'Please wait for /%E7/.', reply( 422, '{"code":"new_thing","detail":"Please <b>wait</b> for /%E7/."}' )->error() );
}

function test_every_refusal_has_a_sentence() {
	foreach ( array( 301, 400, 401, 404, 405, 418, 429, 500, 502 ) as $status ) {
		same( true, '' !== reply( $status )->error() );
	}
}

function test_a_friendly_page_of_something_else_is_an_error_too() {
	same( true, false !== strpos( reply( 200, '<html>' )->error(), 'not a Regulars connector' ) );
}

function test_the_wait_the_connector_asks_for_is_read_in_seconds() {
	same( 120, reply( 503, '', array( 'retry-after' => '120' ) )->retry_after );
	same( 0, reply( 503, '', array( 'retry-after' => 'Wed, 21 Oct 2026 07:28:00 GMT' ) )->retry_after );
}

function test_no_answer_at_all_is_told_apart_by_its_cause() {
	$causes = array(
		array( 'http_request_failed', 'cURL error 28: Operation timed out', 'in time' ),
		array( 'http_request_failed', 'cURL error 7: Failed to connect', 'Nothing answers' ),
		array( 'http_request_failed', 'cURL error 6: Could not resolve host', 'typing errors' ),
		array( 'http_request_failed', 'A valid URL was not provided.', 'typing errors' ),
		array( 'http_request_failed', 'cURL error 60: certificate has expired', 'certificate' ),
		array( 'http_request_not_executed', 'User has blocked requests through HTTP.', 'WP_ACCESSIBLE_HOSTS' ),
		array( 'http_request_failed', 'cURL error 52: Empty reply from server', 'Empty reply' ),
	);
	foreach ( $causes as list( $code, $message, $words ) ) {
		$reply = new ConnectorReply( new \WP_Error( $code, $message ) );
		same( 0, $reply->status );
		same( true, false !== strpos( $reply->error(), $words ) );
	}
}

function test_what_is_said_about_fields_is_kept_by_their_paths_without_markup() {
	$reply = reply( 422, '{"code":"validation_failed","errors":{"ladder.tiers.1.threshold":["Must be <b>more</b>.","Really."],"x":[["odd"]]}}' );
	same(
		array(
			'ladder.tiers.1.threshold' => 'Must be more. Really.',
			'x'                        => '',
		),
		$reply->field_errors()
	);
	same( array(), reply( 200, '{}' )->field_errors() );
	same( array(), reply( 422, '{"errors":"all"}' )->field_errors() );
}
