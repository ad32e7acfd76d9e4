<?php
/**
 * Why points could not be redeemed.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * A sentence for the shopper. What only the store owner could mend is not the shopper's business.
 */
final class RedeemRefusal {

	/**
	 * What the connector answered.
	 *
	 * @var ConnectorReply
	 */
	private $reply;

	/**
	 * Takes the answer.
	 *
	 * @param ConnectorReply $reply What the connector answered.
	 */
	public function __construct( ConnectorReply $reply ) {
		$this->reply = $reply;
	}

	/**
	 * Whether the connector has decided. If not, it may have redeemed the points though its answer was lost: asking
	 * again under the same key is right then.
	 *
	 * @param ConnectorReply $reply What the connector answered.
	 */
	public static function is_final( ConnectorReply $reply ): bool {
		return $reply->status >= 400 && $reply->status < 500 && '' !== $reply->text( 'code' );
	}

	/**
	 * The sentence.
	 */
	public function sentence(): string {
		switch ( self::is_final( $this->reply ) ? $this->reply->text( 'code' ) : '' ) {
			case 'points_not_whole':
			case 'points_not_positive':
				return __( 'Please enter a whole number of points, more than zero.', 'regulars-for-woocommerce' );
			case 'points_below_minimum':
				return __( 'That is fewer points than can be redeemed at a time. Please choose more.', 'regulars-for-woocommerce' );
			case 'points_not_in_steps':
				return __( 'Points can only be redeemed in the steps shown. Please choose another number.', 'regulars-for-woocommerce' );
			case 'points_worth_nothing':
				return __( 'So few points are worth nothing yet. Please choose more.', 'regulars-for-woocommerce' );
			case 'points_not_enough':
				return __( 'You do not have that many points at the moment. Points that are still pending cannot be redeemed yet.', 'regulars-for-woocommerce' );
			case 'customer_blocked':
				return __( 'Your points cannot be redeemed. Please ask the shop.', 'regulars-for-woocommerce' );
			case 'redeeming_off':
				return __( 'Points cannot be redeemed in this shop at the moment.', 'regulars-for-woocommerce' );
			case 'unknown_customer':
				return __( 'You have no points yet. They appear here soon after your first order.', 'regulars-for-woocommerce' );
			case 'no_email':
				return __( 'Please add an e-mail address to your account first: the coupon is made out to it.', 'regulars-for-woocommerce' );
			case 'idempotency_key_reused':
				return __( 'This form was used before. Please try again.', 'regulars-for-woocommerce' );
		}
		return __( 'Points cannot be redeemed right now. Your points are safe; please try again in a few minutes.', 'regulars-for-woocommerce' );
	}
}
