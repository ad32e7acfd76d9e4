<?php
/**
 * What the plugin needs to run.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Checks PHP and WooCommerce, and says in WP admin what is missing.
 */
final class Requirements {

	private const PHP         = '7.4';
	private const WOOCOMMERCE = '9.0';

	/**
	 * Whether this site can run the plugin.
	 */
	public function are_met(): bool {
		return version_compare( PHP_VERSION, self::PHP, '>=' )
			&& defined( 'WC_VERSION' )
			&& version_compare( WC_VERSION, self::WOOCOMMERCE, '>=' );
	}

	/**
	 * Shows what is missing to those who can change it.
	 */
	public function register(): void {
		add_action( 'admin_notices', array( $this, 'show_notice' ) );
	}

	/**
	 * Prints the notice.
	 */
	public function show_notice(): void {
		if ( ! current_user_can( 'activate_plugins' ) ) {
			return;
		}
		printf( '<div class="notice notice-error"><p>%s</p></div>', esc_html( $this->missing() ) );
	}

	/**
	 * The first requirement that is not met, as a sentence.
	 */
	private function missing(): string {
		if ( version_compare( PHP_VERSION, self::PHP, '<' ) ) {
			/* translators: 1: PHP version that is needed, 2: PHP version of this site */
			return sprintf( __( 'Regulars needs PHP %1$s or newer; this site runs PHP %2$s. Ask your host for a newer PHP version.', 'regulars-for-woocommerce' ), self::PHP, PHP_VERSION );
		}
		if ( ! defined( 'WC_VERSION' ) ) {
			return __( 'Regulars needs WooCommerce. Install and activate WooCommerce first.', 'regulars-for-woocommerce' );
		}
		/* translators: 1: WooCommerce version that is needed, 2: WooCommerce version of this site */
		return sprintf( __( 'Regulars needs WooCommerce %1$s or newer; this site runs WooCommerce %2$s. Please update WooCommerce.', 'regulars-for-woocommerce' ), self::WOOCOMMERCE, WC_VERSION );
	}
}
