<?php
/**
 * What the store owner sees while the store is connected.
 *
 * @var array $view Texts, see Regulars\Admin\StatusFeed::view().
 *
 * @package Regulars
 */

defined( 'ABSPATH' ) || exit;
?>
<table class="form-table regulars-facts" role="presentation">
	<tr>
		<th scope="row"><?php esc_html_e( 'Connector', 'regulars-for-woocommerce' ); ?></th>
		<td><code><?php echo esc_html( $this->connection->address() ); ?></code></td>
	</tr>
	<tr>
		<th scope="row"><?php esc_html_e( 'Order history', 'regulars-for-woocommerce' ); ?></th>
		<td id="regulars-sync" data-state="<?php echo esc_attr( $view['sync']['state'] ); ?>" data-percent="<?php echo esc_attr( $view['sync']['percent'] ); ?>">
			<progress class="regulars-progress" max="100" value="<?php echo esc_attr( $view['sync']['percent'] ); ?>" aria-label="<?php esc_attr_e( 'Progress of reading the order history', 'regulars-for-woocommerce' ); ?>"></progress>
			<span class="regulars-sync-text"><?php echo esc_html( $view['sync']['text'] ); ?></span>
		</td>
	</tr>
	<tr>
		<th scope="row"><?php esc_html_e( 'Customers last scored', 'regulars-for-woocommerce' ); ?></th>
		<td id="regulars-scored"><?php echo esc_html( $view['scored'] ); ?></td>
	</tr>
	<tr>
		<th scope="row"><?php esc_html_e( 'Last delivery', 'regulars-for-woocommerce' ); ?></th>
		<td id="regulars-last-delivery"><?php echo esc_html( $view['last_delivery'] ); ?></td>
	</tr>
	<tr>
		<th scope="row"><?php esc_html_e( 'Waiting deliveries', 'regulars-for-woocommerce' ); ?></th>
		<td id="regulars-waiting" data-waiting="<?php echo esc_attr( $view['waiting'] ); ?>" data-failed="<?php echo esc_attr( $view['failed'] ); ?>"><?php echo esc_html( $view['waiting_text'] ); ?></td>
	</tr>
	<tr>
		<th scope="row"><?php esc_html_e( 'Last error', 'regulars-for-woocommerce' ); ?></th>
		<td id="regulars-last-error" data-level="<?php echo esc_attr( $view['error']['level'] ); ?>"><?php echo esc_html( $view['error']['text'] ); ?></td>
	</tr>
</table>
<div class="regulars-panel__foot">
	<?php require __DIR__ . '/disconnect.php'; ?>
</div>
