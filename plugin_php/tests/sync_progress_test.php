<?php
/**
 * How far the connector is, in words.
 *
 * @package Regulars
 */

namespace Regulars\Tests;

use Regulars\Admin\SyncProgress;

function progress( $backfill, $status = array() ) {
	return ( new SyncProgress( array( 'backfill' => $backfill ) + $status ) )->view();
}

function test_before_the_connector_was_asked_nothing_is_claimed() {
	same( array( 'unknown', 0, 'Not known yet' ), array_values( ( new SyncProgress( array() ) )->view() ) );
	same( 'unknown', progress( null )['state'] );
}

function test_a_running_backfill_shows_what_it_reads_and_its_share_of_the_whole() {
	$view = progress(
		array(
			'state'           => 'running',
			'phase'           => 'orders',
			'customers_done'  => 1000,
			'customers_total' => 1000,
			'orders_done'     => 500,
			'orders_total'    => 2000,
		)
	);
	same( 39, $view['percent'] );
	same( 'Reading orders: 500 of 2,000', $view['text'] );
}

function test_the_bar_does_not_run_ahead_while_the_number_of_orders_is_not_known() {
	$view = progress(
		array(
			'state'           => 'running',
			'phase'           => 'orders',
			'customers_done'  => 6,
			'customers_total' => 6,
			'orders_done'     => 0,
			'orders_total'    => 0,
		)
	);
	same( 20, $view['percent'] );
	same( 'The connector is about to read your order history', $view['text'] );
}

function test_a_backfill_is_full_only_when_it_is_done() {
	$numbers = array(
		'customers_done'  => 1,
		'customers_total' => 1,
		'orders_done'     => 9,
		'orders_total'    => 9,
	);
	same( 99, progress( array( 'state' => 'running', 'phase' => 'orders' ) + $numbers )['percent'] );
	same( 100, progress( array( 'state' => 'done' ) + $numbers )['percent'] );
}

function test_a_done_backfill_shows_what_the_connector_knows_now() {
	$view = progress( array( 'state' => 'done' ), array( 'customers' => 2357, 'orders' => 6919 ) );
	same( 'Complete: 2,357 customers and 6,919 orders', $view['text'] );
}

function test_numbers_that_make_no_sense_do_not_break_the_page() {
	same( 0, progress( array( 'state' => 'running', 'orders_done' => -5, 'orders_total' => 'many' ) )['percent'] );
	same( 'unknown', progress( array( 'state' => 'exploded' ) )['state'] );
}
