<?php
/**
 * The state of an order or customer as the connector gets it.
 *
 * @package Regulars
 */

namespace Regulars;

use Automattic\WooCommerce\Utilities\OrderUtil;

defined( 'ABSPATH' ) || exit;

/**
 * Reads WooCommerce's own wc/v3 representation, in the background, where nobody is logged in.
 */
final class Snapshot {

	/**
	 * The JSON body for a row, or null when there is nothing to tell (a draft, or not an order).
	 *
	 * @param OutboxRow $row The row.
	 * @throws \RuntimeException When WooCommerce cannot represent the resource.
	 */
	public function body( OutboxRow $row ): ?string {
		// Another process may have changed the resource since this one last read it. What is sent must not be older
		// than observed_at says, so nothing is taken from this process's memory.
		if ( function_exists( 'wp_cache_flush_runtime' ) && wp_cache_supports( 'flush_runtime' ) ) {
			wp_cache_flush_runtime();
		}
		$observed_at = $this->now();
		$found       = $this->found( $row->resource, $row->resource_id );
		if ( null === $found ) {
			return null;
		}
		$body = wp_json_encode(
			array(
				'type'        => $found['type'],
				'observed_at' => $observed_at,
				'causes'      => $row->causes,
				'data'        => $found['data'],
			)
		);
		if ( false === $body ) {
			throw new \RuntimeException( 'The record could not be written as JSON.' );
		}
		return $body;
	}

	/**
	 * What is true of a resource, or null when there is nothing to tell.
	 *
	 * @param string $resource 'order', 'customer' or 'review'.
	 * @param int    $id       Its id.
	 * @return array{type:string,data:array<string,mixed>}|null
	 */
	private function found( string $resource, int $id ): ?array {
		switch ( $resource ) {
			case 'order':
				return $this->order( $id );
			case 'review':
				return $this->review( $id );
			default:
				return $this->customer( $id );
		}
	}

	/**
	 * What is true of a review: shown, or not.
	 *
	 * @param int $id Id of the comment.
	 * @return array{type:string,data:array<string,mixed>}
	 */
	private function review( int $id ): array {
		$comment = get_comment( $id );
		if ( ! $comment || ! ReviewWatcher::is_shown( $comment ) ) {
			return array(
				'type' => 'review.withdrawn',
				'data' => array( 'id' => $id ),
			);
		}
		return array(
			'type' => 'review.approved',
			'data' => array(
				'id'               => $id,
				'product_id'       => (int) $comment->comment_post_ID,
				'customer_id'      => (int) $comment->user_id,
				'date_created_gmt' => mysql_to_rfc3339( $comment->comment_date_gmt ),
			),
		);
	}

	/**
	 * What is true of an order: gone (deleted or in the trash), alive, or nothing yet.
	 *
	 * @param int $id Order id.
	 * @return array{type:string,data:array<string,mixed>}|null
	 * @throws \RuntimeException When the order is there and cannot be loaded: that is not a deletion.
	 */
	private function order( int $id ): ?array {
		$order = wc_get_order( $id );
		if ( ! $order && 'shop_order' === OrderUtil::get_order_type( $id ) ) {
			throw new \RuntimeException( sprintf( 'Order %d could not be loaded.', $id ) );
		}
		if ( ! $order || 'trash' === $order->get_status() ) {
			return $this->gone( 'order', $id );
		}
		if ( ! OrderWatcher::is_notable( $order ) ) {
			return null;
		}
		return array(
			'type' => 'order.updated',
			'data' => ( new OrderDetails() )->add( $this->represent( '/wc/v3/orders/' . $id ), $order ),
		);
	}

	/**
	 * What is true of a customer.
	 *
	 * @param int $id User id.
	 * @return array{type:string,data:array<string,mixed>}
	 */
	private function customer( int $id ): array {
		if ( ! get_userdata( $id ) || ( is_multisite() && ! is_user_member_of_blog( $id ) ) ) {
			return $this->gone( 'customer', $id );
		}
		return array(
			'type' => 'customer.updated',
			'data' => $this->represent( '/wc/v3/customers/' . $id ),
		);
	}

	/**
	 * The message that a resource is no more.
	 *
	 * @param string $resource 'order' or 'customer'.
	 * @param int    $id       Its id.
	 * @return array{type:string,data:array<string,mixed>}
	 */
	private function gone( string $resource, int $id ): array {
		return array(
			'type' => $resource . '.deleted',
			'data' => array( 'id' => $id ),
		);
	}

	/**
	 * Asks WooCommerce's REST controller for a resource, inside this process.
	 *
	 * @param string $route Route with a leading slash.
	 * @return array<string,mixed>
	 * @throws \RuntimeException When WooCommerce answers with an error.
	 */
	private function represent( string $route ): array {
		// WooCommerce shows the meta of a customer to logged-in administrators only, so it stays at home: the
		// connector needs none of it, and other plugins keep all sorts of things there.
		//
		// The right to read is granted for this one call, so that it depends neither on a logged-in user nor on the
		// account of the person who once connected the store.
		$grant = static function ( $permission, $context ) {
			return 'read' === $context ? true : $permission;
		};
		add_filter( 'woocommerce_rest_check_permissions', $grant, 10, 2 );
		try {
			$response = rest_do_request( new \WP_REST_Request( 'GET', $route ) );
		} finally {
			remove_filter( 'woocommerce_rest_check_permissions', $grant, 10 );
		}
		if ( $response->is_error() || 200 !== $response->get_status() ) {
			$code = $response->is_error() ? $response->as_error()->get_error_code() : $response->get_status();
			throw new \RuntimeException( sprintf( 'WooCommerce could not represent %s (%s).', $route, $code ) ); // phpcs:ignore WordPress.Security.EscapeOutput -- escaped where shown.
		}
		return (array) $response->get_data();
	}

	/**
	 * The store's clock in UTC with microseconds.
	 */
	private function now(): string {
		return ( new \DateTimeImmutable( 'now', new \DateTimeZone( 'UTC' ) ) )->format( 'Y-m-d\TH:i:s.u\Z' );
	}
}
