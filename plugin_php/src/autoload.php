<?php
/**
 * Loads a class of the namespace Regulars from the file named after it.
 *
 * @package Regulars
 */

defined( 'ABSPATH' ) || exit;

spl_autoload_register(
	static function ( $class_name ) {
		if ( 0 === strpos( $class_name, 'Regulars\\' ) ) {
			$file = __DIR__ . '/' . str_replace( '\\', '/', substr( $class_name, 9 ) ) . '.php';
			if ( is_file( $file ) ) {
				require_once $file;
			}
		}
	}
);
