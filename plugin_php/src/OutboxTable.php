<?php
/**
 * The table of changes the connector has not confirmed yet.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Name and shape of the table.
 */
final class OutboxTable {

	public const VERSION = '1';

	/**
	 * Full name of the table on this site.
	 */
	public static function name(): string {
		global $wpdb;
		return $wpdb->prefix . 'regulars_outbox';
	}

	/**
	 * Creates the table, or adds what a newer version of it has. All times are UTC.
	 */
	public static function create(): void {
		global $wpdb;
		require_once ABSPATH . 'wp-admin/includes/upgrade.php';
		$table   = self::name();
		$collate = $wpdb->get_charset_collate();
		dbDelta(
			"CREATE TABLE {$table} (
				id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
				resource varchar(20) NOT NULL,
				resource_id bigint(20) unsigned NOT NULL,
				status varchar(10) NOT NULL DEFAULT 'waiting',
				causes varchar(250) NOT NULL DEFAULT '',
				generation bigint(20) unsigned NOT NULL DEFAULT 1,
				attempts smallint(5) unsigned NOT NULL DEFAULT 0,
				changed_at datetime NOT NULL,
				first_failed_at datetime DEFAULT NULL,
				next_attempt datetime NOT NULL,
				webhook_id varchar(64) DEFAULT NULL,
				body longtext DEFAULT NULL,
				last_error varchar(500) DEFAULT NULL,
				PRIMARY KEY  (id),
				UNIQUE KEY resource (resource,resource_id),
				KEY due (status,next_attempt)
			) {$collate};"
		);
	}
}
