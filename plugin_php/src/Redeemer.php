<?php
/**
 * Turning points into a coupon.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Asks the connector to redeem points, and sees to it that the coupon exists in this store when it has agreed.
 */
final class Redeemer {

	// A shopper waits for it, though never in a checkout.
	private const PATIENCE = 6;

	/**
	 * The connection.
	 *
	 * @var Connection
	 */
	private $connection;

	/**
	 * The way to the connector.
	 *
	 * @var ConnectorClient
	 */
	private $client;

	/**
	 * Makes the coupon.
	 *
	 * @var RedemptionCoupon
	 */
	private $coupon;

	/**
	 * Takes what it works with.
	 *
	 * @param Connection       $connection The connection.
	 * @param ConnectorClient  $client     The way to the connector.
	 * @param RedemptionCoupon $coupon     Makes the coupon.
	 */
	public function __construct( Connection $connection, ConnectorClient $client, RedemptionCoupon $coupon ) {
		$this->connection = $connection;
		$this->client     = $client;
		$this->coupon     = $coupon;
	}

	/**
	 * Redeems points of a user.
	 *
	 * @param int    $user_id Id of the user.
	 * @param int    $points  How many.
	 * @param string $key     Asked again under the same key, the connector gives the same coupon and takes nothing more.
	 * @return \WC_Coupon|\WP_Error The coupon, or the reason with a sentence for the shopper. The error's data says
	 *                              whether the connector has decided.
	 */
	public function redeem( int $user_id, int $points, string $key ) {
		$reply = $this->client->call(
			$this->connection,
			'POST',
			'/v1/customers/' . $user_id . '/redemptions',
			array( 'points' => $points ),
			self::PATIENCE,
			$key
		);
		if ( 201 !== $reply->status || ! isset( $reply->data['coupon'] ) || ! is_array( $reply->data['coupon'] ) ) {
			return new \WP_Error( 'regulars_redeem', ( new RedeemRefusal( $reply ) )->sentence(), RedeemRefusal::is_final( $reply ) );
		}
		$coupon = $this->coupon->ensure( $reply->data['coupon'] );
		if ( null === $coupon ) {
			return new \WP_Error( 'regulars_redeem', __( 'Your coupon could not be made right away. It will appear here in a few minutes.', 'regulars-for-woocommerce' ), true );
		}
		( new Rewards( $user_id ) )->after_redeeming( $coupon->get_code(), $reply->data );
		return $coupon;
	}
}
