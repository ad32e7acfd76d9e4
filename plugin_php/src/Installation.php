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
	private const UNFINISHED     = 'regulars_unfinished';

	/**
	 * Runs when the plugin is activated.
	 */
	public static function activate(): void {
		OutboxTable::create();
		update_option( self::VERSION_OPTION, OutboxTable::VERSION );
		update_option( self::UNFINISHED, 'yes' );
		// An option that is missing costs every request a query; an empty one is loaded with the others.
		add_option( Connection::OPTION, array() );
	}

	/**
	 * Runs when the plugin is deactivated: nothing of ours is left scheduled. The connection itself is kept.
	 */
	public static function deactivate(): void {
		if ( function_exists( 'as_unschedule_all_actions' ) ) {
			as_unschedule_all_actions( '', array(), Schedule::GROUP );
		}
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
		add_action( 'init', array( __CLASS__, 'finish' ), 99 );
	}

	/**
	 * Finishes an activation once WooCommerce has added its endpoints, ours among them: writes the rewrite rules and
	 * schedules our actions.
	 */
	public static function finish(): void {
		if ( 'yes' === get_option( self::UNFINISHED ) ) {
			update_option( self::UNFINISHED, 'no' );
			flush_rewrite_rules( false );
			// Deactivation removed what was scheduled; what waits goes out again.
			$schedule = new Schedule( new Outbox() );
			$schedule->ensure_tending();
			$schedule->tend();
		}
	}
}
