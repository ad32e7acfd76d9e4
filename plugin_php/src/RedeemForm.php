<?php
/**
 * The form that turns points into a coupon, under My account → Rewards and in the cart.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Shows the form and takes what it sends. The page then loads anew, so that going back or reloading repeats nothing.
 */
final class RedeemForm {

	private const ACTION  = 'regulars-redeem';
	private const SESSION = 'regulars_redeem_key';

	/**
	 * The connection.
	 *
	 * @var Connection
	 */
	private $connection;

	/**
	 * Turns points into a coupon.
	 *
	 * @var Redeemer
	 */
	private $redeemer;

	/**
	 * Takes what it works with.
	 *
	 * @param Connection $connection The connection.
	 * @param Redeemer   $redeemer   Turns points into a coupon.
	 */
	public function __construct( Connection $connection, Redeemer $redeemer ) {
		$this->connection = $connection;
		$this->redeemer   = $redeemer;
	}

	/**
	 * Registers the form and what takes it. Never at checkout: nobody shall wait for the connector there.
	 */
	public function register(): void {
		add_action( 'template_redirect', array( $this, 'take' ) );
		add_action( 'regulars_rewards_redeem', array( $this, 'print_in_account' ) );
		add_action( 'woocommerce_before_cart', array( $this, 'print_in_cart' ), 20 );
		add_filter( 'render_block_woocommerce/cart', array( $this, 'add_to_cart_block' ) );
	}

	/**
	 * Takes the form, redeems, and sends the shopper back to where they were.
	 */
	public function take(): void {
		if ( ! isset( $_POST['regulars_redeem_points'] ) || is_checkout() ) { // phpcs:ignore WordPress.Security.NonceVerification -- verified below.
			return;
		}
		nocache_headers();
		$in_cart = isset( $_POST['regulars_redeem_place'] ) && 'cart' === $_POST['regulars_redeem_place']; // phpcs:ignore WordPress.Security.NonceVerification -- verified below.
		$nonce   = isset( $_POST['_wpnonce'] ) ? sanitize_text_field( wp_unslash( $_POST['_wpnonce'] ) ) : '';
		if ( ! is_user_logged_in() || ! wp_verify_nonce( $nonce, self::ACTION ) ) {
			wc_add_notice( __( 'This page had been open for too long. Please try again.', 'regulars-for-woocommerce' ), 'error' );
		} elseif ( ! $this->is_offered() ) {
			wc_add_notice( __( 'Points cannot be redeemed in this shop at the moment.', 'regulars-for-woocommerce' ), 'error' );
		} else {
			$points = trim( sanitize_text_field( wp_unslash( $_POST['regulars_redeem_points'] ) ) );
			$key    = isset( $_POST['regulars_redeem_key'] ) ? sanitize_key( wp_unslash( $_POST['regulars_redeem_key'] ) ) : '';
			$this->redeem( $points, $key );
		}
		wp_safe_redirect( $in_cart ? wc_get_cart_url() : $this->account_url() );
		exit;
	}

	/**
	 * Prints the form under My account → Rewards.
	 */
	public function print_in_account(): void {
		$limits = $this->limits();
		if ( $limits && $this->is_offered() ) {
			$this->print_form( $limits, $limits->to, 'account' );
		}
	}

	/**
	 * Prints the form in the classic cart.
	 */
	public function print_in_cart(): void {
		$limits = $this->is_offered() && WC()->cart && ! $this->has_redeemed() ? $this->limits() : null;
		$most   = $limits && get_woocommerce_currency() === $limits->currency ? $limits->most_for( (float) WC()->cart->get_displayed_subtotal() ) : 0;
		if ( $most ) {
			$this->print_form( $limits, $most, 'cart' );
		}
	}

	/**
	 * Puts the form, and what there is to tell, before the cart block.
	 *
	 * @param string $content What the block shows.
	 */
	public function add_to_cart_block( $content ): string {
		if ( ! is_cart() || ! WC()->cart || WC()->cart->is_empty() || ! is_user_logged_in() ) {
			return (string) $content;
		}
		ob_start();
		wc_print_notices();
		$this->print_in_cart();
		return ob_get_clean() . $content;
	}

	/**
	 * Redeems and tells the shopper what came of it.
	 *
	 * @param string $points What the shopper entered.
	 * @param string $key    The key of the form.
	 */
	private function redeem( string $points, string $key ): void {
		if ( ! preg_match( '/^-?[0-9]{1,15}$/D', $points ) ) {
			wc_add_notice( __( 'Please enter a whole number of points, more than zero.', 'regulars-for-woocommerce' ), 'error' );
			return;
		}
		$user   = get_current_user_id();
		$result = $this->redeemer->redeem( $user, (int) $points, $user . '-' . $key . '-' . $points );
		if ( is_wp_error( $result ) ) {
			wc_add_notice( $result->get_error_message(), 'error' );
			$this->renew_key( true === $result->get_error_data() );
			return;
		}
		$this->renew_key( true );
		$gives = html_entity_decode( wp_strip_all_tags( wc_price( (float) $result->get_amount() ) ), ENT_QUOTES, 'UTF-8' );
		/* translators: 1: number of points, 2: amount of money, 3: coupon code */
		wc_add_notice( esc_html( sprintf( __( 'Points redeemed: %1$s. Your coupon of %2$s: %3$s', 'regulars-for-woocommerce' ), number_format_i18n( (int) $points ), $gives, strtoupper( $result->get_code() ) ) ) );
		$this->use_in_cart( $result );
	}

