<?php
/**
 * The page WooCommerce → Regulars.
 *
 * @package Regulars
 */

namespace Regulars\Admin;

use Regulars\Connection;
use Regulars\Outbox;

defined( 'ABSPATH' ) || exit;

/**
 * Puts the page into the menu and prints it. What it shows comes from StatusFeed; what its buttons do is in
 * SettingsActions.
 */
final class SettingsPage {

	public const SLUG = 'regulars';

	private const TROUBLED = 10;

	/**
	 * The connection.
	 *
	 * @var Connection
	 */
	private $connection;

	/**
	 * What the page shows.
	 *
	 * @var StatusFeed
	 */
	private $status;

	/**
	 * What waits to be sent.
	 *
	 * @var Outbox
	 */
	private $outbox;

	/**
	 * The section about the programme.
	 *
	 * @var ProgrammePage
	 */
	private $programme;

	/**
	 * Takes what it shows.
	 *
	 * @param Connection    $connection The connection.
	 * @param StatusFeed    $status     Texts of the page.
	 * @param Outbox        $outbox     What waits to be sent.
	 * @param ProgrammePage $programme  The section about the programme.
	 */
	public function __construct( Connection $connection, StatusFeed $status, Outbox $outbox, ProgrammePage $programme ) {
		$this->connection = $connection;
		$this->status     = $status;
		$this->outbox     = $outbox;
		$this->programme  = $programme;
	}

	/**
	 * Registers the page and its assets.
	 */
	public function register(): void {
		add_action( 'admin_menu', array( $this, 'add_to_menu' ), 60 );
		add_filter( 'plugin_action_links_' . plugin_basename( REGULARS_FILE ), array( $this, 'add_link' ) );
	}

	/**
	 * Address of the page.
	 */
	public static function url(): string {
		return admin_url( 'admin.php?page=' . self::SLUG );
	}

	/**
	 * Adds the page below WooCommerce.
	 */
	public function add_to_menu(): void {
		$hook = add_submenu_page( 'woocommerce', __( 'Regulars', 'regulars-for-woocommerce' ), __( 'Regulars', 'regulars-for-woocommerce' ), 'manage_woocommerce', self::SLUG, array( $this, 'print_page' ) );
		add_action( 'load-' . $hook, array( $this, 'enqueue_assets' ) );
	}

	/**
	 * Adds a link to the page to the list of plugins.
	 *
	 * @param string[] $links The links there are.
	 * @return string[]
	 */
	public function add_link( array $links ): array {
		array_unshift( $links, sprintf( '<a href="%s">%s</a>', esc_url( self::url() ), esc_html__( 'Settings', 'regulars-for-woocommerce' ) ) );
		return $links;
	}

	/**
	 * Loads style and script, on this page only.
	 */
	public function enqueue_assets(): void {
		wp_enqueue_style( 'regulars-admin', plugins_url( 'assets/admin.css', REGULARS_FILE ), array(), REGULARS_VERSION );
		wp_enqueue_script( 'regulars-admin', plugins_url( 'assets/admin.js', REGULARS_FILE ), array(), REGULARS_VERSION, true );
		wp_localize_script(
			'regulars-admin',
			'regularsAdmin',
			array(
				'url'   => admin_url( 'admin-ajax.php' ),
				'nonce' => wp_create_nonce( StatusFeed::ACTION ),
				'live'  => $this->connection->may_send(),
			)
		);
	}

	/**
	 * Prints the page.
	 */
	public function print_page(): void {
		$notice  = Notice::take();
		$state   = $this->connection->state();
		$section = ProgrammePage::is_open() && $this->connection->may_send() ? ProgrammePage::SECTION : '';
		$view    = $this->status->view();
		$rows    = $this->outbox->troubled( self::TROUBLED );
		require dirname( REGULARS_FILE ) . '/templates/admin/page.php';
	}
}
