<?php
/**
 * One row of the outbox.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * A row as it was read. Times are Unix times.
 */
final class OutboxRow {

	/**
	 * Key of the row.
	 *
	 * @var int
	 */
	public $id;

	/**
	 * Either 'order', 'customer' or 'review'.
	 *
	 * @var string
	 */
	public $resource;

	/**
	 * Id of the order or user.
	 *
	 * @var int
	 */
	public $resource_id;

	/**
	 * Either 'waiting' or 'failed'.
	 *
	 * @var string
	 */
	public $status;

	/**
	 * What happened since the last delivery.
	 *
	 * @var string[]
	 */
	public $causes;

	/**
	 * Rises with every change.
	 *
	 * @var int
	 */
	public $generation;

	/**
	 * Rises with every attempt to send this generation.
	 *
	 * @var int
	 */
	public $attempts;

	/**
	 * When sending this generation first failed.
	 *
	 * @var int|null
	 */
	public $first_failed_at;

	/**
	 * When the next attempt is due.
	 *
	 * @var int
	 */
	public $next_attempt;

	/**
	 * Id of the frozen message.
	 *
	 * @var string|null
	 */
	public $webhook_id;

	/**
	 * The frozen message, JSON.
	 *
	 * @var string|null
	 */
	public $body;

	/**
	 * Why the last attempt failed.
	 *
	 * @var string|null
	 */
	public $last_error;

	/**
	 * Reads a row of the table.
	 *
	 * @param array<string,string|null> $columns Values by column.
	 */
	public function __construct( array $columns ) {
		$this->id              = (int) $columns['id'];
		$this->resource        = (string) $columns['resource'];
		$this->resource_id     = (int) $columns['resource_id'];
		$this->status          = (string) $columns['status'];
		$this->causes          = array_values( array_filter( explode( ',', (string) $columns['causes'] ) ) );
		$this->generation      = (int) $columns['generation'];
		$this->attempts        = (int) $columns['attempts'];
		$this->first_failed_at = $columns['first_failed_at'] ? (int) strtotime( $columns['first_failed_at'] . ' UTC' ) : null;
		$this->next_attempt    = (int) strtotime( $columns['next_attempt'] . ' UTC' );
		$this->webhook_id      = $columns['webhook_id'];
		$this->body            = $columns['body'];
		$this->last_error      = $columns['last_error'];
	}

	/**
	 * What must still be true of the row for a write to count.
	 *
	 * @return array<string,int>
	 */
	public function version(): array {
		return array(
			'id'         => $this->id,
			'generation' => $this->generation,
			'attempts'   => $this->attempts,
		);
	}
}
