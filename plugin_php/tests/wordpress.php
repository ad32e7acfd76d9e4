<?php
/**
 * The few functions of WordPress that the pure parts of the plugin call.
 *
 * @package Regulars
 */

define( 'ABSPATH', __DIR__ );
define( 'REGULARS_VERSION', '0.0.0' );
define( 'WC_VERSION', '0.0.0' );

/**
 * What the tests keep in place of a database, of filters and of a network.
 */
final class WordPress {
	public static $options   = array();
	public static $filters   = array();
	public static $user_meta = array();
	public static $requests  = array();
	public static $reply     = array(
		'status' => 200,
		'body'   => '{}',
	);
}

function get_option( $name, $otherwise = false ) {
	return WordPress::$options[ $name ] ?? $otherwise;
}

function update_option( $name, $value ) {
	WordPress::$options[ $name ] = $value;
}

function delete_option( $name ) {
	unset( WordPress::$options[ $name ] );
}

function add_filter( $hook, $callback, $priority = 10, $arguments = 1 ) {
	WordPress::$filters[ $hook ] = $callback;
}

function remove_filter( $hook, $callback ) {
	unset( WordPress::$filters[ $hook ] );
}

function wp_json_encode( $value ) {
	return json_encode( $value );
}

function wp_safe_remote_request( $url, $arguments ) {
	WordPress::$requests[] = array( 'url' => $url ) + $arguments;
	return WordPress::$reply;
}

function __( $text, $domain = 'default' ) {
	return $text;
}

function wp_parse_url( $url, $component = -1 ) {
	return parse_url( $url, $component );
}

function wp_strip_all_tags( $text, $remove_breaks = false ) {
	$text = strip_tags( preg_replace( '#<(script|style)\b.*?</\1>#is', '', $text ) );
	return trim( $remove_breaks ? preg_replace( '/\s+/', ' ', $text ) : $text );
}

function sanitize_text_field( $text ) {
	return trim( preg_replace( '/%[0-9a-f]{2}/i', '', wp_strip_all_tags( $text, true ) ) );
}

function wp_check_invalid_utf8( $text ) {
	return 1 === preg_match( '//u', $text ) ? $text : '';
}

function wp_date( $format, $timestamp, $zone ) {
	return ( new DateTimeImmutable( '@' . $timestamp ) )->setTimezone( $zone )->format( $format );
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

function admin_url( $path ) {
	return 'https://store.example/wp-admin/' . $path;
}

function wp_nonce_field( $action ) {
	echo '<input type="hidden" name="_wpnonce" value="' . esc_attr( $action ) . '">';
}

function esc_url( $url ) {
	return $url;
}

function esc_attr( $text ) {
	return htmlspecialchars( $text, ENT_QUOTES );
}

function esc_attr_e( $text, $domain = 'default' ) {
	echo esc_attr( $text );
}

function esc_html_e( $text, $domain = 'default' ) {
	echo htmlspecialchars( $text, ENT_QUOTES );
}

function _x( $text, $context, $domain = 'default' ) {
	return $text;
}

function get_user_meta( $user_id, $key, $single = false ) {
	return WordPress::$user_meta[ $user_id ][ $key ] ?? '';
}

function delete_user_meta( $user_id, $key ) {
	$held = isset( WordPress::$user_meta[ $user_id ][ $key ] );
	unset( WordPress::$user_meta[ $user_id ][ $key ] );
	return $held;
}

function get_user_by( $field, $value ) {
	return 'ada@store.example' === $value ? (object) array( 'ID' => 7 ) : false;
}
