<?php
/**
 * What the buttons of the settings page do.
 *
 * @package Regulars
 */

namespace Regulars\Admin;

use Regulars\DeliveryRecord;
use Regulars\Outbox;
use Regulars\Pairing;
use Regulars\Schedule;

defined( 'ABSPATH' ) || exit;

/**
 * Handles Connect, Disconnect and Send again; each checks nonce and capability and leads back to the page.
 */
final class SettingsActions {

	public const CONNECT    = 'regulars_connect';
	public const DISCONNECT = 'regulars_disconnect';
	public const SEND_AGAIN = 'regulars_send_again';

	/**
	 * Connecting and disconnecting.
	 *
	 * @var Pairing
	 */
	private $pairing;

	/**
	 * What waits to be sent.
	 *
	 * @var Outbox
	 */
	private $outbox;

	/**
	 * Our scheduled actions.
	 *
	 * @var Schedule
	 */
	private $schedule;

	/**
	 * How the last deliveries went.
	 *
	 * @var DeliveryRecord
	 */
	private $deliveries;

	/**
	 * Takes what it acts on.
	 *
	 * @param Pairing        $pairing    Connecting and disconnecting.
	 * @param Outbox         $outbox     What waits to be sent.
	 * @param Schedule       $schedule   Our scheduled actions.
	 * @param DeliveryRecord $deliveries How the last deliveries went.
	 */
	public function __construct( Pairing $pairing, Outbox $outbox, Schedule $schedule, DeliveryRecord $deliveries ) {
		$this->pairing    = $pairing;
		$this->outbox     = $outbox;
		$this->schedule   = $schedule;
		$this->deliveries = $deliveries;
	}

	/**
	 * Registers the handlers.
	 */
	public function register(): void {
		add_action( 'admin_post_' . self::CONNECT, array( $this, 'connect' ) );
		add_action( 'admin_post_' . self::DISCONNECT, array( $this, 'disconnect' ) );
		add_action( 'admin_post_' . self::SEND_AGAIN, array( $this, 'send_again' ) );
	}

	/**
	 * Connects with what was typed.
	 */
	public function connect(): void {
		$this->check( self::CONNECT );
		// phpcs:disable WordPress.Security.NonceVerification.Missing -- checked above.
		$address = isset( $_POST['connector_url'] ) ? sanitize_text_field( wp_unslash( $_POST['connector_url'] ) ) : '';
		$code    = isset( $_POST['pairing_code'] ) ? sanitize_text_field( wp_unslash( $_POST['pairing_code'] ) ) : '';
		// phpcs:enable
		$problem = $this->pairing->connect( $address, $code );
		if ( '' === $problem ) {
			$this->back( new Notice( 'success', __( 'Your store is connected. Your order history is being read; this page shows how far it is.', 'regulars-for-woocommerce' ) ) );
		}
		$this->back( new Notice( 'error', $problem, $address, $code ) );
	}

	/**
	 * Disconnects.
	 */
	public function disconnect(): void {
		$this->check( self::DISCONNECT );
		$told = $this->pairing->disconnect();
		if ( $told ) {
			$this->back( new Notice( 'success', __( 'Your store is disconnected. Its key has been revoked; nothing is sent any more.', 'regulars-for-woocommerce' ) ) );
		}
		$this->back( new Notice( 'warning', __( 'Your store is disconnected and its key has been revoked, but the connector could not be told. Please tell whoever runs it.', 'regulars-for-woocommerce' ) ) );
	}

	/**
	 * Tries everything that waits or failed again at once.
	 */
	public function send_again(): void {
		$this->check( self::SEND_AGAIN );
		$this->deliveries->end_pause();
		$this->outbox->hurry( time(), true );
		$this->schedule->wake();
		$this->back( new Notice( 'success', __( 'Everything that waits is being sent again, which can take a minute.', 'regulars-for-woocommerce' ) ) );
	}

	/**
	 * Stops whoever may not do this.
	 *
	 * @param string $action Name of the action.
	 */
	private function check( string $action ): void {
		if ( ! current_user_can( 'manage_woocommerce' ) ) {
			wp_die( esc_html__( 'You are not allowed to change these settings.', 'regulars-for-woocommerce' ), '', array( 'response' => 403 ) );
		}
		check_admin_referer( $action );
	}

	/**
	 * Leads back to the page, which shows the notice.
	 *
	 * @param Notice $notice The notice.
	 * @return never
	 */
	private function back( Notice $notice ): void {
		$notice->keep();
		wp_safe_redirect( SettingsPage::url() );
		exit;
	}
}
