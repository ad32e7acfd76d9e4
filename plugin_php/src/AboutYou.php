<?php
/**
 * What shoppers may tell about themselves under My account.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Adds birthday and consent to offers to My account → Account details. Both are optional. The form, its nonce and the
 * moment of saving are WooCommerce's own.
 */
final class AboutYou {

	public const BIRTHDAY = 'regulars_birthday';
	public const OFFERS   = 'regulars_offers';

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
	 * Registers the form, while the store is connected.
	 */
	public function register(): void {
		if ( $this->connection->is_live() ) {
			add_action( 'woocommerce_edit_account_form_fields', array( $this, 'print_fields' ) );
			add_action( 'woocommerce_save_account_details_errors', array( $this, 'check' ) );
			add_action( 'woocommerce_save_account_details', array( $this, 'save' ) );
		}
	}

	/**
	 * Prints the fields.
	 */
	public function print_fields(): void {
		$birthday = self::day( (string) get_user_meta( get_current_user_id(), self::BIRTHDAY, true ) );
		wc_get_template(
			'myaccount/regulars-about-you.php',
			array(
				'month'  => $birthday ? $birthday[0] : 0,
				'day'    => $birthday ? $birthday[1] : 0,
				'months' => $this->months(),
				'offers' => 'yes' === get_user_meta( get_current_user_id(), self::OFFERS, true ),
			),
			'',
			dirname( REGULARS_FILE ) . '/templates/'
		);
	}

	/**
	 * Refuses a birthday there is not, or half of one.
	 *
	 * @param \WP_Error $errors Errors of the form.
	 */
	public function check( $errors ): void {
		if ( null === $this->posted_birthday() ) {
			$errors->add( 'regulars_birthday', __( 'Please choose both month and day of your birthday, or neither.', 'regulars-for-woocommerce' ) );
		}
	}

	/**
	 * Saves what was posted. WooCommerce has checked its nonce, and that the form is the user's own.
	 *
	 * @param int $user_id The user.
	 */
	public function save( $user_id ): void {
		$birthday = $this->posted_birthday();
		if ( is_string( $birthday ) ) {
			$this->keep( (int) $user_id, self::BIRTHDAY, $birthday );
		}
		// phpcs:ignore WordPress.Security.NonceVerification.Missing -- WooCommerce has checked it.
		if ( ! isset( $_POST['regulars_about_you'] ) ) {
			return;
		}
		// phpcs:ignore WordPress.Security.NonceVerification.Missing -- WooCommerce has checked it.
		$offers = isset( $_POST[ self::OFFERS ] ) ? 'yes' : 'no';
		// Who has never been asked and leaves the box empty has not said no.
		if ( 'yes' === $offers || '' !== (string) get_user_meta( (int) $user_id, self::OFFERS, true ) ) {
			$this->keep( (int) $user_id, self::OFFERS, $offers );
		}
	}

	/**
	 * Month and day of a birthday as it is kept, or null where it is none.
	 *
	 * @param string $birthday A text such as 02-29.
	 * @return array{0:int,1:int}|null
	 */
	public static function day( string $birthday ): ?array {
		if ( ! preg_match( '/^(?:\d{4}-)?(\d\d)-(\d\d)$/', $birthday, $parts ) ) {
			return null;
		}
		// In a leap year every day there is, is there.
		return checkdate( (int) $parts[1], (int) $parts[2], 2000 ) ? array( (int) $parts[1], (int) $parts[2] ) : null;
	}

	/**
	 * The birthday that was posted: a day, an empty text where it was taken back, false where the form did not ask,
	 * null where it is not a day.
	 *
	 * @return string|false|null
	 */
	private function posted_birthday() {
		// phpcs:disable WordPress.Security.NonceVerification.Missing -- WooCommerce has checked it.
		if ( ! isset( $_POST['regulars_birth_month'], $_POST['regulars_birth_day'] ) ) {
			return false;
		}
		$month = absint( wp_unslash( $_POST['regulars_birth_month'] ) );
		$day   = absint( wp_unslash( $_POST['regulars_birth_day'] ) );
		// phpcs:enable
		if ( 0 === $month && 0 === $day ) {
			return '';
		}
		$birthday = sprintf( '%02d-%02d', $month, $day );
		return null === self::day( $birthday ) ? null : $birthday;
	}

	/**
	 * Keeps a value, or nothing where it is empty.
	 *
	 * @param int    $user_id The user.
	 * @param string $key     Key of the meta data.
	 * @param string $value   The value.
	 */
	private function keep( int $user_id, string $key, string $value ): void {
		if ( '' === $value ) {
			delete_user_meta( $user_id, $key );
		} else {
			update_user_meta( $user_id, $key, $value );
		}
	}

	/**
	 * The months by number, in the language of the page.
	 *
	 * @return array<int,string>
	 */
	private function months(): array {
		global $wp_locale;
		$months = array();
		foreach ( range( 1, 12 ) as $number ) {
			$months[ $number ] = $wp_locale->get_month( $number );
		}
		return $months;
	}
}
