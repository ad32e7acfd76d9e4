<?php
/**
 * The programme while the connector does not answer.
 *
 * @var string $problem Why.
 *
 * @package Regulars
 */

defined( 'ABSPATH' ) || exit;
?>
<div class="regulars-panel">
	<div class="regulars-panel__head"><h2><?php esc_html_e( 'Programme', 'regulars-for-woocommerce' ); ?></h2></div>
	<p><?php esc_html_e( 'The programme is kept by the connector, which did not answer:', 'regulars-for-woocommerce' ); ?></p>
	<p class="regulars-field-error"><?php echo esc_html( $problem ); ?></p>
</div>
