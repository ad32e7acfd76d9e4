<?php
/**
 * Sentences with values in them.
 *
 * @package Regulars
 */

namespace Regulars\Admin;

defined( 'ABSPATH' ) || exit;

/**
 * Puts what the connector tells into our sentences.
 */
final class Placeholders {

	// Values that are quoted as they are, also where they look like numbers.
	private const QUOTED = array( 'name', 'code', 'message' );

	/**
	 * The sentence with its values, as plain text for output to escape. Numbers are written as the site writes them, and
	 * addresses keep their percent signs.
	 *
	 * @param string                   $sentence A sentence with the names of values in braces.
	 * @param array<string,int|string> $values   The values by name.
	 */
	public static function fill( string $sentence, array $values ): string {
		$texts = array();
		foreach ( $values as $name => $value ) {
			$is_number                  = 1 === preg_match( '/^[0-9]{1,15}$/D', (string) $value ) && ! in_array( $name, self::QUOTED, true );
			$texts[ '{' . $name . '}' ] = $is_number ? number_format_i18n( (float) $value ) : wp_strip_all_tags( (string) $value, true );
		}
		return strtr( $sentence, $texts );
	}
}
