<?php
/**
 * Words for the choices of the programme.
 *
 * @package Regulars
 */

namespace Regulars\Admin;

defined( 'ABSPATH' ) || exit;

/**
 * What the connector calls a choice, and what people call it.
 */
final class ProgrammeWords {

	/**
	 * What becomes of fractions of a point.
	 *
	 * @return array<string,string>
	 */
	public static function roundings(): array {
		return array(
			'down'    => __( 'Rounded down', 'regulars-for-woocommerce' ),
			'nearest' => __( 'Rounded to the nearest', 'regulars-for-woocommerce' ),
			'up'      => __( 'Rounded up', 'regulars-for-woocommerce' ),
		);
	}

	/**
	 * When points expire.
	 *
	 * @return array<string,string>
	 */
	public static function expiries(): array {
		return array(
			'never'      => __( 'Never', 'regulars-for-woocommerce' ),
			'earned'     => __( 'Some months after they were earned', 'regulars-for-woocommerce' ),
			'inactivity' => __( 'Some months after the last order or redemption', 'regulars-for-woocommerce' ),
		);
	}

	/**
	 * What thresholds of tiers count.
	 *
	 * @return array<string,string>
	 */
	public static function bases(): array {
		return array(
			'net_spend' => __( 'What was spent, after refunds', 'regulars-for-woocommerce' ),
			'orders'    => __( 'Orders', 'regulars-for-woocommerce' ),
			'points'    => __( 'Points earned', 'regulars-for-woocommerce' ),
		);
	}

	/**
	 * Over which time.
	 *
	 * @return array<string,string>
	 */
	public static function windows(): array {
		return array(
			'rolling_months' => __( 'The last months', 'regulars-for-woocommerce' ),
			'calendar_year'  => __( 'The calendar year', 'regulars-for-woocommerce' ),
			'lifetime'       => __( 'All time', 'regulars-for-woocommerce' ),
		);
	}

	/**
	 * What campaigns wait for.
	 *
	 * @return array<string,string>
	 */
	public static function triggers(): array {
		return array(
			'welcome'         => __( 'Welcome, for the first order', 'regulars-for-woocommerce' ),
			'second_purchase' => __( 'Second purchase', 'regulars-for-woocommerce' ),
			'tier_reached'    => __( 'A tier reached', 'regulars-for-woocommerce' ),
			'birthday'        => __( 'Birthday', 'regulars-for-woocommerce' ),
			'anniversary'     => __( 'Anniversary of joining', 'regulars-for-woocommerce' ),
			'win_back'        => __( 'Win back who stays away', 'regulars-for-woocommerce' ),
			'vip'             => __( 'Best customers', 'regulars-for-woocommerce' ),
			'season'          => __( 'Season', 'regulars-for-woocommerce' ),
			'by_hand'         => __( 'By hand', 'regulars-for-woocommerce' ),
		);
	}
}
