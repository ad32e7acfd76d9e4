<?php
/**
 * Personal data in WordPress's own tools.
 *
 * @package Regulars
 */

namespace Regulars\Tests;

use Regulars\AboutYou;
use Regulars\Connection;
use Regulars\PersonalData;
use Regulars\Rewards;

function everything_kept() {
	$keys = array_merge( Rewards::META, array( AboutYou::BIRTHDAY, AboutYou::OFFERS ) );

	\WordPress::$options      = array();
	\WordPress::$user_meta[7] = array_combine( $keys, $keys );
	return $keys;
}

function test_everything_kept_about_a_user_is_exported_by_a_name_for_people() {
	$keys     = everything_kept();
	$exported = ( new PersonalData( new Connection() ) )->export( 'ada@store.example' );
	$values   = array_column( $exported['data'][0]['data'], 'value' );
	sort( $keys );
	sort( $values );
	same( $keys, $values );
	same( array(), array_intersect( $keys, array_column( $exported['data'][0]['data'], 'name' ) ) );
}

function test_all_of_it_is_erased_and_once_only() {
	everything_kept();
	$data = new PersonalData( new Connection() );
	same( true, $data->erase( 'ada@store.example' )['items_removed'] );
	same( array(), \WordPress::$user_meta[7] );
	same( false, $data->erase( 'ada@store.example' )['items_removed'] );
	same( array(), $data->export( 'ada@store.example' )['data'] );
}

function test_of_a_stranger_there_is_nothing() {
	$data = new PersonalData( new Connection() );
	same( array(), $data->export( 'eve@store.example' )['data'] );
	same( false, $data->erase( 'eve@store.example' )['items_removed'] );
}
