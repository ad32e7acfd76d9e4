<?php
/**
 * What the plugin adds to WooCommerce's own representation of orders and customers.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Registers fields, so that the connector reads the same in our deliveries and over wc/v3, and nothing else of what
 * other plugins keep as meta data.
 */
final class RestFields {

	/**
	 * Registers the hook.
	 */
	public function register(): void {
		add_action( 'rest_api_init', array( $this, 'add' ) );
	}

	/**
	 * Registers the fields.
	 */
	public function add(): void {
		$this->add_field( 'shop_order', 'regulars_referrer', 'integer', array( $this, 'referrer' ) );
		$this->add_field( 'customer', AboutYou::BIRTHDAY, 'string', array( $this, 'user_meta' ) );
		$this->add_field( 'customer', AboutYou::OFFERS, 'string', array( $this, 'user_meta' ) );
	}

	/**
	 * The user who sent an order's customer, 0 for nobody.
	 *
	 * @param array<string,mixed> $data The order as it is represented.
	 */
	public function referrer( $data ): int {
		$order = wc_get_order( (int) ( $data['id'] ?? 0 ) );
		return $order ? absint( $order->get_meta( Referrals::META ) ) : 0;
	}

	/**
	 * What a customer has said in their account; empty where they have said nothing.
	 *
	 * @param array<string,mixed> $data The customer as represented.
	 * @param string              $name Name of the field, which is also the key of the meta data.
	 */
	public function user_meta( $data, $name ): string {
		return (string) get_user_meta( (int) ( $data['id'] ?? 0 ), $name, true );
	}

	/**
	 * Registers one field that is only read.
	 *
	 * @param string   $resource Type of the object.
	 * @param string   $name     Name of the field.
	 * @param string   $type     Type of its value.
	 * @param callable $read     Reads it.
	 */
	private function add_field( string $resource, string $name, string $type, callable $read ): void {
		register_rest_field(
			$resource,
			$name,
			array(
				'get_callback' => $read,
				'schema'       => array(
					'type'     => $type,
					'context'  => array( 'view', 'edit' ),
					'readonly' => true,
				),
			)
		);
	}
}
