<?php
/**
 * Notices changes of orders.
 *
 * @package Regulars
 */

namespace Regulars;

use Automattic\WooCommerce\Utilities\OrderUtil;

defined( 'ABSPATH' ) || exit;

/**
 * Listens to WooCommerce's own hooks, which both order storages fire, and to the few WordPress hooks that the older
 * storage (orders as posts) fires instead. A hook only says "look at order N"; what became of it is read when it is
 * sent, so one hook too many does no harm.
 */
final class OrderWatcher {

	private const DRAFTS = array( 'checkout-draft', 'auto-draft', 'draft', 'new' );

	/**
	 * What happened to an order, by hooks that hand over its id and the order itself.
	 */
	private const ORDERS = array(
		'woocommerce_new_order'    => 'created',
		'woocommerce_update_order' => 'updated',
	);

	/**
	 * The same by hooks that hand over its id only.
	 */
	private const ORDER_IDS = array(
		'woocommerce_trash_order'       => 'trashed',
		'woocommerce_untrash_order'     => 'restored',
		'woocommerce_order_refunded'    => 'refunded',
		'woocommerce_saved_order_items' => 'items_changed',
	);

	/**
	 * The same to a post: the order list of the older storage trashes, restores and deletes posts directly.
	 */
	private const POSTS = array(
		'trashed_post'   => 'trashed',
		'untrashed_post' => 'restored',
		'deleted_post'   => 'deleted',
	);

	/**
	 * Where changes are noted.
	 *
	 * @var Changes
	 */
	private $changes;

	/**
	 * Orders about to be deleted in this request, by id.
	 *
	 * @var array<int,bool>
	 */
	private $leaving = array();

	/**
	 * Drafts and other things that are no orders, by id. A checkout saves the items of its draft many times.
	 *
	 * @var array<int,bool>
	 */
	private $ignored = array();

	/**
	 * Takes where changes are noted.
	 *
	 * @param Changes $changes Where changes are noted.
	 */
	public function __construct( Changes $changes ) {
		$this->changes = $changes;
	}

	/**
	 * Registers the hooks.
	 */
	public function register(): void {
		$this->listen(
			self::ORDERS,
			function ( $id, $order, string $cause ) {
				$this->note( $order ? $order : wc_get_order( $id ), $cause );
			}
		);
		$this->listen(
			self::ORDER_IDS,
			function ( $id, $more, string $cause ) {
				$this->note_id( (int) $id, $cause );
			}
		);
		$this->listen(
			self::POSTS,
			function ( $id, $post, string $cause ) {
				$this->note_post( (int) $id, $post instanceof \WP_Post ? $post : get_post( $id ), $cause );
			}
		);
		add_action( 'woocommerce_order_status_changed', array( $this, 'status_changed' ), 10, 4 );
		add_action( 'woocommerce_before_delete_order', array( $this, 'about_to_be_deleted' ), 10, 2 );
		add_action( 'woocommerce_delete_order', array( $this, 'deleted' ) );

		add_action( 'woocommerce_after_order_refund_object_save', array( $this, 'refund_saved' ) );
		add_filter( 'woocommerce_pre_delete_order_refund', array( $this, 'refund_about_to_be_deleted' ), 999, 2 );
		add_action( 'woocommerce_refund_deleted', array( $this, 'refund_deleted' ), 10, 2 );

		// Items can change without the order's modified date (woocommerce/woocommerce#34798).
		add_action( 'woocommerce_new_order_item', array( $this, 'item_changed' ), 10, 3 );
		add_action( 'woocommerce_update_order_item', array( $this, 'item_changed' ), 10, 3 );
		add_action( 'woocommerce_before_delete_order_item', array( $this, 'item_changed' ) );
	}

	/**
	 * Registers hooks that say one thing each.
	 *
	 * @param array<string,string> $causes What happened, by hook.
	 * @param callable             $note   Takes what the hook hands over (an id, and one thing more or null) and the cause.
	 */
	private function listen( array $causes, callable $note ): void {
		foreach ( $causes as $hook => $cause ) {
			add_action(
				$hook,
				static function ( $id, $more = null ) use ( $note, $cause ) {
					$note( $id, $more, $cause );
				},
				10,
				2
			);
		}
	}

	/**
	 * Another status.
	 *
	 * @param int       $id    Order id.
	 * @param string    $from  Status before.
	 * @param string    $to    Status now.
	 * @param \WC_Order $order The order.
	 */
	public function status_changed( $id, $from, $to, $order ): void {
		$this->note( $order, 'trash' === $from ? 'restored' : 'status_changed' );
	}

