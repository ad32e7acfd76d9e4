<?php
/**
 * What activation, an update and deactivation do.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Keeps table and rewrite rules as this version of the plugin needs them.
 */
final class Installation {

	private const VERSION_OPTION = 'regulars_db_version';
	private const FLUSH_OPTION   = 'regulars_flush_rewrite_rules';

	/**
	 * Runs when the plugin is activated.
	 */
	public static function activate(): void {
		OutboxTable::create();
		update_option( self::VERSION_OPTION, OutboxTable::VERSION );
		self::queue_flush();
	}

	/**
	 * Runs when the plugin is deactivated: nothing of ours is left scheduled. The connection itself is kept.
	 */
	public static function deactivate(): void {
		if ( function_exists( 'as_unschedule_all_actions' ) ) {
			as_unschedule_all_actions( '', array(), Schedule::GROUP );
		}
		delete_option( self::FLUSH_OPTION );
		// The stored rules still hold our endpoint; WordPress writes new ones when they are next needed.
		delete_option( 'rewrite_rules' );
	}

	/**
	 * Brings the table up to date after an update (activation does not run then).
	 */
	public static function upgrade(): void {
		if ( OutboxTable::VERSION !== get_option( self::VERSION_OPTION ) ) {
			self::activate();
		}
		add_action( 'init', array( __CLASS__, 'flush_if_queued' ), 99 );
	}

	/**
	 * Writes the rewrite rules once WooCommerce has added its endpoints, ours among them.
	 */
	public static function flush_if_queued(): void {
		if ( 'yes' === get_option( self::FLUSH_OPTION ) ) {
			delete_option( self::FLUSH_OPTION );
			flush_rewrite_rules( false );
		}
	}

	/**
	 * Asks for new rewrite rules on the next request, when the endpoint is registered.
	 */
	private static function queue_flush(): void {
		update_option( self::FLUSH_OPTION, 'yes' );
	}
}
