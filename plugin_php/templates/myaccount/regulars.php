<?php
/**
 * My account → Rewards.
 *
 * A theme can override this template by copying it to yourtheme/woocommerce/myaccount/regulars.php.
 *
 * @var string $tier      Slug of the tier, for example 'silver'.
 * @var string $tier_name Its name.
 * @var array  $progress  What is still to do for tiers: sentences.
 * @var int    $points    Points that can be used now.
 * @var int    $pending   Points that wait until an order can no longer be returned.
 * @var array  $expiring  The points that expire next: 'points', 'last_day'; or null.
 * @var array  $coupons   Usable coupons: 'code', 'gives' (HTML), 'uses', 'expires'.
 *
 * @package Regulars
 * @version 0.1.0
 */

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.NamingConventions.PrefixAllGlobals -- variables of wc_get_template().
?>
<div class="regulars-rewards">
	<dl class="regulars-summary">
		<div class="regulars-summary__item">
			<dt><?php esc_html_e( 'Your tier', 'regulars-for-woocommerce' ); ?></dt>
			<dd class="regulars-tier" data-tier="<?php echo esc_attr( $tier ); ?>"><?php echo esc_html( $tier_name ); ?></dd>
			<?php foreach ( $progress as $sentence ) : ?>
				<dd class="regulars-progress"><?php echo esc_html( $sentence ); ?></dd>
			<?php endforeach; ?>
		</div>
		<div class="regulars-summary__item">
			<dt><?php esc_html_e( 'Your points', 'regulars-for-woocommerce' ); ?></dt>
			<dd class="regulars-points" data-points="<?php echo esc_attr( $points ); ?>"><?php echo esc_html( number_format_i18n( $points ) ); ?></dd>
			<?php if ( $pending ) : ?>
				<dd class="regulars-pending" data-points="<?php echo esc_attr( (string) $pending ); ?>"><?php echo esc_html( sprintf( /* translators: %s: number of points */ __( 'and %s pending', 'regulars-for-woocommerce' ), number_format_i18n( $pending ) ) ); ?></dd>
			<?php endif; ?>
		</div>
		<?php if ( $expiring ) : ?>
			<div class="regulars-summary__item">
				<dt><?php esc_html_e( 'Expiring next', 'regulars-for-woocommerce' ); ?></dt>
				<dd class="regulars-expiring" data-points="<?php echo esc_attr( (string) $expiring['points'] ); ?>"><?php echo esc_html( number_format_i18n( $expiring['points'] ) ); ?></dd>
				<dd class="regulars-pending"><?php echo esc_html( sprintf( /* translators: %s: date */ __( 'last day: %s', 'regulars-for-woocommerce' ), $expiring['last_day'] ) ); ?></dd>
			</div>
		<?php endif; ?>
	</dl>

	<?php do_action( 'regulars_rewards_redeem' ); ?>

	<?php if ( 0 === $points && 0 === $pending ) : ?>
		<p class="regulars-how"><?php esc_html_e( 'You earn points with what you buy. They appear here soon after your order is confirmed.', 'regulars-for-woocommerce' ); ?></p>
	<?php endif; ?>

	<h3 class="regulars-heading"><?php esc_html_e( 'Your coupons', 'regulars-for-woocommerce' ); ?></h3>
	<?php if ( $coupons ) : ?>
		<ul class="regulars-coupons">
			<?php foreach ( $coupons as $coupon ) : ?>
				<li class="regulars-coupon" data-code="<?php echo esc_attr( $coupon['code'] ); ?>">
					<div class="regulars-coupon__what">
						<strong class="regulars-coupon__gives"><?php echo wp_kses_post( $coupon['gives'] ); ?></strong>
						<span class="regulars-coupon__terms"><?php echo esc_html( $coupon['uses'] ); ?></span>
						<span class="regulars-coupon__terms"><?php echo esc_html( $coupon['expires'] ); ?></span>
					</div>
					<div class="regulars-coupon__take">
						<code class="regulars-coupon__code"><?php echo esc_html( strtoupper( $coupon['code'] ) ); ?></code>
						<button type="button" class="button wp-element-button regulars-copy" data-copied="<?php esc_attr_e( 'Copied', 'regulars-for-woocommerce' ); ?>" aria-label="<?php /* translators: %s: coupon code */ echo esc_attr( sprintf( __( 'Copy the code %s', 'regulars-for-woocommerce' ), strtoupper( $coupon['code'] ) ) ); ?>" hidden><?php esc_html_e( 'Copy', 'regulars-for-woocommerce' ); ?></button>
						<span class="screen-reader-text" role="status"></span>
					</div>
				</li>
			<?php endforeach; ?>
		</ul>
		<p class="regulars-hint"><?php esc_html_e( 'Enter a code in the cart or at checkout. These coupons are yours alone.', 'regulars-for-woocommerce' ); ?></p>
	<?php else : ?>
		<p class="regulars-none"><?php esc_html_e( 'You have no coupons at the moment. When there is one for you, it appears here.', 'regulars-for-woocommerce' ); ?></p>
	<?php endif; ?>
</div>
