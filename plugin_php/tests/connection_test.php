<?php
/**
 * The connection between this store and its connector.
 *
 * @package Regulars
 */

namespace Regulars\Tests;

use Regulars\Connection;

function test_a_connection_that_is_closed_leaves_nothing_but_the_address_to_offer_again() {
	\WordPress::$options = array(
		'home'                    => 'https://store.example',
		Connection::SECRET_OPTION => 'whsec_x',
		Connection::OPTION        => array(
			'state'    => Connection::CONNECTED,
			'address'  => 'https://regulars.example.com',
			'store_id' => 'st_1',
			'key_id'   => 7,
		),
	);
	$connection = new Connection();
	$connection->close();
	same( array( 'address' => 'https://regulars.example.com' ), get_option( Connection::OPTION ) );
	same( Connection::DISCONNECTED, $connection->state() );
	same( '', $connection->secret() );
	$connection->close();
	same( 'https://regulars.example.com', $connection->address() );
}
