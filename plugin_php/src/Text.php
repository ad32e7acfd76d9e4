<?php
/**
 * Texts of people.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Texts as they were typed, for output to escape.
 */
final class Text {

	/**
	 * One line of valid UTF-8. Unlike sanitize_text_field() it keeps what looks like a tag, and a percent sign with two
	 * letters or digits after it: a tier may be called "100%ab <3".
	 *
	 * @param string $typed What was typed.
	 */
	public static function line( string $typed ): string {
		return trim( (string) preg_replace( '/[\r\n\t]+/', ' ', wp_check_invalid_utf8( $typed ) ) );
	}
}
