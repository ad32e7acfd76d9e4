<?php
/**
 * Deliveries that did not get through, and the button that tries them again.
 *
 * @var Regulars\OutboxRow[] $rows Deliveries in trouble.
 * @var array                $view Texts and times, see Regulars\Admin\StatusFeed::view().
 *
 * @package Regulars
 */

use Automattic\WooCommerce\Utilities\OrderUtil;
use Regulars\Admin\SettingsActions;

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.NamingConventions.PrefixAllGlobals -- variables of the including method.
?>
<div class="regulars-panel" id="regulars-troubled">
	<div class="regulars-panel__head">
		<h2><?php esc_html_e( 'Deliveries that did not get through', 'regulars-for-woocommerce' ); ?></h2>
		<form method="post" action="<?php echo esc_url( admin_url( 'admin-post.php' ) ); ?>">
			<input type="hidden" name="action" value="<?php echo esc_attr( SettingsActions::SEND_AGAIN ); ?>">
			<?php wp_nonce_field( SettingsActions::SEND_AGAIN ); ?>
			<button type="submit" class="button" id="regulars-send-again"><?php esc_html_e( 'Send again', 'regulars-for-woocommerce' ); ?></button>
		</form>
	</div>
	<p><?php esc_html_e( 'A delivery is tried again for three days. Nothing is lost: your orders stay in WooCommerce, and their latest state is sent.', 'regulars-for-woocommerce' ); ?></p>
	<table class="widefat striped regulars-table">
		<thead>
			<tr>
				<th scope="col"><?php esc_html_e( 'Record', 'regulars-for-woocommerce' ); ?></th>
				<th scope="col"><?php esc_html_e( 'Attempts', 'regulars-for-woocommerce' ); ?></th>
				<th scope="col"><?php esc_html_e( 'Next attempt', 'regulars-for-woocommerce' ); ?></th>
				<th scope="col"><?php esc_html_e( 'Reason', 'regulars-for-woocommerce' ); ?></th>
			</tr>
		</thead>
		<tbody>
			<?php foreach ( $rows as $row ) : ?>
				<?php
				if ( 'order' === $row->resource ) {
					/* translators: %d: order number */
					$name = sprintf( __( 'Order %d', 'regulars-for-woocommerce' ), $row->resource_id );
					$link = OrderUtil::get_order_admin_edit_url( $row->resource_id );
				} elseif ( 'review' === $row->resource ) {
					/* translators: %d: review number */
					$name = sprintf( __( 'Review %d', 'regulars-for-woocommerce' ), $row->resource_id );
					$link = admin_url( 'comment.php?action=editcomment&c=' . $row->resource_id );
				} else {
					/* translators: %d: customer number */
					$name = sprintf( __( 'Customer %d', 'regulars-for-woocommerce' ), $row->resource_id );
					$link = admin_url( 'user-edit.php?user_id=' . $row->resource_id );
				}
				?>
				<tr>
					<td data-colname="<?php esc_attr_e( 'Record', 'regulars-for-woocommerce' ); ?>"><a href="<?php echo esc_url( $link ); ?>"><?php echo esc_html( $name ); ?></a></td>
					<td data-colname="<?php esc_attr_e( 'Attempts', 'regulars-for-woocommerce' ); ?>"><?php echo esc_html( number_format_i18n( $row->attempts ) ); ?></td>
					<td data-colname="<?php esc_attr_e( 'Next attempt', 'regulars-for-woocommerce' ); ?>">
						<?php
						if ( 'failed' === $row->status ) {
							esc_html_e( 'Given up', 'regulars-for-woocommerce' );
						} elseif ( max( $row->next_attempt, $view['paused_until'] ) <= time() ) {
							esc_html_e( 'Within a minute', 'regulars-for-woocommerce' );
						} else {
							/* translators: %s: for example "5 minutes" */
							echo esc_html( sprintf( __( 'In %s', 'regulars-for-woocommerce' ), human_time_diff( time(), max( $row->next_attempt, $view['paused_until'] ) ) ) );
						}
						?>
					</td>
					<td data-colname="<?php esc_attr_e( 'Reason', 'regulars-for-woocommerce' ); ?>"><?php echo esc_html( $row->last_error ? $row->last_error : __( 'Waits for the connector to answer', 'regulars-for-woocommerce' ) ); ?></td>
				</tr>
			<?php endforeach; ?>
		</tbody>
	</table>
</div>
