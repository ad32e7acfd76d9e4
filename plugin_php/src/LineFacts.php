<?php
/**
 * What is written down of a product when it is bought.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Keeps on each line of a new order which categories its product was in and whether it was on sale. Both change later,
 * and points are earned by what was true at checkout. Works in the store alone: no remote call, no query of ours.
 */
final class LineFacts {

	public const ON_SALE    = '_regulars_on_sale';
	public const CATEGORIES = '_regulars_categories';

	/**
	 * Registers the hooks. WooCommerce's blocks make their lines through the same one as its classic checkout.
	 */
	public function register(): void {
		add_action( 'woocommerce_checkout_create_order_line_item', array( $this, 'keep' ), 10, 3 );
		add_filter( 'woocommerce_hidden_order_itemmeta', array( $this, 'hide' ) );
	}

	/**
	 * Writes the facts on a line that is being made.
	 *
	 * @param \WC_Order_Item_Product $item   The line.
	 * @param string                 $key    Key of the cart item.
	 * @param array<string,mixed>    $values The cart item.
	 */
	public function keep( $item, $key, $values ): void {
		$product = $values['data'] ?? null;
		if ( ! $product instanceof \WC_Product ) {
			return;
		}
		$item->update_meta_data( self::CATEGORIES, implode( ',', self::categories( $item->get_product_id() ) ) );
		if ( $product->is_on_sale() ) {
			$item->update_meta_data( self::ON_SALE, 'yes' );
		}
	}

	/**
	 * Hides the facts where WP admin shows the meta of a line.
	 *
	 * @param string[] $keys Hidden keys.
	 * @return string[]
	 */
	public function hide( $keys ) {
		return array_merge( (array) $keys, array( self::ON_SALE, self::CATEGORIES ) );
	}

	/**
	 * A product's categories, those above them included.
	 *
	 * @param int $product_id Id of the product, for a variation that of its parent.
	 * @return int[]
	 */
	public static function categories( int $product_id ): array {
		$ids = array_unique( array_map( 'intval', wc_get_product_cat_ids( $product_id ) ) );
		sort( $ids );
		return $ids;
	}
}
