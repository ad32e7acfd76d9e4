<?php
/**
 * The programme as a form.
 *
 * @package Regulars
 */

namespace Regulars\Admin;

defined( 'ABSPATH' ) || exit;

/**
 * Turns the connector's document into fields and what was typed back into the document. What the form does not show
 * stays as it is. Whether a value is right is for the connector to say.
 */
final class ProgrammeForm {

	/**
	 * The document as the connector gave it.
	 *
	 * @var array<string,mixed>
	 */
	private $document;

	/**
	 * Rows of tiers as they were typed; null to show those of the document.
	 *
	 * @var array<int,array<string,string>>|null
	 */
	private $rows = null;

	/**
	 * Takes the document.
	 *
	 * @param array<string,mixed> $document The programme as the connector sends it.
	 */
	public function __construct( array $document ) {
		$this->document = $document;
	}

	/**
	 * The form as somebody left it.
	 *
	 * @param array<string,mixed> $typed As for filled_in().
	 */
	public function as_typed( array $typed ): self {
		$form       = new self( $this->filled_in( $typed ) );
		$form->rows = array();
		foreach ( (array) ( $typed['tiers'] ?? array() ) as $row ) {
			if ( '' !== ( $row['name'] ?? '' ) ) {
				$form->rows[] = $row + array(
					'threshold' => '',
					'was'       => '',
				);
			}
		}
		return $form;
	}

	/**
	 * Fields by headings; each has path, label, kind (as in ProgrammeFields) and value.
	 *
	 * @return array<string,array<int,array<string,mixed>>>
	 */
	public function sections(): array {
		$sections = array();
		foreach ( ProgrammeFields::sections() as $heading => $fields ) {
			foreach ( array_filter( $fields, array( $this, 'knows' ), ARRAY_FILTER_USE_KEY ) as $path => list( $label, $kind ) ) {
				$value                  = $this->shown( $path, $kind );
				$sections[ $heading ][] = compact( 'path', 'label', 'kind', 'value' );
			}
		}
		return $sections;
	}

	/**
	 * The tiers, the lowest first; 'was' is the name the connector knows.
	 *
	 * @return array<int,array<string,string>>
	 */
	public function tiers(): array {
		if ( null !== $this->rows ) {
			return $this->rows;
		}
		$tiers = array();
		foreach ( (array) $this->read( 'ladder.tiers' ) as $tier ) {
			$tiers[] = array(
				'name'      => (string) ( $tier['name'] ?? '' ),
				'threshold' => (string) ( $tier['threshold'] ?? '' ),
				'was'       => (string) ( $tier['name'] ?? '' ),
			);
		}
		return $tiers;
	}

	/**
	 * The campaigns: label and whether they run, by name.
	 *
	 * @return array<string,array{label:string,enabled:bool}>
	 */
	public function campaigns(): array {
		$words     = ProgrammeWords::triggers();
		$campaigns = array();
		foreach ( (array) $this->read( 'campaigns' ) as $campaign ) {
			$trigger                        = $words[ $campaign['trigger'] ] ?? $campaign['trigger'];
			$campaigns[ $campaign['name'] ] = array(
				'label'   => $campaign['name'] === $campaign['trigger'] ? $trigger : $trigger . ' (' . $campaign['name'] . ')',
				'enabled' => ! empty( $campaign['enabled'] ),
			);
		}
		return $campaigns;
	}

	/**
	 * What it takes for a score, as ScoreThresholds::of() says.
	 *
	 * @return array<string,string[]>
	 */
	public function thresholds(): array {
		return ScoreThresholds::of( $this->document );
	}

	/**
	 * What a path without a field of its own is about, for people; the path where there is no word for it.
	 *
	 * @param string $path A path in the document.
	 */
	public function subject( string $path ): string {
		list( $part, $at ) = explode( '.', $path ) + array( '', '' );
		if ( 'campaigns' === $part ) {
			return array_values( $this->campaigns() )[ $at ]['label'] ?? $path;
		}
		return 'ladder.tiers' === $path ? __( 'Tiers', 'regulars-for-woocommerce' ) : $path;
	}

