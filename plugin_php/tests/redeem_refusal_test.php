<?php
/**
 * What a shopper reads when points cannot be redeemed.
 *
 * @package Regulars
 */

namespace Regulars\Tests;

use Regulars\ConnectorReply;
use Regulars\RedeemRefusal;

const AWAY = 'Points cannot be redeemed right now. Your points are safe; please try again in a few minutes.';

function answered( $status, $body ) {
	return new ConnectorReply( array( 'status' => $status, 'body' => is_string( $body ) ? $body : json_encode( $body ), 'headers' => array() ) );
}

function sentence( $reply ) {
	return ( new RedeemRefusal( $reply ) )->sentence();
}

function test_every_refusal_of_the_connector_has_a_sentence_of_its_own() {
	$codes = array( 'points_not_whole', 'points_below_minimum', 'points_not_in_steps', 'points_worth_nothing', 'points_not_enough', 'customer_blocked', 'redeeming_off', 'unknown_customer', 'no_email', 'idempotency_key_reused' );
	$said  = array();
	foreach ( $codes as $code ) {
		$said[] = sentence( answered( 422, array( 'code' => $code ) ) );
	}
	same( $said, array_values( array_unique( $said ) ) );
	same( false, in_array( AWAY, $said, true ) );
	same( $said[0], sentence( answered( 422, array( 'code' => 'points_not_positive' ) ) ) );
}

function test_a_connector_that_is_away_is_not_the_shoppers_fault() {
	same( AWAY, sentence( new ConnectorReply( new \WP_Error( 'http_request_failed', 'cURL error 28: timed out' ) ) ) );
	same( AWAY, sentence( answered( 503, array( 'code' => 'storage_unavailable' ) ) ) );
	same( AWAY, sentence( answered( 200, '<html>Welcome</html>' ) ) );
}

function test_what_only_the_owner_can_mend_is_not_told_to_shoppers() {
	same( AWAY, sentence( answered( 401, array( 'code' => 'signature_invalid', 'detail' => 'The signature is not valid.' ) ) ) );
}

function test_only_an_answer_of_the_connector_is_a_decision() {
	same( true, RedeemRefusal::is_final( answered( 422, array( 'code' => 'points_not_enough' ) ) ) );
	same( false, RedeemRefusal::is_final( answered( 404, '<html>Not found</html>' ) ) );
	same( false, RedeemRefusal::is_final( answered( 503, array( 'code' => 'storage_unavailable' ) ) ) );
	same( false, RedeemRefusal::is_final( new ConnectorReply( new \WP_Error( 'http_request_failed', 'cURL error 28' ) ) ) );
}
