<?php
/**
 * What it takes for a score.
 *
 * @var array<string,string[]> $thresholds Four texts by measure, see Regulars\Admin\ScoreThresholds::of().
 * @var array<string,string>   $errors     What is wrong, by path.
 *
 * @package Regulars
 */

use Regulars\Admin\ScoreThresholds;

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.NamingConventions.PrefixAllGlobals -- variables of the including method.
$measures = ScoreThresholds::measures();
?>
<h3><?php esc_html_e( 'What it takes for a score', 'regulars-for-woocommerce' ); ?></h3>
<p class="description"><?php esc_html_e( 'A row left empty compares customers with one another: the best fifth scores 5, the next 4, and so on. Everybody scores at least 1.', 'regulars-for-woocommerce' ); ?></p>
<table class="regulars-thresholds">
	<thead>
		<tr>
			<td></td>
			<?php foreach ( range( 2, 5 ) as $score ) : ?>
				<th scope="col"><?php echo esc_html( (string) $score ); ?></th>
			<?php endforeach; ?>
		</tr>
	</thead>
	<tbody>
	<?php foreach ( $thresholds as $measure => $bounds ) : ?>
		<tr>
			<th scope="row"><?php echo esc_html( $measures[ $measure ] ); ?></th>
			<?php foreach ( $bounds as $at => $bound ) : ?>
				<?php
				$path  = "scoring.$measure.$at";
				$id    = "regulars-scoring-$measure-$at";
				$error = $errors[ $path ] ?? '';
				?>
				<td>
					<?php /* translators: 1: recency, frequency or spending, with what is counted; 2: a score from 2 to 5 */ ?>
					<input type="number" min="0" step="1" id="<?php echo esc_attr( $id ); ?>" name="regulars[thresholds][<?php echo esc_attr( $measure ); ?>][]" value="<?php echo esc_attr( $bound ); ?>" aria-label="<?php echo esc_attr( sprintf( __( '%1$s, for a score of %2$d', 'regulars-for-woocommerce' ), $measures[ $measure ], $at + 2 ) ); ?>"<?php echo '' === $error ? '' : ' aria-invalid="true" aria-describedby="' . esc_attr( $id ) . '-error"'; ?>>
					<?php if ( '' !== $error ) : ?>
						<p class="regulars-field-error" id="<?php echo esc_attr( $id ); ?>-error" data-path="<?php echo esc_attr( $path ); ?>"><?php echo esc_html( $error ); ?></p>
					<?php endif; ?>
				</td>
			<?php endforeach; ?>
		</tr>
	<?php endforeach; ?>
	</tbody>
</table>
