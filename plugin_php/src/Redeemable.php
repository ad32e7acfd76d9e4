<?php
/**
 * How many points a customer may redeem, and what they are worth.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * The limits the connector wrote to the customer. They serve to fill in the form: the connector decides. Pure.
 */
final class Redeemable {

	/**
	 * The fewest points.
	 *
	 * @var int
	 */
	public $from;

	/**
	 * The most points.
	 *
	 * @var int
	 */
	public $to;

	/**
	 * Points go by this step.
	 *
	 * @var int
	 */
	public $step;

	/**
	 * How many points buy one unit of money.
	 *
	 * @var int
	 */
	public $per_unit;

	/**
	 * The largest share of a cart that points may pay, from 0 to 1.
	 *
	 * @var float
	 */
	public $share;

	/**
	 * Currency that points are worth something in.
	 *
	 * @var string
	 */
	public $currency;

	/**
	 * Its number of decimals.
	 *
	 * @var int
	 */
	public $decimals;

	/**
	 * Reads what the connector wrote; null when nothing can be redeemed.
	 *
	 * @param string $json The value of the meta regulars_redeem.
	 */
	public static function read( string $json ): ?self {
		$given = json_decode( $json, true );
		$given = is_array( $given ) ? $given : array();
		$found = new self();
		foreach ( array( 'from', 'to', 'step', 'per_unit', 'decimals' ) as $name ) {
			$found->$name = isset( $given[ $name ] ) && is_int( $given[ $name ] ) ? $given[ $name ] : -1;
		}
		$found->share    = isset( $given['share'] ) && is_numeric( $given['share'] ) ? (float) $given['share'] : 0.0;
		$found->currency = isset( $given['currency'] ) && is_string( $given['currency'] ) ? $given['currency'] : '';
		return $found->makes_sense() ? $found : null;
	}

	/**
	 * What points are worth: money, rounded down to what the currency knows.
	 *
	 * @param int $points Points.
	 */
	public function worth( int $points ): float {
		return $this->minor( $points ) / 10 ** $this->decimals;
	}

	/**
	 * The most points that fit a cart; 0 when the cart is too small for any.
	 *
	 * @param float $subtotal What the cart is worth before discounts.
	 */
	public function most_for( float $subtotal ): int {
		$cart  = (int) round( $subtotal * 10 ** $this->decimals );
		$fit   = (int) floor( $cart * $this->share * $this->per_unit / 10 ** $this->decimals ) + $this->per_unit;
		$most  = min( $this->to, $fit );
		$most -= $most % $this->step;
		while ( $most >= $this->from && $this->minor( $most ) > floor( $cart * $this->share + 1e-6 ) ) {
			$most -= $this->step;
		}
		return $most >= $this->from ? $most : 0;
	}

	/**
	 * What points are worth in the currency's smallest unit.
	 *
	 * @param int $points Points.
	 */
	private function minor( int $points ): int {
		return intdiv( $points * 10 ** $this->decimals, $this->per_unit );
	}

	/**
	 * Whether there is anything to choose from.
	 */
	private function makes_sense(): bool {
		return $this->from > 0 && $this->to >= $this->from && $this->step > 0 && $this->per_unit > 0
			&& $this->decimals >= 0 && $this->decimals <= 4 && $this->share > 0 && $this->share <= 1 && '' !== $this->currency;
	}
}
