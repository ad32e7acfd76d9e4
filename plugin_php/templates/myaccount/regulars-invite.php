<?php
/**
 * The link for friends in My account → Rewards.
 *
 * A theme may override this template in yourtheme/woocommerce/myaccount/regulars-invite.php.
 *
 * @package Regulars
 *
 * @var string $link   The shopper's own link.
 * @var int    $you    Points for who sends a friend, 0 for none.
 * @var int    $friend Points for the friend, 0 for none.
 */

defined( 'ABSPATH' ) || exit;
?>
<div class="regulars-invite">
	<h3 class="regulars-heading"><?php esc_html_e( 'Bring your friends', 'regulars-for-woocommerce' ); ?></h3>
	<p>
		<?php esc_html_e( 'Send this link to friends who have not bought here yet.', 'regulars-for-woocommerce' ); ?>
		<?php if ( $you > 0 ) : ?>
			<?php /* translators: %s: number of points */ echo esc_html( sprintf( __( 'Points for you after a friend’s first order: %s.', 'regulars-for-woocommerce' ), number_format_i18n( $you ) ) ); ?>
		<?php endif; ?>
		<?php if ( $friend > 0 ) : ?>
			<?php /* translators: %s: number of points */ echo esc_html( sprintf( __( 'Points for your friend: %s.', 'regulars-for-woocommerce' ), number_format_i18n( $friend ) ) ); ?>
		<?php endif; ?>
	</p>
	<p><code class="regulars-invite__link"><?php echo esc_url( $link ); ?></code></p>
</div>
