<?php
/**
 * Birthday and consent in My account → Account details.
 *
 * A theme may override this template in yourtheme/woocommerce/myaccount/regulars-about-you.php.
 *
 * @package Regulars
 *
 * @var int               $month  Month of the birthday, 0 for none.
 * @var int               $day    Day of the birthday, 0 for none.
 * @var array<int,string> $months Names of the months by number.
 * @var bool              $offers Whether the shopper wants offers.
 */

defined( 'ABSPATH' ) || exit;
?>
<fieldset class="regulars-about-you">
	<legend><?php esc_html_e( 'Rewards', 'regulars-for-woocommerce' ); ?></legend>
	<input type="hidden" name="regulars_about_you" value="1" />
	<p class="woocommerce-form-row woocommerce-form-row--first form-row form-row-first">
		<label for="regulars_birth_month"><?php esc_html_e( 'Birth month', 'regulars-for-woocommerce' ); ?> <span class="optional">(<?php esc_html_e( 'optional', 'regulars-for-woocommerce' ); ?>)</span></label>
		<select name="regulars_birth_month" id="regulars_birth_month" class="woocommerce-Input input-select">
			<option value="0">–</option>
			<?php foreach ( $months as $regulars_number => $regulars_name ) : ?>
				<option value="<?php echo esc_attr( (string) $regulars_number ); ?>" <?php selected( $month, $regulars_number ); ?>><?php echo esc_html( $regulars_name ); ?></option>
			<?php endforeach; ?>
		</select>
	</p>
	<p class="woocommerce-form-row woocommerce-form-row--last form-row form-row-last">
		<label for="regulars_birth_day"><?php esc_html_e( 'Birth day', 'regulars-for-woocommerce' ); ?> <span class="optional">(<?php esc_html_e( 'optional', 'regulars-for-woocommerce' ); ?>)</span></label>
		<select name="regulars_birth_day" id="regulars_birth_day" class="woocommerce-Input input-select">
			<option value="0">–</option>
			<?php foreach ( range( 1, 31 ) as $regulars_number ) : ?>
				<option value="<?php echo esc_attr( (string) $regulars_number ); ?>" <?php selected( $day, $regulars_number ); ?>><?php echo esc_html( (string) $regulars_number ); ?></option>
			<?php endforeach; ?>
		</select>
	</p>
	<div class="clear"></div>
	<p class="woocommerce-form-row woocommerce-form-row--wide form-row form-row-wide">
		<label class="woocommerce-form__label woocommerce-form__label-for-checkbox checkbox" for="regulars_offers">
			<input type="checkbox" class="woocommerce-form__input woocommerce-form__input-checkbox input-checkbox" name="regulars_offers" id="regulars_offers" value="yes" <?php checked( $offers ); ?> />
			<span><?php esc_html_e( 'Send me personal offers and coupons', 'regulars-for-woocommerce' ); ?></span>
		</label>
	</p>
</fieldset>
