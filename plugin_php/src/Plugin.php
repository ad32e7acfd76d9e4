<?php
/**
 * Builds the parts of the plugin and lets each register its own hooks.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * The one place that knows which classes there are.
 */
final class Plugin {

	/**
	 * Tells WooCommerce which of its storage and checkout features we work with.
	 */
	public static function declare_compatibility(): void {
		$features = '\Automattic\WooCommerce\Utilities\FeaturesUtil';
		if ( class_exists( $features ) ) {
			$features::declare_compatibility( 'custom_order_tables', REGULARS_FILE, true );
			$features::declare_compatibility( 'cart_checkout_blocks', REGULARS_FILE, true );
		}
	}

	/**
	 * Starts the plugin, or explains in WP admin why it cannot run.
	 */
	public static function boot(): void {
		add_action( 'init', array( __CLASS__, 'load_translations' ), 0 );
		$requirements = new Requirements();
		if ( ! $requirements->are_met() ) {
			$requirements->register();
			return;
		}
		Installation::upgrade();

		$connection = new Connection();
		$outbox     = new Outbox();
		$schedule   = new Schedule( $outbox );
		$client     = new ConnectorClient();
		$deliveries = new DeliveryRecord();

		$schedule->register();
		( new Sender( $connection, $outbox, $schedule, $client, $deliveries ) )->register();
		if ( $connection->is_live() ) {
			self::watch( $connection, new Changes( $outbox, $schedule ) );
			( new RedeemForm( $connection, new Redeemer( $connection, $client, new RedemptionCoupon() ) ) )->register();
		}
		( new LineFacts() )->register();
		( new RestFields() )->register();
		( new AboutYou( $connection ) )->register();
		( new RedemptionCoupon() )->register();
		( new PayingAfterAll() )->register();
		( new MyAccount( $connection ) )->register();
		( new PersonalData( $connection ) )->register();
		if ( is_admin() ) {
			self::administer( $connection, $outbox, $schedule, $client, $deliveries );
		}
	}

	/**
	 * Starts what notices changes.
	 *
	 * @param Connection $connection The connection.
	 * @param Changes    $changes    Where they are noted.
	 */
	private static function watch( Connection $connection, Changes $changes ): void {
		$changes->register();
		( new OrderWatcher( $changes ) )->register();
		( new CustomerWatcher( $changes, $connection ) )->register();
		( new ReviewWatcher( $changes ) )->register();
		( new Referrals() )->register();
	}

	/**
	 * Starts the settings page.
	 *
	 * @param Connection      $connection The connection.
	 * @param Outbox          $outbox     What waits to be sent.
	 * @param Schedule        $schedule   Our scheduled actions.
	 * @param ConnectorClient $client     The way to the connector.
	 * @param DeliveryRecord  $deliveries How the last deliveries went.
	 */
	private static function administer( Connection $connection, Outbox $outbox, Schedule $schedule, ConnectorClient $client, DeliveryRecord $deliveries ): void {
		$pairing   = new Pairing( $connection, $client, $outbox, $schedule, $deliveries );
		$status    = new Admin\StatusFeed( $connection, $client, $outbox, $schedule, $deliveries );
		$programme = new Admin\ProgrammePage( $connection, $client );
		( new Admin\SettingsActions( $pairing, $outbox, $schedule, $deliveries ) )->register();
		$status->register();
		$programme->register();
		( new Admin\SettingsPage( $connection, $status, $outbox, $programme ) )->register();
	}

	/**
	 * Points WordPress at our own translations; it reads them when the first string is needed.
	 */
	public static function load_translations(): void {
		load_plugin_textdomain( 'regulars-for-woocommerce', false, dirname( plugin_basename( REGULARS_FILE ) ) . '/languages' );
	}
}