	/**
	 * The document with what was typed.
	 *
	 * @param array<string,mixed> $typed 'fields' by path, 'tiers' as rows of name and threshold, 'campaigns' as names,
	 *                                   'thresholds' as four texts by measure.
	 * @return array<string,mixed>
	 */
	public function filled_in( array $typed ): array {
		$document = $this->document;
		foreach ( array_filter( ProgrammeFields::kinds(), array( $this, 'knows' ), ARRAY_FILTER_USE_KEY ) as $path => $kind ) {
			list( $part, $name )        = explode( '.', $path );
			$document[ $part ][ $name ] = self::meant( $kind, $typed['fields'][ $path ] ?? null );
		}
		$document                    = ScoreThresholds::filled_in( $document, (array) ( $typed['thresholds'] ?? array() ) );
		$names                       = array();
		$document['ladder']['tiers'] = $this->typed_tiers( (array) ( $typed['tiers'] ?? array() ), $names );
		foreach ( array_keys( $document['campaigns'] ) as $at ) {
			$document['campaigns'][ $at ]['enabled']           = in_array( $document['campaigns'][ $at ]['name'], (array) ( $typed['campaigns'] ?? array() ), true );
			$document['campaigns'][ $at ]['audience']['tiers'] = self::renamed( $document['campaigns'][ $at ]['audience']['tiers'] ?? array(), $names );
		}
		foreach ( array_keys( $document['earning']['multipliers'] ) as $at ) {
			$document['earning']['multipliers'][ $at ]['tiers'] = self::renamed( $document['earning']['multipliers'][ $at ]['tiers'], $names );
		}
		// JSON knows lists from objects, PHP does not where they are empty.
		$document['earning']['currency_rates'] = (object) $document['earning']['currency_rates'];
		return $document;
	}

	/**
	 * The tiers as typed, each with the benefits it had. A row without a name is a tier that is gone.
	 *
	 * @param array<int,array<string,string>> $rows  What was typed, in the order of the form.
	 * @param array<string,string>            $names New names by old ones.
	 * @return array<int,array<string,mixed>>
	 */
	private function typed_tiers( array $rows, array &$names ): array {
		$held  = array_column( (array) $this->read( 'ladder.tiers' ), null, 'name' );
		$tiers = array();
		foreach ( $rows as $row ) {
			$name = (string) ( $row['name'] ?? '' );
			if ( '' === $name ) {
				continue;
			}
			$was  = (string) ( $row['was'] ?? '' );
			$tier = $held[ $was ] ?? array();
			if ( '' !== $was ) {
				$names[ $was ] = $name;
			}
			$tiers[] = array(
				'name'      => $name,
				'threshold' => self::whole( (string) ( $row['threshold'] ?? '' ) ),
			) + $tier;
		}
		return $tiers;
	}

	/**
	 * Tiers under their new names.
	 *
	 * @param string[]             $tiers Names.
	 * @param array<string,string> $names New names by old ones.
	 * @return string[]
	 */
	private static function renamed( array $tiers, array $names ): array {
		return array_map(
			static function ( $name ) use ( $names ) {
				return $names[ $name ] ?? $name;
			},
			$tiers
		);
	}

	/**
	 * What was typed as the document says it. What is no number is passed on as it is, for the connector to refuse.
	 *
	 * @param string|array<string,string> $kind  The field's kind.
	 * @param mixed                       $typed What was typed.
	 * @return mixed
	 */
	private static function meant( $kind, $typed ) {
		$text = is_scalar( $typed ) ? trim( (string) $typed ) : '';
		switch ( $kind ) {
			case 'yes':
				return '' !== $text;
			case 'whole':
				return self::whole( $text );
			case 'percent':
				return is_numeric( $text ) ? (string) round( (float) $text / 100, 6 ) : $text;
			default:
				return $text;
		}
	}

	/**
	 * A whole number where it is one.
	 *
	 * @param string $text What was typed.
	 * @return int|string
	 */
	public static function whole( string $text ) {
		return 1 === preg_match( '/^-?[0-9]{1,15}$/D', $text ) ? (int) $text : $text;
	}

	/**
	 * Whether the connector has the part of a setting; one of an earlier release would refuse what it does not know.
	 *
	 * @param string $path Where the setting is.
	 */
	private function knows( string $path ): bool {
		return isset( $this->document[ explode( '.', $path )[0] ] );
	}

	/**
	 * What a field shows of the document.
	 *
	 * @param string                      $path Where it is.
	 * @param string|array<string,string> $kind The field's kind.
	 */
	private function shown( string $path, $kind ): string {
		$value = $this->read( $path );
		if ( 'percent' === $kind && is_numeric( $value ) ) {
			return (string) round( (float) $value * 100, 4 );
		}
		return is_scalar( $value ) ? (string) $value : '';
	}

	/**
	 * A value of the document, or null.
	 *
	 * @param string $path Where it is.
	 * @return mixed
	 */
	private function read( string $path ) {
		$value = $this->document;
		foreach ( explode( '.', $path ) as $step ) {
			$value = $value[ $step ] ?? null;
		}
		return $value;
	}
}
