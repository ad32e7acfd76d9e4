<?php
/**
 * What a customer has earned.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Reads the user meta the connector writes.
 */
final class Rewards {

	public const META = array( 'regulars_tier', 'regulars_points', 'regulars_pending', 'regulars_expiring', 'regulars_redeem', 'regulars_segment', 'regulars_rfm', 'regulars_clv', 'regulars_scored_at', 'regulars_progress', 'regulars_invite', 'regulars_coupons' );

	/**
	 * Id of the customer.
	 *
	 * @var int
	 */
	private $user_id;

	/**
	 * Takes the customer.
	 *
	 * @param int $user_id Id of the user.
	 */
	public function __construct( int $user_id ) {
		$this->user_id = $user_id;
	}

	/**
	 * The tier as the programme calls it; 'member' for those who have none yet.
	 */
	public function tier(): string {
		$tier = Text::line( $this->meta( 'regulars_tier' ) );
		return '' === $tier ? 'member' : $tier;
	}

	/**
	 * Name of the tier for the shopper.
	 */
	public function tier_name(): string {
		return $this->name_of( $this->tier() );
	}

	/**
	 * What is still to do to keep the tier, and to reach the next: sentences in plain text.
	 *
	 * @return string[]
	 */
	public function progress(): array {
		$price = static function ( string $amount ): string {
			return html_entity_decode( wp_strip_all_tags( wc_price( (float) $amount, array( 'currency' => get_option( 'woocommerce_currency' ) ) ) ), ENT_QUOTES, 'UTF-8' );
		};
		return ( new TierProgress( $this->meta( 'regulars_progress' ) ) )->sentences( array( $this, 'name_of' ), $price );
	}

	/**
	 * Name of a tier for the shopper.
	 *
	 * @param string $tier Its slug.
	 */
	public function name_of( string $tier ): string {
		$names = array(
			'member' => _x( 'Member', 'tier', 'regulars-for-woocommerce' ),
			'silver' => _x( 'Silver', 'tier', 'regulars-for-woocommerce' ),
			'gold'   => _x( 'Gold', 'tier', 'regulars-for-woocommerce' ),
		);
		return $names[ $tier ] ?? ucfirst( $tier );
	}

	/**
	 * Points; never less than 0 for the shopper.
	 */
	public function points(): int {
		return max( 0, (int) $this->meta( 'regulars_points' ) );
	}

	/**
	 * Points that wait until an order can no longer be returned.
	 */
	public function pending(): int {
		return max( 0, (int) $this->meta( 'regulars_pending' ) );
	}

	/**
	 * The points that expire next, and the last day on which they can be used; null when none do.
	 *
	 * @return array{points:int,last_day:string}|null
	 */
	public function expiring(): ?array {
		$found = json_decode( $this->meta( 'regulars_expiring' ), true );
		$day   = is_array( $found ) && isset( $found['last_day'] ) ? \DateTimeImmutable::createFromFormat( '!Y-m-d', (string) $found['last_day'], new \DateTimeZone( 'UTC' ) ) : false;
		if ( ! $day || empty( $found['points'] ) || (int) $found['points'] <= 0 ) {
			return null;
		}
		return array(
			'points'   => (int) $found['points'],
			'last_day' => (string) wp_date( get_option( 'date_format' ), $day->getTimestamp(), new \DateTimeZone( 'UTC' ) ),
		);
	}

	/**
	 * What can be redeemed, or null.
	 */
	public function redeemable(): ?Redeemable {
		return Redeemable::read( $this->meta( 'regulars_redeem' ) );
	}

	/**
	 * Shows at once what the connector will write soon: that points were turned into a coupon.
	 *
	 * @param string              $code   The coupon's code.
	 * @param array<string,mixed> $answer What the connector answered.
	 */
	public function after_redeeming( string $code, array $answer ): void {
		if ( isset( $answer['balance'] ) && is_int( $answer['balance'] ) ) {
			update_user_meta( $this->user_id, 'regulars_points', (string) $answer['balance'] );
		}
		$limits = isset( $answer['redeeming'] ) && is_array( $answer['redeeming'] ) ? (string) wp_json_encode( $answer['redeeming'] ) : '';
		update_user_meta( $this->user_id, 'regulars_redeem', wp_slash( $limits ) );
		$codes = json_decode( $this->meta( 'regulars_coupons' ), true );
		$codes = is_array( $codes ) ? $codes : array();
		if ( ! in_array( $code, $codes, true ) ) {
			update_user_meta( $this->user_id, 'regulars_coupons', wp_slash( (string) wp_json_encode( array_merge( $codes, array( $code ) ) ) ) );
		}
	}

	/**
	 * Personal coupons that can be used now, in the order the connector gave them.
	 *
	 * @return \WC_Coupon[]
	 */
	public function coupons(): array {
		$codes = json_decode( $this->meta( 'regulars_coupons' ), true );
		$live  = array();
		foreach ( is_array( $codes ) ? $codes : array() as $code ) {
			$coupon = is_string( $code ) ? new \WC_Coupon( $code ) : null;
			if ( $coupon && $this->is_usable( $coupon ) ) {
				$live[] = $coupon;
			}
		}
		return $live;
	}

	/**
	 * Whether a coupon exists, is published, and is neither used up nor expired.
	 *
	 * @param \WC_Coupon $coupon The coupon.
	 */
	private function is_usable( \WC_Coupon $coupon ): bool {
		$expires = $coupon->get_date_expires();
		$limit   = $coupon->get_usage_limit();
		return $coupon->get_id() > 0
			&& 'publish' === get_post_status( $coupon->get_id() )
			&& ( ! $expires || $expires->getTimestamp() > time() )
			&& ( ! $limit || $coupon->get_usage_count() < $limit );
	}

	/**
	 * One value of the user's meta.
	 *
	 * @param string $key Its key.
	 */
	private function meta( string $key ): string {
		$value = get_user_meta( $this->user_id, $key, true );
		return is_scalar( $value ) ? (string) $value : '';
	}
}