	/**
	 * Uses the coupon in the shopper's cart, if there is one that it fits.
	 *
	 * @param \WC_Coupon $coupon The coupon.
	 */
	private function use_in_cart( \WC_Coupon $coupon ): void {
		$cart = WC()->cart;
		if ( ! $cart || $cart->is_empty() || $cart->has_discount( $coupon->get_code() ) ) {
			return;
		}
		$fits = ( new \WC_Discounts( $cart ) )->is_coupon_valid( $coupon );
		if ( is_wp_error( $fits ) ) {
			/* translators: %s: why a coupon cannot be used in the cart as it is now, a sentence */
			wc_add_notice( sprintf( __( 'Your coupon is kept for later. %s', 'regulars-for-woocommerce' ), $fits->get_error_message() ), 'notice' );
			return;
		}
		$cart->apply_coupon( $coupon->get_code() );
	}

	/**
	 * Prints the form.
	 *
	 * @param Redeemable $limits    What may be chosen.
	 * @param int        $suggested How many points the form begins with, and the most it takes.
	 * @param string     $place     'account' or 'cart'.
	 */
	private function print_form( Redeemable $limits, int $suggested, string $place ): void {
		wp_enqueue_style( 'regulars-account', plugins_url( 'assets/account.css', REGULARS_FILE ), array(), REGULARS_VERSION );
		wp_enqueue_script( 'regulars-redeem', plugins_url( 'assets/redeem.js', REGULARS_FILE ), array(), REGULARS_VERSION, true );
		$price = array( 'currency' => $limits->currency );
		wc_get_template(
			'myaccount/regulars-redeem.php',
			array(
				'place'     => $place,
				'action'    => $this->account_url(),
				'nonce'     => wp_create_nonce( self::ACTION ),
				'key'       => $this->key(),
				'points'    => ( new Rewards( get_current_user_id() ) )->points(),
				'from'      => $limits->from,
				'to'        => $suggested,
				'step'      => $limits->step,
				'gives'     => wc_price( $limits->worth( $suggested ), $price ),
				'rate'      => wc_price( 1, $price + array( 'decimals' => 0 ) ),
				'per_unit'  => $limits->per_unit,
				'preview'   => array(
					'per_unit'  => $limits->per_unit,
					'decimals'  => $limits->decimals,
					'shown'     => wc_get_price_decimals(),
					'point'     => wc_get_price_decimal_separator(),
					'thousands' => wc_get_price_thousand_separator(),
					'format'    => html_entity_decode( sprintf( get_woocommerce_price_format(), get_woocommerce_currency_symbol( $limits->currency ), '{amount}' ), ENT_QUOTES, 'UTF-8' ),
				),
			),
			'',
			dirname( REGULARS_FILE ) . '/templates/'
		);
	}

	/**
	 * Whether points can be redeemed here at all.
	 */
	private function is_offered(): bool {
		return is_user_logged_in() && $this->connection->may_send() && wc_coupons_enabled();
	}

	/**
	 * What the customer may redeem, or null.
	 */
	private function limits(): ?Redeemable {
		return ( new Rewards( get_current_user_id() ) )->redeemable();
	}

	/**
	 * Whether a coupon made of points is in the cart already.
	 */
	private function has_redeemed(): bool {
		foreach ( WC()->cart->get_coupons() as $coupon ) {
			if ( '' !== (string) $coupon->get_meta( RedemptionCoupon::META ) ) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Address of the page with the form.
	 */
	private function account_url(): string {
		return wc_get_account_endpoint_url( MyAccount::ENDPOINT );
	}

	/**
	 * The key of the next redemption. It stays until the connector has decided, so that a lost answer costs nothing.
	 */
	private function key(): string {
		$key = WC()->session ? (string) WC()->session->get( self::SESSION, '' ) : '';
		if ( '' === $key ) {
			$key = bin2hex( random_bytes( 12 ) );
			if ( WC()->session ) {
				WC()->session->set( self::SESSION, $key );
			}
		}
		return $key;
	}

	/**
	 * Forgets the key after a decision.
	 *
	 * @param bool $decided Whether the connector has decided.
	 */
	private function renew_key( bool $decided ): void {
		if ( $decided && WC()->session ) {
			WC()->session->set( self::SESSION, null );
		}
	}
}
