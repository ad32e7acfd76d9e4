<?php
/**
 * Sets WooCommerce up as an open store: pages, payment on delivery, free shipping, order storage, one API key.
 */

require __DIR__ . '/guard.php';
require $regulars_test_site . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/admin.php';

use Automattic\WooCommerce\Internal\DataStores\Orders\DataSynchronizer;

WC_Install::install();
WC_Install::create_pages();
WC_Install::newly_installed(); // Else the next request does it, over the settings below.

$hpos = 'hpos' === $regulars_test_input['storage'];
if ( $hpos ) {
	wc_get_container()->get( DataSynchronizer::class )->create_database_tables();
}
$settings = array(
	'woocommerce_custom_orders_table_enabled'           => $hpos ? 'yes' : 'no',
	'woocommerce_custom_orders_table_data_sync_enabled' => 'no',
	'woocommerce_coming_soon'                           => 'no',
	'woocommerce_store_address'                         => '1 Market Street',
	'woocommerce_store_city'                            => 'San Francisco',
	'woocommerce_default_country'                       => 'US:CA',
	'woocommerce_store_postcode'                        => '94105',
	'woocommerce_currency'                              => $regulars_test_input['currency'],
	'woocommerce_calc_taxes'                            => 'no',
	'woocommerce_enable_coupons'                        => 'yes',
	'woocommerce_enable_guest_checkout'                 => 'yes',
	'woocommerce_enable_signup_and_login_from_checkout' => 'yes',
	'woocommerce_enable_myaccount_registration'         => 'yes',
	'woocommerce_registration_generate_password'        => 'no',
	'woocommerce_cod_settings'                          => array(
		'enabled'            => 'yes',
		'title'              => 'Cash on delivery',
		'enable_for_methods' => array(),
		'enable_for_virtual' => 'yes',
	),
	'woocommerce_onboarding_profile'                    => array( 'skipped' => true ),
	'woocommerce_task_list_hidden'                      => 'yes',
	'woocommerce_allow_tracking'                        => 'no',
	'woocommerce_show_marketplace_suggestions'          => 'no',
);
foreach ( $settings as $name => $value ) {
	update_option( $name, $value );
}
delete_transient( '_wc_activation_redirect' );
( new WC_Shipping_Zone( 0 ) )->add_shipping_method( 'free_shipping' );

global $wpdb;
$wpdb->insert(
	$wpdb->prefix . 'woocommerce_api_keys',
	array(
		'user_id'         => 1,
		'description'     => 'Test run',
		'permissions'     => 'read_write',
		'consumer_key'    => wc_api_hash( $regulars_test_input['consumer_key'] ),
		'consumer_secret' => $regulars_test_input['consumer_secret'],
		'truncated_key'   => substr( $regulars_test_input['consumer_key'], -7 ),
	)
);
flush_rewrite_rules();

regulars_test_answer(
	array(
		'result' => array(
			'wordpress'   => get_bloginfo( 'version' ),
			'woocommerce' => WC()->version,
			'php'         => PHP_VERSION,
		),
	)
);
