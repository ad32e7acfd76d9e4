<?php
/**
 * The section "Programme" of the settings page.
 *
 * @package Regulars
 */

namespace Regulars\Admin;

use Regulars\Connection;
use Regulars\ConnectorClient;
use Regulars\Text;

defined( 'ABSPATH' ) || exit;

/**
 * Reads the programme from the connector when the section is opened, and saves it there. Nothing of it is kept here.
 */
final class ProgrammePage {

	public const SECTION = 'programme';
	public const SAVE    = 'regulars_save_programme';

	private const PATH = '/v1/programme';

	/**
	 * The connection.
	 *
	 * @var Connection
	 */
	private $connection;

	/**
	 * Requests to the connector.
	 *
	 * @var ConnectorClient
	 */
	private $client;

	/**
	 * Takes what it works with.
	 *
	 * @param Connection      $connection The connection.
	 * @param ConnectorClient $client     Requests to the connector.
	 */
	public function __construct( Connection $connection, ConnectorClient $client ) {
		$this->connection = $connection;
		$this->client     = $client;
	}

	/**
	 * Registers what the button does.
	 */
	public function register(): void {
		add_action( 'admin_post_' . self::SAVE, array( $this, 'save' ) );
	}

	/**
	 * Address of the section.
	 */
	public static function url(): string {
		return add_query_arg( 'section', self::SECTION, SettingsPage::url() );
	}

	/**
	 * Whether the section is what is being looked at.
	 */
	public static function is_open(): bool {
		// phpcs:ignore WordPress.Security.NonceVerification.Recommended -- only chooses what is shown.
		return isset( $_GET['section'] ) && self::SECTION === $_GET['section'];
	}

	/**
	 * Prints the section: the programme as it is, or as it was typed with what is wrong beside the fields.
	 */
	public function print_section(): void {
		$reply = $this->client->call( $this->connection, 'GET', self::PATH );
		if ( ! $this->is_programme( $reply->data ) ) {
			$problem = $reply->error();
			require dirname( REGULARS_FILE ) . '/templates/admin/programme-away.php';
			return;
		}
		$version = (int) $reply->data['version'];
		$form    = new ProgrammeForm( $reply->data['programme'] );
		$errors  = array();
		$kept    = $this->take();
		if ( $kept ) {
			$errors  = $kept['errors'];
			$version = $kept['version'];
			$form    = $form->as_typed( $kept['typed'] );
		}
		$unplaced = $this->unplaced( $form, $errors );
		require dirname( REGULARS_FILE ) . '/templates/admin/programme.php';
	}

	/**
	 * Saves what was typed, and leads back to the section.
	 */
	public function save(): void {
		if ( ! current_user_can( 'manage_woocommerce' ) ) {
			wp_die( esc_html__( 'You are not allowed to change these settings.', 'regulars-for-woocommerce' ), '', array( 'response' => 403 ) );
		}
		check_admin_referer( self::SAVE );
		$typed   = self::typed();
		$version = isset( $_POST['version'] ) ? absint( $_POST['version'] ) : 0;
		$reply   = $this->client->call( $this->connection, 'GET', self::PATH );
		if ( $this->is_programme( $reply->data ) ) {
			$wanted = array(
				'version'   => $version,
				'programme' => ( new ProgrammeForm( $reply->data['programme'] ) )->filled_in( $typed ),
			);
			if ( isset( $_POST['past'] ) ) {
				$wanted['effective_from'] = null;
			}
			$reply = $this->client->call( $this->connection, 'PUT', self::PATH, $wanted );
		}
		if ( $reply->is_success() && $this->is_programme( $reply->data ) ) {
			( new Notice( 'success', __( 'The programme is saved. Points and tiers follow within a few minutes.', 'regulars-for-woocommerce' ) ) )->keep();
		} else {
			$this->keep( $typed, $version, ProgrammeMistakes::of( $reply ) );
			( new Notice( 'error', $this->refusal( $reply ) ) )->keep();
		}
		wp_safe_redirect( self::url() );
		exit;
	}

