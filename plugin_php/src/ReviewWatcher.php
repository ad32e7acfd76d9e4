<?php
/**
 * Notices reviews of products.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Listens to WordPress's hooks for comments, as far as they are reviews of products by users. As with orders, a hook only
 * says "look at review N".
 */
final class ReviewWatcher {

	/**
	 * Where changes are noted.
	 *
	 * @var Changes
	 */
	private $changes;

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
		add_action( 'wp_insert_comment', array( $this, 'written' ), 10, 2 );
		add_action( 'transition_comment_status', array( $this, 'moved' ), 10, 3 );
		add_action( 'deleted_comment', array( $this, 'deleted' ), 10, 2 );
		add_action( 'trashed_post_comments', array( $this, 'went_with_their_product' ), 10, 2 );
		add_action( 'untrashed_post_comments', array( $this, 'went_with_their_product' ) );
	}

	/**
	 * A new comment.
	 *
	 * @param int         $id      Its id.
	 * @param \WP_Comment $comment The comment.
	 */
	public function written( $id, $comment ): void {
		if ( self::is_shown( $comment ) ) {
			$this->note( $comment, 'written' );
		}
	}

	/**
	 * A comment that was approved, held back, marked as spam or put into the trash.
	 *
	 * @param string      $to      Status now.
	 * @param string      $from    Status before.
	 * @param \WP_Comment $comment The comment.
	 */
	public function moved( $to, $from, $comment ): void {
		if ( 'approved' === $to || 'approved' === $from ) {
			$this->note( $comment, 'approved' === $to ? 'approved' : 'withdrawn' );
		}
	}

	/**
	 * A comment deleted for good.
	 *
	 * @param int         $id      Its id.
	 * @param \WP_Comment $comment The comment as it was.
	 */
	public function deleted( $id, $comment ): void {
		$this->note( $comment, 'deleted' );
	}

	/**
	 * The comments of a post that was put into the trash or taken out of it. WordPress changes their status all at once,
	 * without saying so of each. Only those that the store shows, before or after, are noted.
	 *
	 * @param int                    $post_id Id of the post.
	 * @param array<int,string>|null $before  What 'comment_approved' was by comment, where it went into the trash.
	 */
	public function went_with_their_product( $post_id, $before = null ): void {
		if ( 'product' !== get_post_type( (int) $post_id ) ) {
			return;
		}
		$trashed = is_array( $before );
		$reviews = get_comments(
			array(
				'post_id'        => (int) $post_id,
				'type'           => 'review',
				'status'         => $trashed ? 'post-trashed' : 'approve',
				'author__not_in' => array( 0 ),
				'fields'         => 'ids',
			)
		);
		foreach ( $trashed ? array_intersect( $reviews, array_keys( $before, '1' ) ) : $reviews as $id ) {
			$this->changes->note( 'review', (int) $id, $trashed ? 'product_trashed' : 'product_restored' );
		}
	}

	/**
	 * Whether a comment is a review that the store shows.
	 *
	 * @param \WP_Comment $comment The comment.
	 */
	public static function is_shown( \WP_Comment $comment ): bool {
		return '1' === (string) $comment->comment_approved && self::is_review( $comment );
	}

	/**
	 * Whether a comment is a user's review of a product.
	 *
	 * @param \WP_Comment $comment The comment.
	 */
	private static function is_review( \WP_Comment $comment ): bool {
		return 'review' === $comment->comment_type && $comment->user_id > 0 && 'product' === get_post_type( (int) $comment->comment_post_ID );
	}

	/**
	 * Notes a review.
	 *
	 * @param mixed  $comment The comment.
	 * @param string $cause   What happened.
	 */
	private function note( $comment, string $cause ): void {
		if ( $comment instanceof \WP_Comment && self::is_review( $comment ) ) {
			$this->changes->note( 'review', (int) $comment->comment_ID, $cause );
		}
	}
}
