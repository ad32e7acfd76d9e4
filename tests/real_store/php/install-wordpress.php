<?php
/**
 * Creates the database and installs WordPress with WooCommerce active.
 */

require __DIR__ . '/guard.php';

mysqli_report( MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT );
$connection = new mysqli( 'localhost', 'root', '', '', 0, (string) getenv( 'REGULARS_TEST_DATABASE_SOCKET' ) );
$connection->query( 'CREATE DATABASE store CHARACTER SET utf8mb4' );
$connection->close();

define( 'WP_INSTALLING', true );
require $regulars_test_site . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';

$admin = $regulars_test_input;
wp_install( 'The Sample Store', $admin['user'], $admin['email'], false, '', $admin['password'] );
update_option( 'permalink_structure', '/%postname%/' );
update_option( 'timezone_string', $admin['timezone'] );
update_option( 'show_avatars', 0 );
update_option( 'active_plugins', array( 'woocommerce/woocommerce.php' ) );
if ( wp_get_theme( $admin['theme'] )->exists() ) {
	switch_theme( $admin['theme'] );
}

regulars_test_answer( array( 'result' => true ) );