	/**
	 * Why nothing was saved.
	 *
	 * @param \Regulars\ConnectorReply $reply What the connector answered.
	 */
	private function refusal( \Regulars\ConnectorReply $reply ): string {
		if ( 'version_conflict' === $reply->text( 'code' ) ) {
			return __( 'Somebody else has changed the programme meanwhile, so yours was not saved. Open this section again to see theirs.', 'regulars-for-woocommerce' );
		}
		if ( 'validation_failed' === $reply->text( 'code' ) ) {
			return __( 'Nothing was saved yet: please mend what is marked below.', 'regulars-for-woocommerce' );
		}
		return $reply->error();
	}

	/**
	 * What was typed, cleaned.
	 *
	 * @return array{fields:array<string,string>,tiers:array<int,array<string,string>>,campaigns:string[],thresholds:array<string,string[]>}
	 */
	private static function typed(): array {
		// phpcs:disable WordPress.Security.NonceVerification.Missing,WordPress.Security.ValidatedSanitizedInput -- checked by the caller; every text is cleaned here.
		$posted = isset( $_POST['regulars'] ) && is_array( $_POST['regulars'] ) ? wp_unslash( $_POST['regulars'] ) : array();
		// phpcs:enable
		return array(
			'fields'     => self::texts( self::part( $posted, 'fields' ) ),
			'tiers'      => array_map( array( self::class, 'texts' ), array_values( self::part( $posted, 'tiers' ) ) ),
			'campaigns'  => self::texts( self::part( $posted, 'campaigns' ) ),
			'thresholds' => array_map( array( self::class, 'texts' ), self::part( $posted, 'thresholds' ) ),
		);
	}

	/**
	 * The texts among what was posted, cleaned.
	 *
	 * @param mixed $posted What was posted.
	 * @return array<int|string,string>
	 */
	private static function texts( $posted ): array {
		return array_map( array( Text::class, 'line' ), array_filter( (array) $posted, 'is_string' ) );
	}

	/**
	 * One part of what was posted.
	 *
	 * @param array<string,mixed> $posted What was posted.
	 * @param string              $name   Name of the part.
	 * @return array<int|string,mixed>
	 */
	private static function part( array $posted, string $name ): array {
		return isset( $posted[ $name ] ) && is_array( $posted[ $name ] ) ? $posted[ $name ] : array();
	}

	/**
	 * Errors that belong to no field of the form.
	 *
	 * @param ProgrammeForm        $form   The form.
	 * @param array<string,string> $errors Errors by path.
	 * @return array<string,string>
	 */
	private function unplaced( ProgrammeForm $form, array $errors ): array {
		$placed = array();
		foreach ( $form->sections() as $fields ) {
			$placed = array_merge( $placed, array_column( $fields, 'path' ) );
		}
		foreach ( array_keys( $form->tiers() ) as $at ) {
			array_push( $placed, "ladder.tiers.$at.name", "ladder.tiers.$at.threshold" );
		}
		foreach ( $form->thresholds() as $measure => $bounds ) {
			foreach ( array_keys( $bounds ) as $at ) {
				$placed[] = "scoring.$measure.$at";
			}
		}
		return array_diff_key( $errors, array_flip( $placed ) );
	}

	/**
	 * Whether this is the connector's answer and not a page of something else.
	 *
	 * @param array<string,mixed> $data The answer.
	 */
	private function is_programme( array $data ): bool {
		return isset( $data['version'], $data['programme']['ladder'], $data['programme']['earning'] );
	}

	/**
	 * Keeps what was typed for the next page of this user.
	 *
	 * @param array<string,mixed>  $typed   What was typed.
	 * @param int                  $version The version it was made from.
	 * @param array<string,string> $errors  What is wrong, by path.
	 */
	private function keep( array $typed, int $version, array $errors ): void {
		set_transient( self::name(), compact( 'typed', 'version', 'errors' ), MINUTE_IN_SECONDS );
	}

	/**
	 * What was kept, which is then forgotten; empty where nothing was.
	 *
	 * @return array<string,mixed>
	 */
	private function take(): array {
		$kept = get_transient( self::name() );
		delete_transient( self::name() );
		return is_array( $kept ) ? $kept : array();
	}

	/**
	 * Name under which it is kept.
	 */
	private static function name(): string {
		return 'regulars_programme_' . get_current_user_id();
	}
}
