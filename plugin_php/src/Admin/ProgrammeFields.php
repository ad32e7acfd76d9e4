<?php
/**
 * The fields of the programme's form.
 *
 * @package Regulars
 */

namespace Regulars\Admin;

defined( 'ABSPATH' ) || exit;

/**
 * What the form asks for, under which headings: a setting of the connector's document by its path, its label, and
 * what is typed there. That is 'whole' for whole numbers, 'decimal', 'percent' for a share, 'yes' for a box to tick,
 * or a choice of words by value.
 */
final class ProgrammeFields {

	/**
	 * Label and kind by path, by heading.
	 *
	 * @return array<string,array<string,array{0:string,1:string|array<string,string>}>>
	 */
	public static function sections(): array {
		return array(
			__( 'Earning points', 'regulars-for-woocommerce' )   => array(
				'earning.rate'      => array( __( 'Points per currency unit', 'regulars-for-woocommerce' ), 'decimal' ),
				'earning.rounding'  => array( __( 'Fractions of a point', 'regulars-for-woocommerce' ), ProgrammeWords::roundings() ),
				'earning.hold_days' => array( __( 'Days until points can be spent', 'regulars-for-woocommerce' ), 'whole' ),
			),
			__( 'Redeeming points', 'regulars-for-woocommerce' ) => array(
				'redeeming.enabled'         => array( __( 'Customers may pay with points', 'regulars-for-woocommerce' ), 'yes' ),
				'redeeming.points_per_unit' => array( __( 'Points for one currency unit of discount', 'regulars-for-woocommerce' ), 'whole' ),
				'redeeming.minimum'         => array( __( 'Fewest points to redeem', 'regulars-for-woocommerce' ), 'whole' ),
				'redeeming.step'            => array( __( 'In steps of', 'regulars-for-woocommerce' ), 'whole' ),
				'redeeming.largest_share'   => array( __( 'Most of a cart that points may pay (%)', 'regulars-for-woocommerce' ), 'percent' ),
			),
			__( 'Expiry of points', 'regulars-for-woocommerce' ) => array(
				'expiry.basis'     => array( __( 'Points expire', 'regulars-for-woocommerce' ), ProgrammeWords::expiries() ),
				'expiry.months'    => array( __( 'After months', 'regulars-for-woocommerce' ), 'whole' ),
				'expiry.warn_days' => array( __( 'Days of warning', 'regulars-for-woocommerce' ), 'whole' ),
			),
			__( 'How tiers are earned', 'regulars-for-woocommerce' ) => array(
				'ladder.basis'  => array( __( 'Thresholds count', 'regulars-for-woocommerce' ), ProgrammeWords::bases() ),
				'ladder.window' => array( __( 'Over', 'regulars-for-woocommerce' ), ProgrammeWords::windows() ),
				'ladder.months' => array( __( 'Months, where the window moves', 'regulars-for-woocommerce' ), 'whole' ),
			),
			__( 'Scores', 'regulars-for-woocommerce' )           => array(
				'scoring.horizon_months'  => array( __( 'Months ahead for which a customer’s value is expected', 'regulars-for-woocommerce' ), 'whole' ),
				'scoring.lookback_months' => array( __( 'Months back in which purchases are counted (0: all)', 'regulars-for-woocommerce' ), 'whole' ),
			),
			__( 'Measuring', 'regulars-for-woocommerce' )        => array(
				'governor.hold_out_percent' => array( __( 'Customers kept without offers, to measure against (%)', 'regulars-for-woocommerce' ), 'decimal' ),
			),
		);
	}

	/**
	 * What is typed for each setting, by path.
	 *
	 * @return array<string,string|array<string,string>>
	 */
	public static function kinds(): array {
		$kinds = array();
		foreach ( self::sections() as $fields ) {
			$kinds += array_combine( array_keys( $fields ), array_column( $fields, 1 ) );
		}
		return $kinds;
	}
}
