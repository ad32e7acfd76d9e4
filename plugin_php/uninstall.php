<?php
/**
 * Removes everything the plugin has stored, when it is deleted in WP admin.
 *
 * @package Regulars
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

require_once __DIR__ . '/src/autoload.php';

/**
 * Removes what one site has stored.
 */
function regulars_uninstall_site() {
	global $wpdb;

	Regulars\ApiKey::revoke( ( new Regulars\Connection() )->key_id() );
	if ( function_exists( 'as_unschedule_all_actions' ) ) {
		as_unschedule_all_actions( '', array(), Regulars\Schedule::GROUP );
	}
	$table = Regulars\OutboxTable::name();
	$wpdb->query( "DROP TABLE IF EXISTS {$table}" ); // phpcs:ignore WordPress.DB
	$options = array( Regulars\Connection::OPTION, Regulars\Connection::SECRET_OPTION, Regulars\DeliveryRecord::OPTION, Regulars\Admin\StatusFeed::OPTION, 'regulars_db_version', 'regulars_unfinished' );
	array_map( 'delete_option', $options );
}

if ( is_multisite() ) {
	foreach ( get_sites( array( 'fields' => 'ids', 'number' => 0 ) ) as $regulars_site ) {
		switch_to_blog( $regulars_site );
		regulars_uninstall_site();
		restore_current_blog();
	}
} else {
	regulars_uninstall_site();
}
foreach ( array_merge( Regulars\Rewards::META, array( Regulars\AboutYou::BIRTHDAY, Regulars\AboutYou::OFFERS ) ) as $regulars_key ) {
	delete_metadata( 'user', 0, $regulars_key, '', true );
}
