<?php
/**
 * One field of the programme.
 *
 * @var array<string,mixed> $field The field, see Regulars\Admin\ProgrammeForm::sections().
 * @var string              $error What is wrong with it, or an empty string.
 *
 * @package Regulars
 */

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.NamingConventions.PrefixAllGlobals -- variables of the including method.
$regulars_id   = 'regulars-' . str_replace( array( '.', '_' ), '-', $field['path'] );
$regulars_name = 'regulars[fields][' . $field['path'] . ']';
$regulars_aria = '' === $error ? '' : ' aria-invalid="true" aria-describedby="' . esc_attr( $regulars_id ) . '-error"';
?>
<tr>
	<th scope="row"><label for="<?php echo esc_attr( $regulars_id ); ?>"><?php echo esc_html( $field['label'] ); ?></label></th>
	<td>
		<?php if ( is_array( $field['kind'] ) ) : ?>
			<select id="<?php echo esc_attr( $regulars_id ); ?>" name="<?php echo esc_attr( $regulars_name ); ?>"<?php echo $regulars_aria; // phpcs:ignore WordPress.Security.EscapeOutput -- escaped above. ?>>
				<?php foreach ( $field['kind'] as $regulars_value => $regulars_word ) : ?>
					<option value="<?php echo esc_attr( $regulars_value ); ?>" <?php selected( $field['value'], $regulars_value ); ?>><?php echo esc_html( $regulars_word ); ?></option>
				<?php endforeach; ?>
			</select>
		<?php elseif ( 'yes' === $field['kind'] ) : ?>
			<input type="checkbox" id="<?php echo esc_attr( $regulars_id ); ?>" name="<?php echo esc_attr( $regulars_name ); ?>" value="1" <?php checked( '' !== $field['value'] ); ?>>
		<?php else : ?>
			<input type="number" class="small-text" min="0" step="<?php echo 'whole' === $field['kind'] ? '1' : 'any'; ?>" id="<?php echo esc_attr( $regulars_id ); ?>" name="<?php echo esc_attr( $regulars_name ); ?>" value="<?php echo esc_attr( $field['value'] ); ?>"<?php echo $regulars_aria; // phpcs:ignore WordPress.Security.EscapeOutput -- escaped above. ?>>
		<?php endif; ?>
		<?php if ( '' !== $error ) : ?>
			<p class="regulars-field-error" id="<?php echo esc_attr( $regulars_id ); ?>-error" data-path="<?php echo esc_attr( $field['path'] ); ?>"><?php echo esc_html( $error ); ?></p>
		<?php endif; ?>
	</td>
</tr>
