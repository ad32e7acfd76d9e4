<?php
/**
 * What is still to do for a tier.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Says in the shopper's language what the connector wrote in figures.
 */
final class TierProgress {

	private const GOALS = array( 'keep', 'reach' );

	/**
	 * What the connector wrote.
	 *
	 * @var array<string,mixed>
	 */
	private $given;

	/**
	 * Takes what the connector wrote.
	 *
	 * @param string $json The value of the meta regulars_progress.
	 */
	public function __construct( string $json ) {
		$given       = json_decode( $json, true );
		$this->given = is_array( $given ) ? $given : array();
	}

	/**
	 * One sentence for each goal: first how to keep the tier, then how to reach the next.
	 *
	 * @param callable $name  Gives the name of a tier by its slug.
	 * @param callable $price Gives an amount of money as text.
	 * @return string[] Plain text.
	 */
	public function sentences( callable $name, callable $price ): array {
		$found = array();
		foreach ( self::GOALS as $goal ) {
			$step     = $this->step( $goal );
			$sentence = $step ? $this->sentence( $goal, '' !== $step['by'] ) : '';
			if ( '' !== $sentence ) {
				$amount  = 'net_spend' === $this->basis() ? $price( $step['amount'] ) : number_format_i18n( (int) $step['amount'] );
				$found[] = sprintf( $sentence, $amount, $name( $step['tier'] ), $step['by'] );
			}
		}
		return $found;
	}

	/**
	 * A goal as it was written, or null when there is nothing to do for it.
	 *
	 * @param string $goal 'keep' or 'reach'.
	 * @return array{tier:string,amount:string,by:string}|null
	 */
	private function step( string $goal ): ?array {
		$step = isset( $this->given[ $goal ] ) && is_array( $this->given[ $goal ] ) ? $this->given[ $goal ] : array();
		if ( ! isset( $step['tier'], $step['amount'] ) || ! is_string( $step['tier'] ) || ! is_numeric( $step['amount'] ) || $step['amount'] <= 0 ) {
			return null;
		}
		$day = isset( $step['by'] ) ? \DateTimeImmutable::createFromFormat( '!Y-m-d', (string) $step['by'], new \DateTimeZone( 'UTC' ) ) : false;
		return array(
			'tier'   => $step['tier'],
			'amount' => (string) $step['amount'],
			'by'     => $day ? (string) wp_date( get_option( 'date_format' ), $day->getTimestamp(), new \DateTimeZone( 'UTC' ) ) : '',
		);
	}

	/**
	 * What thresholds are measured in.
	 */
	private function basis(): string {
		return isset( $this->given['basis'] ) && is_string( $this->given['basis'] ) ? $this->given['basis'] : '';
	}

	/**
	 * The sentence for a goal; empty for a basis we do not know.
	 *
	 * @param string $goal   'keep' or 'reach'.
	 * @param bool   $by_day Whether it has a last day.
	 */
	private function sentence( string $goal, bool $by_day ): string {
		$sentences = array(
			/* translators: 1: amount of money, 2: name of a tier, 3: date */
			'keep net_spend by'  => __( 'Spend %1$s more by %3$s to keep %2$s.', 'regulars-for-woocommerce' ),
			/* translators: 1: amount of money, 2: name of a tier */
			'keep net_spend'     => __( 'Spend %1$s more to keep %2$s.', 'regulars-for-woocommerce' ),
			/* translators: 1: amount of money, 2: name of a tier, 3: date */
			'reach net_spend by' => __( 'Spend %1$s more by %3$s to reach %2$s.', 'regulars-for-woocommerce' ),
			/* translators: 1: amount of money, 2: name of a tier */
			'reach net_spend'    => __( 'Spend %1$s more to reach %2$s.', 'regulars-for-woocommerce' ),
			/* translators: 1: number of orders, 2: name of a tier, 3: date */
			'keep orders by'     => __( 'Orders needed by %3$s to keep %2$s: %1$s', 'regulars-for-woocommerce' ),
			/* translators: 1: number of orders, 2: name of a tier */
			'keep orders'        => __( 'Orders needed to keep %2$s: %1$s', 'regulars-for-woocommerce' ),
			/* translators: 1: number of orders, 2: name of a tier, 3: date */
			'reach orders by'    => __( 'Orders needed by %3$s to reach %2$s: %1$s', 'regulars-for-woocommerce' ),
			/* translators: 1: number of orders, 2: name of a tier */
			'reach orders'       => __( 'Orders needed to reach %2$s: %1$s', 'regulars-for-woocommerce' ),
			/* translators: 1: number of points, 2: name of a tier, 3: date */
			'keep points by'     => __( 'Points to earn by %3$s to keep %2$s: %1$s', 'regulars-for-woocommerce' ),
			/* translators: 1: number of points, 2: name of a tier */
			'keep points'        => __( 'Points to earn to keep %2$s: %1$s', 'regulars-for-woocommerce' ),
			/* translators: 1: number of points, 2: name of a tier, 3: date */
			'reach points by'    => __( 'Points to earn by %3$s to reach %2$s: %1$s', 'regulars-for-woocommerce' ),
			/* translators: 1: number of points, 2: name of a tier */
			'reach points'       => __( 'Points to earn to reach %2$s: %1$s', 'regulars-for-woocommerce' ),
		);
		return $sentences[ $goal . ' ' . $this->basis() . ( $by_day ? ' by' : '' ) ] ?? '';
	}
}
