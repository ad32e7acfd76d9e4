<?php
/**
 * The page My account → Rewards.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Adds the endpoint and shows the template myaccount/regulars.php, which a theme may override in
 * yourtheme/woocommerce/myaccount/regulars.php.
 */
final class MyAccount {

	public const ENDPOINT = 'regulars';

	/**
	 * The connection.
	 *
	 * @var Connection
	 */
	private $connection;

	/**
	 * Takes the connection.
	 *
	 * @param Connection $connection The connection.
	 */
	public function __construct( Connection $connection ) {
		$this->connection = $connection;
	}

	/**
	 * Registers endpoint, menu item and page. The endpoint exists also while the store is not connected, so that
	 * connecting does not have to write new rewrite rules.
	 */
	public function register(): void {
		add_filter( 'woocommerce_get_query_vars', array( $this, 'add_endpoint' ) );
		add_filter( 'woocommerce_endpoint_' . self::ENDPOINT . '_title', array( $this, 'title' ) );
		add_filter( 'woocommerce_account_menu_items', array( $this, 'add_to_menu' ) );
		add_action( 'woocommerce_account_' . self::ENDPOINT . '_endpoint', array( $this, 'print_page' ) );
	}

	/**
	 * Adds our endpoint to those of WooCommerce.
	 *
	 * @param array<string,string> $endpoints The endpoints there are.
	 * @return array<string,string>
	 */
	public function add_endpoint( $endpoints ) {
		$endpoints[ self::ENDPOINT ] = self::ENDPOINT;
		return $endpoints;
	}

	/**
	 * Title of the page.
	 */
	public function title(): string {
		return __( 'Rewards', 'regulars-for-woocommerce' );
	}

	/**
	 * Adds the menu item after Orders, while the store is connected.
	 *
	 * @param array<string,string> $items Menu items in their order.
	 * @return array<string,string>
	 */
	public function add_to_menu( $items ) {
		if ( ! $this->connection->is_live() ) {
			return $items;
		}
		$ours  = array( self::ENDPOINT => $this->title() );
		$place = array_search( 'orders', array_keys( $items ), true );
		$place = false === $place ? 1 : $place + 1;
		return array_slice( $items, 0, $place, true ) + $ours + array_slice( $items, $place, null, true );
	}

	/**
	 * Prints the page.
	 */
	public function print_page(): void {
		if ( ! $this->connection->is_live() ) {
			wc_print_notice( __( 'Rewards are not available at the moment.', 'regulars-for-woocommerce' ), 'notice' );
			return;
		}
		wp_enqueue_style( 'regulars-account', plugins_url( 'assets/account.css', REGULARS_FILE ), array(), REGULARS_VERSION );
		wp_enqueue_script( 'regulars-account', plugins_url( 'assets/account.js', REGULARS_FILE ), array(), REGULARS_VERSION, true );
		$rewards = new Rewards( get_current_user_id() );
		wc_get_template(
			'myaccount/regulars.php',
			array(
				'tier'      => $rewards->tier(),
				'tier_name' => $rewards->tier_name(),
				'progress'  => $rewards->progress(),
				'points'    => $rewards->points(),
				'pending'   => $rewards->pending(),
				'expiring'  => $rewards->expiring(),
				'coupons'   => array_map( array( CouponWords::class, 'of' ), $rewards->coupons() ),
			),
			'',
			dirname( REGULARS_FILE ) . '/templates/'
		);
	}
}
