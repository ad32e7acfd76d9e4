<?php
/**
 * How far the connector is with the store's history, in words.
 *
 * @package Regulars
 */

namespace Regulars\Admin;

defined( 'ABSPATH' ) || exit;

/**
 * Reads the part "backfill" of the connector's status.
 */
final class SyncProgress {

	/**
	 * The connector's status.
	 *
	 * @var array<string,mixed>
	 */
	private $status;

	/**
	 * Numbers of the backfill.
	 *
	 * @var array<string,mixed>
	 */
	private $backfill;

	/**
	 * Takes the last status the connector gave.
	 *
	 * @param array<string,mixed> $status The status; may be empty.
	 */
	public function __construct( array $status ) {
		$this->status   = $status;
		$this->backfill = isset( $status['backfill'] ) && is_array( $status['backfill'] ) ? $status['backfill'] : array();
	}

	/**
	 * State ('unknown', 'waiting', 'running', 'done' or 'failed'), percentage and a sentence.
	 *
	 * @return array{state:string,percent:int,text:string}
	 */
	public function view(): array {
		$state = (string) ( $this->backfill['state'] ?? '' );
		$state = in_array( $state, array( 'waiting', 'running', 'done', 'failed' ), true ) ? $state : 'unknown';
		return array(
			'state'   => $state,
			'percent' => 'done' === $state ? 100 : $this->percent(),
			'text'    => $this->text( $state ),
		);
	}

	/**
	 * Share of the history that has been read. The number of orders is known only once the customers are read, so
	 * customers are taken for a fifth of the way.
	 */
	private function percent(): int {
		switch ( $this->backfill['phase'] ?? '' ) {
			case 'customers':
				return (int) floor( 20 * $this->share( 'customers' ) );
			case 'orders':
				return (int) floor( 20 + 79 * $this->share( 'orders' ) );
			default:
				return 0;
		}
	}

	/**
	 * Share of the customers or orders that has been read, from 0 to 1; 0 while their number is not known.
	 *
	 * @param string $what 'customers' or 'orders'.
	 */
	private function share( string $what ): float {
		$total = $this->number( $what . '_total' );
		return $total > 0 ? min( 1.0, $this->number( $what . '_done' ) / $total ) : 0.0;
	}

	/**
	 * The sentence.
	 *
	 * @param string $state State of the backfill.
	 */
	private function text( string $state ): string {
		switch ( $state ) {
			case 'done':
				/* translators: 1: number of customers, 2: number of orders */
				return sprintf( __( 'Complete: %1$s customers and %2$s orders', 'regulars-for-woocommerce' ), number_format_i18n( $this->total( 'customers' ) ), number_format_i18n( $this->total( 'orders' ) ) );
			case 'failed':
				return __( 'Reading your order history has stopped. The connector keeps what it has read; please ask whoever runs it to resume.', 'regulars-for-woocommerce' );
			case 'running':
				return $this->running();
			case 'waiting':
				return __( 'The connector is about to read your order history', 'regulars-for-woocommerce' );
			default:
				return __( 'Not known yet', 'regulars-for-woocommerce' );
		}
	}

	/**
	 * The sentence while the history is being read.
	 */
	private function running(): string {
		$phase = (string) ( $this->backfill['phase'] ?? '' );
		if ( 'customers' === $phase ) {
			/* translators: 1: customers read so far, 2: customers in all */
			return sprintf( __( 'Reading customers: %1$s of %2$s', 'regulars-for-woocommerce' ), $this->formatted( 'customers_done' ), $this->formatted( 'customers_total' ) );
		}
		if ( 'orders' === $phase && 0 === $this->number( 'orders_total' ) ) {
			return __( 'The connector is about to read your order history', 'regulars-for-woocommerce' );
		}
		if ( 'orders' === $phase ) {
			/* translators: 1: orders read so far, 2: orders in all */
			return sprintf( __( 'Reading orders: %1$s of %2$s', 'regulars-for-woocommerce' ), $this->formatted( 'orders_done' ), $this->formatted( 'orders_total' ) );
		}
		return __( 'Working out points, tiers and coupons', 'regulars-for-woocommerce' );
	}

	/**
	 * How many customers or orders the connector knows; while it has not counted yet, how many it has read.
	 *
	 * @param string $what 'customers' or 'orders'.
	 */
	private function total( string $what ): int {
		return isset( $this->status[ $what ] ) ? (int) $this->status[ $what ] : $this->number( $what . '_done' );
	}

	/**
	 * A number of the backfill.
	 *
	 * @param string $name Its name.
	 */
	private function number( string $name ): int {
		return max( 0, (int) ( $this->backfill[ $name ] ?? 0 ) );
	}

	/**
	 * A number of the backfill in the site's own format.
	 *
	 * @param string $name Its name.
	 */
	private function formatted( string $name ): string {
		return number_format_i18n( $this->number( $name ) );
	}
}
