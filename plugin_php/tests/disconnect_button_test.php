<?php
/**
 * The button that disconnects the store.
 *
 * @package Regulars
 */

namespace Regulars\Tests;

use Regulars\Connection;

function button( $state ) {
	ob_start();
	require dirname( __DIR__ ) . '/templates/admin/disconnect.php';
	return ob_get_clean();
}

function asks_first( $state ) {
	return false !== strpos( button( $state ), ' data-confirm="Disconnect your store? ' );
}

function test_it_asks_first_while_the_store_is_connected() {
	same( true, asks_first( Connection::CONNECTED ) );
}

function test_it_does_not_ask_where_there_is_no_connection_to_lose() {
	same( false, asks_first( Connection::MOVED ) );
	same( false, asks_first( Connection::ENDED ) );
	same( false, strpos( button( Connection::ENDED ), 'confirm' ) );
}
