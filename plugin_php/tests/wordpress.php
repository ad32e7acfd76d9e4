<?php
/**
 * The few functions of WordPress that the pure parts of the plugin call.
 *
 * @package Regulars
 */

define( 'ABSPATH', __DIR__ );

function __( $text, $domain = 'default' ) {
	return $text;
}

function wp_parse_url( $url, $component = -1 ) {
	return parse_url( $url, $component );
}

function sanitize_text_field( $text ) {
	return trim( strip_tags( $text ) );
}

function number_format_i18n( $number ) {
	return number_format( $number );
}

class WP_Error {
	private $code;
	private $message;

	public function __construct( $code, $message ) {
		$this->code    = $code;
		$this->message = $message;
	}

	public function get_error_code() {
		return $this->code;
	}

	public function get_error_message() {
		return $this->message;
	}
}

function is_wp_error( $thing ) {
	return $thing instanceof WP_Error;
}

function wp_remote_retrieve_response_code( $response ) {
	return $response['status'];
}

function wp_remote_retrieve_header( $response, $name ) {
	return $response['headers'][ $name ] ?? '';
}

function wp_remote_retrieve_body( $response ) {
	return $response['body'];
}
