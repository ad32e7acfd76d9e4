<?php
/**
 * What WooCommerce's representation of an order leaves out.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Adds to an order what its refunds were for and which categories its products are in, as wc/v3 writes such things in
 * its other resources: the connector reads the same there when it has to ask by itself.
 */
final class OrderDetails {

	private const REFUNDED_ITEM = '_refunded_item_id';

	/**
	 * The representation with the details added.
	 *
	 * @param array<string,mixed> $data  The order as wc/v3 represents it.
	 * @param \WC_Order           $order The order.
	 * @return array<string,mixed>
	 */
	public function add( array $data, \WC_Order $order ): array {
		$refunds = array();
		foreach ( $order->get_refunds() as $refund ) {
			$refunds[ $refund->get_id() ] = $this->refund( $refund );
		}
		foreach ( $data['refunds'] as $position => $entry ) {
			$data['refunds'][ $position ] += $refunds[ $entry['id'] ] ?? array();
		}
		$lines = $order->get_items();
		foreach ( $data['line_items'] as $position => $entry ) {
			$categories = isset( $lines[ $entry['id'] ] ) ? $this->categories( $lines[ $entry['id'] ] ) : null;
			if ( null !== $categories ) {
				$data['line_items'][ $position ]['regulars_categories'] = $categories;
			}
		}
		return $data;
	}

	/**
	 * When a refund was made, and what it gave back on which lines.
	 *
	 * @param \WC_Order_Refund $refund The refund.
	 * @return array{date_created_gmt:?string,line_items:array<int,array<string,mixed>>}
	 */
	private function refund( \WC_Order_Refund $refund ): array {
		$decimals = wc_get_price_decimals();
		$lines    = array();
		foreach ( $refund->get_items() as $item ) {
			$lines[] = array(
				'id'        => $item->get_id(),
				'total'     => wc_format_decimal( $item->get_total(), $decimals ),
				'total_tax' => wc_format_decimal( $item->get_total_tax(), $decimals ),
				'meta_data' => array(
					array(
						'key'   => self::REFUNDED_ITEM,
						'value' => (string) $item->get_meta( self::REFUNDED_ITEM ),
					),
				),
			);
		}
		return array(
			'date_created_gmt' => wc_rest_prepare_date_response( $refund->get_date_created() ),
			'line_items'       => $lines,
		);
	}

	/**
	 * The categories a line's product is in now; null where the line knows them from its checkout, or the product is
	 * no more.
	 *
	 * @param \WC_Order_Item $line The line.
	 * @return int[]|null
	 */
	private function categories( \WC_Order_Item $line ): ?array {
		if ( ! $line instanceof \WC_Order_Item_Product || $line->meta_exists( LineFacts::CATEGORIES ) ) {
			return null;
		}
		$there = ! in_array( get_post_status( $line->get_product_id() ), array( false, 'trash', 'auto-draft' ), true );
		return $there ? LineFacts::categories( $line->get_product_id() ) : null;
	}
}
