<?php
/**
 * Signatures.
 *
 * @package Regulars
 */

namespace Regulars\Tests;

use Regulars\Signature;

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

function test_the_signature_is_the_one_other_libraries_of_the_scheme_make() {
	$headers = Signature::headers( SECRET, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, '{"test": 2432232314}' );
	same( 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=', $headers['webhook-signature'] );
	same( 'msg_p5jXN8AQM9LWM0D4loKWxJek', $headers['webhook-id'] );
	same( '1614265330', $headers['webhook-timestamp'] );
}

function test_body_id_and_time_are_each_covered_by_the_signature() {
	$signature = static function ( $id, $time, $body ) {
		return Signature::headers( SECRET, $id, $time, $body )['webhook-signature'];
	};
	$all       = array( $signature( 'a', 1, '{}' ), $signature( 'b', 1, '{}' ), $signature( 'a', 2, '{}' ), $signature( 'a', 1, '[]' ) );
	same( 4, count( array_unique( $all ) ) );
}

function test_a_message_id_is_never_given_twice() {
	same( 1, preg_match( '/^msg_[0-9a-f]{32}$/', Signature::new_message_id() ) );
	same( false, Signature::new_message_id() === Signature::new_message_id() );
}

function test_only_a_whsec_string_can_be_a_secret() {
	same( true, Signature::is_secret( SECRET ) );
	foreach ( array( '', 'whsec_', 'whsec_short', substr( SECRET, 6 ), SECRET . "\n", '<html>' ) as $other ) {
		same( false, Signature::is_secret( $other ) );
	}
}
