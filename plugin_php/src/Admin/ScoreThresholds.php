<?php
/**
 * What it takes for a score, in the programme's form.
 *
 * @package Regulars
 */

namespace Regulars\Admin;

defined( 'ABSPATH' ) || exit;

/**
 * The owner's own thresholds: for each measure what it takes to score 2, 3, 4 and 5, as numbers to type. A measure with
 * nothing typed has none, and scores by fifths of the store's customers.
 */
final class ScoreThresholds {

	/**
	 * The measures and what is counted in each, by their names in the document.
	 *
	 * @return array<string,string>
	 */
	public static function measures(): array {
		return array(
			'recency'   => __( 'Recency: days since the last purchase, at most', 'regulars-for-woocommerce' ),
			'frequency' => __( 'Frequency: days with a purchase, at least', 'regulars-for-woocommerce' ),
			'monetary'  => __( 'Spending: amount spent, at least', 'regulars-for-woocommerce' ),
		);
	}

	/**
	 * What the form shows, by measure: four texts each. Empty where the connector has no scores to set.
	 *
	 * @param array<string,mixed> $document The programme.
	 * @return array<string,string[]>
	 */
	public static function of( array $document ): array {
		$shown = array();
		foreach ( isset( $document['scoring'] ) ? array_keys( self::measures() ) : array() as $measure ) {
			$bounds            = array_values( (array) ( $document['scoring'][ $measure ] ?? array() ) );
			$shown[ $measure ] = array_map( 'strval', array_slice( array_pad( $bounds, 4, '' ), 0, 4 ) );
		}
		return $shown;
	}

	/**
	 * The document with what was typed. A measure that was not in the form stays as it is.
	 *
	 * @param array<string,mixed>    $document The programme.
	 * @param array<string,string[]> $typed    Four texts by measure.
	 * @return array<string,mixed>
	 */
	public static function filled_in( array $document, array $typed ): array {
		foreach ( array_intersect_key( $typed, self::of( $document ) ) as $measure => $texts ) {
			$texts                           = array_map( 'trim', array_values( $texts ) );
			$document['scoring'][ $measure ] = array_filter( $texts, 'strlen' ) ? array_map( array( ProgrammeForm::class, 'whole' ), $texts ) : null;
		}
		return $document;
	}
}
