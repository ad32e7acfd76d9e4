<?php
/**
 * Personal data in WordPress's own export and erasure tools.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Exports and erases what the connector has written to a user and what the user has told, also while the store is
 * disconnected, and suggests a text for the privacy policy.
 */
final class PersonalData {

	/**
	 * The connection.
	 *
	 * @var Connection
	 */
	private $connection;

	/**
	 * Takes what it works with.
	 *
	 * @param Connection $connection The connection.
	 */
	public function __construct( Connection $connection ) {
		$this->connection = $connection;
	}

	/**
	 * Registers exporter, eraser, what is personal on an order, and policy text.
	 */
	public function register(): void {
		add_filter( 'wp_privacy_personal_data_exporters', array( $this, 'add_exporter' ) );
		add_filter( 'wp_privacy_personal_data_erasers', array( $this, 'add_eraser' ) );
		add_filter( 'woocommerce_privacy_remove_order_personal_data_meta', array( $this, 'add_order_meta' ) );
		add_action( 'admin_init', array( $this, 'suggest_policy' ) );
	}

	/**
	 * Adds the exporter.
	 *
	 * @param array<string,mixed> $exporters The exporters there are.
	 * @return array<string,mixed>
	 */
	public function add_exporter( $exporters ) {
		$exporters['regulars'] = array(
			'exporter_friendly_name' => __( 'Regulars rewards', 'regulars-for-woocommerce' ),
			'callback'               => array( $this, 'export' ),
		);
		return $exporters;
	}

	/**
	 * Adds the eraser.
	 *
	 * @param array<string,mixed> $erasers The erasers there are.
	 * @return array<string,mixed>
	 */
	public function add_eraser( $erasers ) {
		$erasers['regulars'] = array(
			'eraser_friendly_name' => __( 'Regulars rewards', 'regulars-for-woocommerce' ),
			'callback'             => array( $this, 'erase' ),
		);
		return $erasers;
	}

	/**
	 * Adds who sent the customer to what WooCommerce removes where it removes the customer from an order. Elsewhere it
	 * stays, also when the sender is erased: the friend's points follow from it.
	 *
	 * @param array<string,string> $kinds Kinds of data by the names of meta data.
	 * @return array<string,string>
	 */
	public function add_order_meta( $kinds ) {
		$kinds[ Referrals::META ] = 'numeric_id';
		return $kinds;
	}

	/**
	 * What we hold on the user with that e-mail address.
	 *
	 * @param string $email The address.
	 * @return array{data:array<int,array<string,mixed>>,done:bool}
	 */
	public function export( $email ): array {
		$user  = get_user_by( 'email', $email );
		$items = array();
		foreach ( $user ? $this->labels() : array() as $key => $label ) {
			$value = (string) get_user_meta( $user->ID, $key, true );
			if ( '' !== $value ) {
				$items[] = array(
					'name'  => $label,
					'value' => $value,
				);
			}
		}
		$group = array(
			'group_id'    => 'regulars',
			'group_label' => __( 'Rewards', 'regulars-for-woocommerce' ),
			'item_id'     => 'regulars-' . ( $user ? $user->ID : 0 ),
			'data'        => $items,
		);
		return array(
			'data' => $items ? array( $group ) : array(),
			'done' => true,
		);
	}

	/**
	 * Removes what we hold on the user with that e-mail address.
	 *
	 * @param string $email The address.
	 * @return array{items_removed:bool,items_retained:bool,messages:string[],done:bool}
	 */
	public function erase( $email ): array {
		$user    = get_user_by( 'email', $email );
		$removed = false;
		foreach ( $user ? array_keys( $this->labels() ) : array() as $key ) {
			$removed = delete_user_meta( $user->ID, $key ) || $removed;
		}
		$kept = $this->connection->is_live();
		return array(
			'items_removed'  => $removed,
			'items_retained' => $kept,
			'messages'       => $kept ? array( __( 'The connector of Regulars keeps the order history it has read. Please ask whoever runs it to erase this customer there.', 'regulars-for-woocommerce' ) ) : array(),
			'done'           => true,
		);
	}

	/**
	 * Suggests a paragraph for the store's privacy policy.
	 */
	public function suggest_policy(): void {
		$text = __( 'To give you points, tiers and personal coupons we send your orders and your customer record to a service we use for our rewards programme. It works out how often and how recently you buy from us and what you are likely to buy in the coming months, and writes your points, tier and coupons back to your account.', 'regulars-for-woocommerce' );
		wp_add_privacy_policy_content( __( 'Regulars for WooCommerce', 'regulars-for-woocommerce' ), wp_kses_post( wpautop( $text ) ) );
	}

	/**
	 * Names of the values for people.
	 *
	 * @return array<string,string>
	 */
	private function labels(): array {
		return array(
			'regulars_tier'      => __( 'Tier', 'regulars-for-woocommerce' ),
			'regulars_points'    => __( 'Points', 'regulars-for-woocommerce' ),
			'regulars_pending'   => __( 'Pending points', 'regulars-for-woocommerce' ),
			'regulars_expiring'  => __( 'Points that expire next', 'regulars-for-woocommerce' ),
			'regulars_redeem'    => __( 'Points that can be redeemed', 'regulars-for-woocommerce' ),
			'regulars_segment'   => __( 'Segment', 'regulars-for-woocommerce' ),
			'regulars_rfm'       => __( 'Scores for recency, frequency and spending (1 to 5 each)', 'regulars-for-woocommerce' ),
			'regulars_clv'       => __( 'Expected value of purchases in the coming months', 'regulars-for-woocommerce' ),
			'regulars_scored_at' => __( 'Scores worked out at', 'regulars-for-woocommerce' ),
			'regulars_progress'  => __( 'What is still to do for tiers', 'regulars-for-woocommerce' ),
			'regulars_coupons'   => __( 'Personal coupons', 'regulars-for-woocommerce' ),
			'regulars_invite'    => __( 'Points for bringing friends', 'regulars-for-woocommerce' ),
			AboutYou::BIRTHDAY   => __( 'Birthday (month and day)', 'regulars-for-woocommerce' ),
			AboutYou::OFFERS     => __( 'Wants personal offers', 'regulars-for-woocommerce' ),
		);
	}
}
