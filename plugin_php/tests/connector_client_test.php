<?php
/**
 * Calls to the connector's API.
 *
 * @package Regulars
 */

namespace Regulars\Tests;

use Regulars\Connection;
use Regulars\ConnectorClient;
use Regulars\Signature;

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

function sent( $method, $path, $payload = null ) {
	\WordPress::$options  = array(
		Connection::OPTION        => array(
			'state'    => Connection::CONNECTED,
			'address'  => 'https://connector.example/regulars',
			'store_id' => 'st_1',
		),
		Connection::SECRET_OPTION => SECRET,
	);
	\WordPress::$requests = array();
	( new ConnectorClient() )->call( new Connection(), $method, $path, $payload );
	return \WordPress::$requests[0];
}

function test_a_call_goes_below_the_connectors_address_and_names_the_store() {
	$request = sent( 'PUT', '/v1/programme', array( 'version' => 3 ) );
	same( 'https://connector.example/regulars/v1/programme', $request['url'] );
	same( 'PUT', $request['method'] );
	same( '{"version":3}', $request['body'] );
	same( 'st_1', $request['headers']['regulars-store'] );
	same( 0, $request['redirection'] );
	same( array(), \WordPress::$filters );
}

function test_the_signature_covers_method_path_and_body() {
	$headers  = sent( 'PUT', '/v1/programme?a=b', array( 'version' => 3 ) )['headers'];
	$expected = Signature::headers( SECRET, $headers['webhook-id'], (int) $headers['webhook-timestamp'], "PUT /v1/programme?a=b\n{\"version\":3}" );
	same( $expected['webhook-signature'], $headers['webhook-signature'] );
}

function test_a_call_that_only_reads_has_no_body() {
	$request  = sent( 'GET', '/v1/programme' );
	$headers  = $request['headers'];
	$expected = Signature::headers( SECRET, $headers['webhook-id'], (int) $headers['webhook-timestamp'], "GET /v1/programme\n" );
	same( null, $request['body'] );
	same( $expected['webhook-signature'], $headers['webhook-signature'] );
}

function test_an_idempotency_key_is_sent_and_covered_by_the_signature() {
	sent( 'GET', '/v1/programme' );
	( new ConnectorClient() )->call( new Connection(), 'POST', '/v1/customers/9/redemptions', array( 'points' => 500 ), 5, '9-abc-500' );
	$headers  = end( \WordPress::$requests )['headers'];
	$expected = Signature::headers( SECRET, '9-abc-500', (int) $headers['webhook-timestamp'], "POST /v1/customers/9/redemptions\n{\"points\":500}" );
	same( '9-abc-500', $headers['Idempotency-Key'] );
	same( '9-abc-500', $headers['webhook-id'] );
	same( $expected['webhook-signature'], $headers['webhook-signature'] );
}

function test_two_calls_never_share_an_id() {
	same( false, sent( 'GET', '/v1/programme' )['headers']['webhook-id'] === sent( 'GET', '/v1/programme' )['headers']['webhook-id'] );
}

function test_a_delivery_is_still_signed_by_its_body_alone() {
	sent( 'GET', '/v1/programme' );
	( new ConnectorClient() )->post_signed( new Connection(), '/v1/hooks/st_1', '{}', 'msg_1' );
	$request = \WordPress::$requests[1];
	$headers = $request['headers'];
	same( 'POST', $request['method'] );
	same( Signature::headers( SECRET, 'msg_1', (int) $headers['webhook-timestamp'], '{}' )['webhook-signature'], $headers['webhook-signature'] );
}
