<?php
/**
 * What is wrong with a programme, in the owner's language.
 *
 * @package Regulars
 */

namespace Regulars\Admin;

use Regulars\ConnectorReply;

defined( 'ABSPATH' ) || exit;

/**
 * Sentences for the codes the connector gives with every mistake. A code it has learnt since keeps its English.
 */
final class ProgrammeMistakes {

	/**
	 * What is wrong, by path.
	 *
	 * @param ConnectorReply $reply What the connector answered.
	 * @return array<string,string>
	 */
	public static function of( ConnectorReply $reply ): array {
		$errors = $reply->field_errors();
		$kinds  = ProgrammeFields::kinds();
		$known  = self::sentences();
		foreach ( array_intersect_key( $reply->field_reasons(), $errors ) as $path => $reasons ) {
			$sentences = array();
			foreach ( $reasons as $reason ) {
				$values      = 'percent' === ( $kinds[ $path ] ?? '' ) ? self::in_per_cent( $reason['values'] ) : $reason['values'];
				$sentences[] = Placeholders::fill( $known[ $reason['code'] ] ?? '', $values );
			}
			if ( ! in_array( '', $sentences, true ) ) {
				$errors[ $path ] = implode( ' ', $sentences );
			}
		}
		return $errors;
	}

	/**
	 * The bounds of a share as they are where it is typed in per cent.
	 *
	 * @param array<string,int|string> $values Bounds of the share.
	 * @return array<string,int|string>
	 */
	private static function in_per_cent( array $values ): array {
		foreach ( array( 'least', 'most' ) as $bound ) {
			if ( isset( $values[ $bound ] ) && is_numeric( $values[ $bound ] ) ) {
				$values[ $bound ] = (string) ( 100 * (float) $values[ $bound ] );
			}
		}
		if ( isset( $values['places'] ) ) {
			$values['places'] = max( 0, (int) $values['places'] - 2 );
		}
		return $values;
	}

	/**
	 * The sentences by code. What stands in braces is one of the values.
	 *
	 * @return array<string,string>
	 */
	private static function sentences(): array {
		return array(
			'empty'                => __( 'Must not be empty.', 'regulars-for-woocommerce' ),
			'missing'              => __( 'Must not be missing.', 'regulars-for-woocommerce' ),
			'unknown_setting'      => __( 'There is no such setting.', 'regulars-for-woocommerce' ),
			'no_settings'          => __( 'Must hold settings by name.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'other_format'         => __( 'Must be {format}. Read the programme again and change that.', 'regulars-for-woocommerce' ),
			'no_switch'            => __( 'Must be true or false.', 'regulars-for-woocommerce' ),
			'no_text'              => __( 'Must be text.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'no_choice'            => __( 'Must be one of: {choices}.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'no_name'              => __( 'Must be a name of 1 to {most} characters, without line breaks and without spaces around it.', 'regulars-for-woocommerce' ),
			'no_slug'              => __( 'Must be 1 to 40 lower-case letters, digits, - and _, such as win_back.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'not_whole'            => __( 'Must be a whole number from {least} to {most}.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'not_number'           => __( 'Must be a number from {least} to {most}.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'not_decimal'          => __( 'Must be a number from {least} to {most} with at most {places} decimals.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'not_above'            => __( 'Must be a number above {least}, at most {most}, with at most {places} decimals.', 'regulars-for-woocommerce' ),
			'no_day'               => __( 'Must be a date such as 2026-12-24.', 'regulars-for-woocommerce' ),
			'day_out_of_range'     => __( 'Must be a day from 2000 to 2999.', 'regulars-for-woocommerce' ),
			'before_first_day'     => __( 'Must not be before the first day.', 'regulars-for-woocommerce' ),
			'no_list'              => __( 'Must be a list.', 'regulars-for-woocommerce' ),
			'no_ids'               => __( 'Must be a list of ids.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'names_too_many'       => __( 'Must not name more than {most}.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'holds_too_many'       => __( 'Must not hold more than {most}.', 'regulars-for-woocommerce' ),
			'no_status'            => __( 'Must be a status as WooCommerce calls it, such as completed.', 'regulars-for-woocommerce' ),
			'no_statuses'          => __( 'Must name at least one status, such as completed: otherwise no order would ever count.', 'regulars-for-woocommerce' ),
			'no_currency'          => __( 'Must be a currency’s three letters, such as EUR.', 'regulars-for-woocommerce' ),
			'no_rates'             => __( 'Must hold a rate for each currency, such as EUR.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'no_country'           => __( '“{name}” is not a country’s two letters, such as DE.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'no_segment'           => __( 'There is no segment “{name}”. There are: {choices}.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'no_tier'              => __( 'There is no tier “{name}” on the ladder.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'name_taken'           => __( 'Another one is called “{name}” already.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'not_in_steps'         => __( 'Must be a multiple of the step, which is {step} points.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'warning_too_long'     => __( 'Must be shorter than the {months} months after which points expire.', 'regulars-for-woocommerce' ),
			'no_tiers'             => __( 'Must hold at least one tier, which starts at 0.', 'regulars-for-woocommerce' ),
			'lowest_not_zero'      => __( 'The lowest tier must start at 0, so that everybody has a tier.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'not_above_lower_tier' => __( 'Must be more than {least}, where “{name}” starts.', 'regulars-for-woocommerce' ),
			'falls_every_day'      => __( 'Must be at least 1 (or grace_days) where tiers fall by one step, or every day is a step.', 'regulars-for-woocommerce' ),
			'no_discount'          => __( 'Must be more than 0, or choose free_shipping as the kind.', 'regulars-for-woocommerce' ),
			'over_hundred_percent' => __( 'Must be at most 100 percent.', 'regulars-for-woocommerce' ),
			'nothing_to_scale'     => __( 'Free shipping has no amount that could follow a customer’s value. Leave this out.', 'regulars-for-woocommerce' ),
			'less_than_amount'     => __( 'Must be at least the discount’s own amount.', 'regulars-for-woocommerce' ),
			'no_deciles'           => __( 'Must be two numbers from 1 (the lowest) to 10 (the highest), the lower first.', 'regulars-for-woocommerce' ),
			'season_without_days'  => __( 'A season needs its first and its last day.', 'regulars-for-woocommerce' ),
			'one_variant'          => __( 'A test needs at least two variants. Leave them out for no test.', 'regulars-for-woocommerce' ),
			'not_four'             => __( 'Must be four numbers: what it takes to score 2, 3, 4 and 5.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'not_rising'           => __( 'Must be more than {least}, the number before.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'not_falling'          => __( 'Must be less than {most}, the number before.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'shares_not_hundred'   => __( 'The shares of the variants must sum to 100; they sum to {total}.', 'regulars-for-woocommerce' ),
		);
	}
}
