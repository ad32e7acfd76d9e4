<?php
/**
 * The form that turns points into a coupon, under My account → Rewards and in the cart.
 *
 * A theme may override it in yourtheme/woocommerce/myaccount/regulars-redeem.php.
 *
 * @package Regulars
 *
 * @var string              $place    'account' or 'cart'.
 * @var string              $action   Where the form is sent.
 * @var string              $nonce    Nonce.
 * @var string              $key      Key of this redemption.
 * @var int                 $points   Points of the customer.
 * @var int                 $from     The fewest points.
 * @var int                 $to       The most points, and what the form begins with.
 * @var int                 $step     Points go by this step.
 * @var string              $gives    What that many points are worth, as HTML.
 * @var string              $rate     One unit of money, as HTML.
 * @var int                 $per_unit How many points buy it.
 * @var array<string,mixed> $preview  What the script needs to show other amounts.
 */

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.NamingConventions.PrefixAllGlobals -- variables of wc_get_template().
?>
<form class="regulars-redeem regulars-redeem--<?php echo esc_attr( $place ); ?>" method="post" action="<?php echo esc_url( $action ); ?>" aria-labelledby="regulars-redeem-title">
	<h3 class="regulars-heading" id="regulars-redeem-title"><?php esc_html_e( 'Use your points', 'regulars-for-woocommerce' ); ?></h3>
	<?php if ( 'cart' === $place ) : ?>
		<p class="regulars-redeem__have"><?php echo esc_html( sprintf( /* translators: %s: number of points */ __( 'Your points: %s', 'regulars-for-woocommerce' ), number_format_i18n( $points ) ) ); ?></p>
	<?php endif; ?>
	<div class="regulars-redeem__row">
		<p class="form-row regulars-redeem__field">
			<label for="regulars-redeem-points"><?php esc_html_e( 'Points to redeem', 'regulars-for-woocommerce' ); ?></label>
			<input type="number" class="input-text" id="regulars-redeem-points" name="regulars_redeem_points" inputmode="numeric" required value="<?php echo esc_attr( (string) $to ); ?>" min="<?php echo esc_attr( (string) $from ); ?>" max="<?php echo esc_attr( (string) $to ); ?>" step="<?php echo esc_attr( (string) $step ); ?>" aria-describedby="regulars-redeem-hint" data-preview="<?php echo esc_attr( (string) wp_json_encode( $preview ) ); ?>">
		</p>
		<p class="regulars-redeem__gives">
			<span class="regulars-redeem__label"><?php esc_html_e( 'Discount', 'regulars-for-woocommerce' ); ?></span>
			<output class="regulars-redeem__amount" for="regulars-redeem-points" aria-live="polite"><?php echo wp_kses_post( $gives ); ?></output>
		</p>
		<p class="regulars-redeem__send">
			<button type="submit" class="button wp-element-button"><?php esc_html_e( 'Redeem', 'regulars-for-woocommerce' ); ?></button>
		</p>
	</div>
	<p class="regulars-hint" id="regulars-redeem-hint">
		<?php
		if ( $from === $to ) {
			/* translators: %s: number of points */
			$range = __( 'Points you can redeem: %s.', 'regulars-for-woocommerce' );
		} else {
			/* translators: 1: number of points, 2: number of points, 3: number of points */
			$range = 1 === $step ? __( 'From %1$s to %2$s points.', 'regulars-for-woocommerce' ) : __( 'From %1$s to %2$s points, in steps of %3$s.', 'regulars-for-woocommerce' );
		}
		echo esc_html( sprintf( $range, number_format_i18n( $from ), number_format_i18n( $to ), number_format_i18n( $step ) ) );
		echo ' ';
		/* translators: 1: amount of money, 2: number of points */
		echo wp_kses_post( sprintf( __( 'A discount of %1$s takes %2$s of your points.', 'regulars-for-woocommerce' ), $rate, number_format_i18n( $per_unit ) ) );
		?>
	</p>
	<input type="hidden" name="regulars_redeem_place" value="<?php echo esc_attr( $place ); ?>">
	<input type="hidden" name="regulars_redeem_key" value="<?php echo esc_attr( $key ); ?>">
	<input type="hidden" name="_wpnonce" value="<?php echo esc_attr( $nonce ); ?>">
</form>
