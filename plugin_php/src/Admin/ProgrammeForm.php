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
	 * Fields by headings; each has path, label, type, value and what its input needs.
	 *
	 * @return array<string,array<int,array<string,mixed>>>
	 */
	public function sections(): array {
		return array(
			__( 'Earning points', 'regulars-for-woocommerce' )   => array(
				$this->number( 'earning.rate', __( 'Points per currency unit', 'regulars-for-woocommerce' ), 'any' ),
				$this->select( 'earning.rounding', __( 'Fractions of a point', 'regulars-for-woocommerce' ), ProgrammeWords::roundings() ),
				$this->number( 'earning.hold_days', __( 'Days until points can be spent', 'regulars-for-woocommerce' ) ),
			),
			__( 'Redeeming points', 'regulars-for-woocommerce' ) => array(
				$this->checkbox( 'redeeming.enabled', __( 'Customers may pay with points', 'regulars-for-woocommerce' ) ),
				$this->number( 'redeeming.points_per_unit', __( 'Points for one currency unit of discount', 'regulars-for-woocommerce' ) ),
				$this->number( 'redeeming.minimum', __( 'Fewest points to redeem', 'regulars-for-woocommerce' ) ),
				$this->number( 'redeeming.step', __( 'In steps of', 'regulars-for-woocommerce' ) ),
				$this->percent( 'redeeming.largest_share', __( 'Most of a cart that points may pay (%)', 'regulars-for-woocommerce' ) ),
			),
			__( 'Expiry of points', 'regulars-for-woocommerce' ) => array(
				$this->select( 'expiry.basis', __( 'Points expire', 'regulars-for-woocommerce' ), ProgrammeWords::expiries() ),
				$this->number( 'expiry.months', __( 'After months', 'regulars-for-woocommerce' ) ),
				$this->number( 'expiry.warn_days', __( 'Days of warning', 'regulars-for-woocommerce' ) ),
			),
			__( 'How tiers are earned', 'regulars-for-woocommerce' ) => array(
				$this->select( 'ladder.basis', __( 'Thresholds count', 'regulars-for-woocommerce' ), ProgrammeWords::bases() ),
				$this->select( 'ladder.window', __( 'Over', 'regulars-for-woocommerce' ), ProgrammeWords::windows() ),
				$this->number( 'ladder.months', __( 'Months, where the window moves', 'regulars-for-woocommerce' ) ),
			),
			__( 'Measuring', 'regulars-for-woocommerce' )        => array(
				$this->number( 'governor.hold_out_percent', __( 'Customers kept without offers, to measure against (%)', 'regulars-for-woocommerce' ), 'any' ),
			),
		);
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
				'label'   => $trigger . ' (' . $campaign['name'] . ')',
				'enabled' => ! empty( $campaign['enabled'] ),
			);
		}
		return $campaigns;
	}

	/**
	 * The document with what was typed.
	 *
	 * @param array<string,mixed> $typed 'fields' by path, 'tiers' as rows of name and threshold, 'campaigns' as names.
	 * @return array<string,mixed>
	 */
	public function filled_in( array $typed ): array {
		$document = $this->document;
		foreach ( $this->sections() as $fields ) {
			foreach ( $fields as $field ) {
				self::write( $document, $field['path'], self::value_of( $field, $typed['fields'][ $field['path'] ] ?? null ) );
			}
		}
		$names                      = array();
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
	 * What a field says in the document. What is no number is passed on as it is, for the connector to refuse.
	 *
	 * @param array<string,mixed> $field The field.
	 * @param mixed               $typed What was typed.
	 * @return mixed
	 */
	private static function value_of( array $field, $typed ) {
		$text = is_scalar( $typed ) ? trim( (string) $typed ) : '';
		if ( 'checkbox' === $field['type'] ) {
			return '' !== $text;
		}
		if ( 'percent' === $field['type'] ) {
			return is_numeric( $text ) ? (string) round( (float) $text / 100, 6 ) : $text;
		}
		return 'number' === $field['type'] && 'any' !== $field['step'] ? self::whole( $text ) : $text;
	}

	/**
	 * A whole number where it is one.
	 *
	 * @param string $text What was typed.
	 * @return int|string
	 */
	private static function whole( string $text ) {
		return 1 === preg_match( '/^-?[0-9]{1,15}$/D', $text ) ? (int) $text : $text;
	}

	/**
	 * A field for a number.
	 *
	 * @param string $path  Where it is in the document.
	 * @param string $label Its label.
	 * @param string $step  '1' for whole numbers, else 'any'.
	 * @return array<string,mixed>
	 */
	private function number( string $path, string $label, string $step = '1' ): array {
		return $this->field( 'number', $path, $label ) + array( 'step' => $step );
	}

	/**
	 * A field for a share, typed as per cent.
	 *
	 * @param string $path  Where it is in the document.
	 * @param string $label Its label.
	 * @return array<string,mixed>
	 */
	private function percent( string $path, string $label ): array {
		$field = $this->field( 'percent', $path, $label );
		if ( is_numeric( $field['value'] ) ) {
			$field['value'] = (string) round( (float) $field['value'] * 100, 4 );
		}
		return $field + array( 'step' => 'any' );
	}

	/**
	 * A field for one of several words.
	 *
	 * @param string               $path    Where it is in the document.
	 * @param string               $label   Its label.
	 * @param array<string,string> $options Words by value.
	 * @return array<string,mixed>
	 */
	private function select( string $path, string $label, array $options ): array {
		return $this->field( 'select', $path, $label ) + array( 'options' => $options );
	}

	/**
	 * A field for yes or no.
	 *
	 * @param string $path  Where it is in the document.
	 * @param string $label Its label.
	 * @return array<string,mixed>
	 */
	private function checkbox( string $path, string $label ): array {
		return $this->field( 'checkbox', $path, $label );
	}

	/**
	 * What every field has.
	 *
	 * @param string $type  Its type.
	 * @param string $path  Where it is in the document.
	 * @param string $label Its label.
	 * @return array<string,mixed>
	 */
	private function field( string $type, string $path, string $label ): array {
		$value = $this->read( $path );
		return array(
			'type'  => $type,
			'path'  => $path,
			'label' => $label,
			'value' => is_scalar( $value ) ? (string) $value : '',
		);
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
			$value = is_array( $value ) && isset( $value[ $step ] ) ? $value[ $step ] : null;
		}
		return $value;
	}

	/**
	 * Puts a value into a document.
	 *
	 * @param array<string,mixed> $document The document.
	 * @param string              $path     Where to.
	 * @param mixed               $value    The value.
	 */
	private static function write( array &$document, string $path, $value ): void {
		list( $part, $name )        = explode( '.', $path );
		$document[ $part ][ $name ] = $value;
	}
}
