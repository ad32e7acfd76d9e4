<?php
/**
 * The programme as a form.
 *
 * @var Regulars\Admin\ProgrammeForm $form     The form.
 * @var int                          $version  The version it was made from.
 * @var array<string,string>         $errors   What is wrong, by path.
 * @var array<string,string>         $unplaced What is wrong elsewhere, by path.
 *
 * @package Regulars
 */

use Regulars\Admin\ProgrammePage;

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.NamingConventions.PrefixAllGlobals -- variables of the including method.
$tiers   = $form->tiers();
$tiers[] = array(
	'name'      => '',
	'threshold' => '',
	'was'       => '',
);
?>
<form class="regulars-panel regulars-programme" method="post" action="<?php echo esc_url( admin_url( 'admin-post.php' ) ); ?>">
	<input type="hidden" name="action" value="<?php echo esc_attr( ProgrammePage::SAVE ); ?>">
	<input type="hidden" name="version" value="<?php echo esc_attr( (string) $version ); ?>">
	<?php wp_nonce_field( ProgrammePage::SAVE ); ?>
	<div class="regulars-panel__head">
		<h2><?php esc_html_e( 'Programme', 'regulars-for-woocommerce' ); ?></h2>
		<?php /* translators: %d: number of the version */ ?>
		<span class="regulars-badge" id="regulars-programme-version" data-version="<?php echo esc_attr( (string) $version ); ?>"><?php echo esc_html( sprintf( __( 'Version %d', 'regulars-for-woocommerce' ), $version ) ); ?></span>
	</div>
	<?php foreach ( $unplaced as $path => $sentence ) : ?>
		<p class="regulars-field-error"><strong><?php echo esc_html( $form->subject( $path ) ); ?></strong> <?php echo esc_html( $sentence ); ?></p>
	<?php endforeach; ?>

	<h3><?php esc_html_e( 'Tiers', 'regulars-for-woocommerce' ); ?></h3>
	<p class="description"><?php esc_html_e( 'The lowest tier starts at 0. Clear a name to remove a tier; fill in the last row to add one. What thresholds count is chosen below.', 'regulars-for-woocommerce' ); ?></p>
	<table class="regulars-tiers">
		<thead><tr><th scope="col"><?php esc_html_e( 'Name', 'regulars-for-woocommerce' ); ?></th><th scope="col"><?php esc_html_e( 'From', 'regulars-for-woocommerce' ); ?></th></tr></thead>
		<tbody>
		<?php foreach ( $tiers as $at => $tier ) : ?>
			<tr>
				<?php foreach ( array( 'name', 'threshold' ) as $name ) : ?>
					<?php
					$error = $errors[ "ladder.tiers.$at.$name" ] ?? '';
					$id    = "regulars-ladder-tiers-$at-$name";
					?>
					<td>
						<input type="<?php echo 'name' === $name ? 'text' : 'number'; ?>" name="regulars[tiers][<?php echo esc_attr( (string) $at ); ?>][<?php echo esc_attr( $name ); ?>]" value="<?php echo esc_attr( $tier[ $name ] ); ?>" aria-label="<?php echo 'name' === $name ? esc_attr__( 'Name of the tier', 'regulars-for-woocommerce' ) : esc_attr__( 'Threshold of the tier', 'regulars-for-woocommerce' ); ?>"<?php echo 'name' === $name ? ' maxlength="24"' : ' min="0" step="1"'; ?><?php echo '' === $error ? '' : ' aria-invalid="true" aria-describedby="' . esc_attr( $id ) . '-error"'; ?>>
						<?php if ( 'name' === $name ) : ?>
							<input type="hidden" name="regulars[tiers][<?php echo esc_attr( (string) $at ); ?>][was]" value="<?php echo esc_attr( $tier['was'] ); ?>">
						<?php endif; ?>
						<?php if ( '' !== $error ) : ?>
							<p class="regulars-field-error" id="<?php echo esc_attr( $id ); ?>-error" data-path="<?php echo esc_attr( "ladder.tiers.$at.$name" ); ?>"><?php echo esc_html( $error ); ?></p>
						<?php endif; ?>
					</td>
				<?php endforeach; ?>
			</tr>
		<?php endforeach; ?>
		</tbody>
	</table>

	<?php foreach ( $form->sections() as $heading => $fields ) : ?>
		<h3><?php echo esc_html( $heading ); ?></h3>
		<table class="form-table" role="presentation">
			<?php
			foreach ( $fields as $field ) {
				$error = $errors[ $field['path'] ] ?? '';
				require __DIR__ . '/programme-field.php';
			}
			?>
		</table>
	<?php endforeach; ?>

	<?php
	$thresholds = $form->thresholds();
	if ( $thresholds ) {
		require __DIR__ . '/programme-thresholds.php';
	}
	?>

	<?php if ( $form->campaigns() ) : ?>
		<h3><?php esc_html_e( 'Campaigns', 'regulars-for-woocommerce' ); ?></h3>
		<fieldset>
			<legend class="screen-reader-text"><?php esc_html_e( 'Campaigns that run', 'regulars-for-woocommerce' ); ?></legend>
			<?php foreach ( $form->campaigns() as $name => $campaign ) : ?>
				<p><label><input type="checkbox" name="regulars[campaigns][]" value="<?php echo esc_attr( $name ); ?>" <?php checked( $campaign['enabled'] ); ?>> <?php echo esc_html( $campaign['label'] ); ?></label></p>
			<?php endforeach; ?>
		</fieldset>
	<?php endif; ?>

	<div class="regulars-panel__foot">
		<p><label><input type="checkbox" name="past" value="1"> <?php esc_html_e( 'Apply to earlier orders too. Otherwise points for them stay as they are.', 'regulars-for-woocommerce' ); ?></label></p>
		<p><button type="submit" class="button button-primary" id="regulars-save-programme"><?php esc_html_e( 'Save the programme', 'regulars-for-woocommerce' ); ?></button></p>
	</div>
</form>
