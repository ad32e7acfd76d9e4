<?php
/**
 * A message that survives one redirect.
 *
 * @package Regulars
 */

namespace Regulars\Admin;

defined( 'ABSPATH' ) || exit;

/**
 * Kept per user for a minute, so that nobody can put words into the page through its address.
 */
final class Notice {

	/**
	 * Kind: 'success', 'warning' or 'error'.
	 *
	 * @var string
	 */
	public $kind;

	/**
	 * The sentence.
	 *
	 * @var string
	 */
	public $text;

	/**
	 * Connector address to fill in again.
	 *
	 * @var string
	 */
	public $address;

	/**
	 * Pairing code to fill in again.
	 *
	 * @var string
	 */
	public $code;

	/**
	 * Makes a notice.
	 *
	 * @param string $kind    'success', 'warning' or 'error'.
	 * @param string $text    The sentence.
	 * @param string $address Connector address to fill in again.
	 * @param string $code    Pairing code to fill in again.
	 */
	public function __construct( string $kind, string $text, string $address = '', string $code = '' ) {
		$this->kind    = $kind;
		$this->text    = $text;
		$this->address = $address;
		$this->code    = $code;
	}

	/**
	 * Keeps it for the next page of this user.
	 */
	public function keep(): void {
		set_transient( self::name(), get_object_vars( $this ), MINUTE_IN_SECONDS );
	}

	/**
	 * The notice kept for this user, which is then forgotten.
	 */
	public static function take(): ?self {
		$kept = get_transient( self::name() );
		if ( ! is_array( $kept ) ) {
			return null;
		}
		delete_transient( self::name() );
		return new self( $kept['kind'], $kept['text'], $kept['address'], $kept['code'] );
	}

	/**
	 * Name under which it is kept.
	 */
	private static function name(): string {
		return 'regulars_notice_' . get_current_user_id();
	}
}