	/**
	 * Remembers what is about to be deleted: afterwards nobody can tell an order from a refund. It is noted only when
	 * it is gone; noted now, it could be sent while it is still there.
	 *
	 * @param int                $id    Order id.
	 * @param \WC_Abstract_Order $order The order.
	 */
	public function about_to_be_deleted( $id, $order = null ): void {
		if ( self::is_notable( $order ) ) {
			$this->leaving[ (int) $id ] = true;
		}
	}

	/**
	 * An order deleted for good.
	 *
	 * @param int $id Order id.
	 */
	public function deleted( $id ): void {
		if ( isset( $this->leaving[ (int) $id ] ) ) {
			unset( $this->leaving[ (int) $id ] );
			$this->changes->note( 'order', (int) $id, 'deleted' );
		}
	}

	/**
	 * A refund that was saved by any way, also without wc_create_refund().
	 *
	 * @param \WC_Order_Refund $refund The refund.
	 */
	public function refund_saved( $refund ): void {
		$this->note_id( (int) $refund->get_parent_id(), 'refunded' );
	}

	/**
	 * Runs before a refund is deleted, by any way. Noted twice: the second time counts at the end of the request,
	 * when the refund is gone.
	 *
	 * @param mixed              $check  Passed through.
	 * @param \WC_Abstract_Order $refund The refund.
	 * @return mixed
	 */
	public function refund_about_to_be_deleted( $check, $refund ) {
		$this->note_id( (int) $refund->get_parent_id(), 'refund_deleted' );
		$this->note_id( (int) $refund->get_parent_id(), 'refund_deleted' );
		return $check;
	}

	/**
	 * A refund deleted in the order screen.
	 *
	 * @param int $refund_id Id of the refund.
	 * @param int $order_id  Id of the order.
	 */
	public function refund_deleted( $refund_id, $order_id ): void {
		$this->note_id( (int) $order_id, 'refund_deleted' );
	}

	/**
	 * An item added, changed or about to be deleted.
	 *
	 * @param int   $item_id  Id of the item.
	 * @param mixed $item     The item, or its arguments.
	 * @param int   $order_id Id of the order; missing in some versions of these hooks.
	 */
	public function item_changed( $item_id, $item = null, $order_id = 0 ): void {
		$order_id = $order_id ? (int) $order_id : (int) wc_get_order_id_by_order_item_id( $item_id );
		// Twice, because an item about to be deleted is still there: the second counts at the end of the request.
		$this->note_id( $order_id, 'items_changed' );
		$this->note_id( $order_id, 'items_changed' );
	}

	/**
	 * Notes a post that is an order, while orders live in posts.
	 *
	 * @param int           $id    Post id.
	 * @param \WP_Post|null $post  The post; when it was deleted, as it was.
	 * @param string        $cause What happened.
	 */
	private function note_post( int $id, $post, string $cause ): void {
		$is_order = $post && 'shop_order' === $post->post_type && ! OrderUtil::custom_orders_table_usage_is_enabled();
		if ( $is_order && ! ( 'deleted' === $cause && in_array( $post->post_status, array( 'auto-draft', 'wc-checkout-draft' ), true ) ) ) {
			$this->changes->note( 'order', $id, $cause );
		}
	}

	/**
	 * Notes an order known by its id.
	 *
	 * @param int    $id    Order id.
	 * @param string $cause What happened.
	 */
	private function note_id( int $id, string $cause ): void {
		if ( $id <= 0 || isset( $this->ignored[ $id ] ) || $this->changes->repeated( 'order', $id, $cause ) ) {
			return;
		}
		$order = wc_get_order( $id );
		if ( self::is_notable( $order ) ) {
			$this->changes->note( 'order', $id, $cause );
		} else {
			$this->ignored[ $id ] = true;
		}
	}

	/**
	 * Notes an order as it is right now.
	 *
	 * @param mixed  $order The order, if there is one.
	 * @param string $cause What happened.
	 */
	private function note( $order, string $cause ): void {
		if ( self::is_notable( $order ) ) {
			unset( $this->ignored[ $order->get_id() ] );
			$this->changes->note( 'order', $order->get_id(), $cause );
		}
	}

	/**
	 * Whether something is an order, and not a draft, a refund or another kind of order.
	 *
	 * @param mixed $order An order, perhaps.
	 */
	public static function is_notable( $order ): bool {
		return $order instanceof \WC_Abstract_Order && 'shop_order' === $order->get_type() && ! in_array( $order->get_status(), self::DRAFTS, true );
	}
}
