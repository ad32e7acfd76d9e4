<?php
/**
 * Plugin Name: Regulars for WooCommerce
 * Description: Points, tiers and personal coupons that bring customers back. Forwards orders to your Regulars connector and shows the rewards under My Account.
 * Version: 0.1.0
 * Author: The Regulars contributors
 * License: GPL-2.0-or-later
 * License URI: https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain: regulars-for-woocommerce
 * Domain Path: /languages
 * Requires at least: 6.5
 * Requires PHP: 7.4
 * Requires Plugins: woocommerce
 * WC requires at least: 9.0
 * WC tested up to: 10.9
 *
 * @package Regulars
 */

defined( 'ABSPATH' ) || exit;

define( 'REGULARS_VERSION', '0.1.0' );
define( 'REGULARS_FILE', __FILE__ );

require_once __DIR__ . '/src/autoload.php';

register_activation_hook( __FILE__, array( Regulars\Installation::class, 'activate' ) );
register_deactivation_hook( __FILE__, array( Regulars\Installation::class, 'deactivate' ) );

add_action( 'before_woocommerce_init', array( Regulars\Plugin::class, 'declare_compatibility' ) );
add_action( 'plugins_loaded', array( Regulars\Plugin::class, 'boot' ) );
