<?php
/**
 * When the outbox is sent.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Keeps one action in Action Scheduler that sends what is due. One action serves all rows: a storm of ten thousand
 * updates must not fill the store's own queue with ten thousand actions.
 */
final class Schedule {

	public const GROUP = 'regulars';
	public const SEND  = 'regulars_send';
	public const TEND  = 'regulars_tend';

	private const TEND_EVERY = 600;

	/**
	 * The outbox.
	 *
	 * @var Outbox
	 */
	private $outbox;

	/**
	 * Whether this request has already scheduled a run that is still to come.
	 *
	 * @var bool
	 */
	private $awake = false;

	/**
	 * Takes the outbox it keeps awake.
	 *
	 * @param Outbox $outbox The outbox.
	 */
	public function __construct( Outbox $outbox ) {
		$this->outbox = $outbox;
	}

	/**
	 * Registers the safety action.
	 */
	public function register(): void {
		add_action( self::TEND, array( $this, 'tend' ) );
		add_action( 'action_scheduler_ensure_recurring_actions', array( $this, 'ensure_tending' ) );
	}

	/**
	 * Makes sure a run is coming that finds a row due now. Cheap when called often; makes no remote call.
	 *
	 * @param bool $look_again Look even if this request has looked: that run may be over by now.
	 */
	public function wake( bool $look_again = false ): void {
		if ( $this->awake && ! $look_again ) {
			return;
		}
		if ( ! did_action( 'action_scheduler_init' ) ) {
			// Too early to schedule. The row is written, and tend() would find it in any case.
			add_action( 'action_scheduler_init', array( $this, 'wake' ), 10, 0 );
			return;
		}
		$this->awake = true;
		if ( ! $this->is_run_coming( time() ) ) {
			as_enqueue_async_action( self::SEND, array(), self::GROUP );
		}
	}

	/**
	 * Plans the next run.
	 *
	 * @param int|null $at Unix time; null when nothing waits.
	 */
	public function plan( ?int $at ): void {
		$this->awake = false;
		if ( null !== $at && ! $this->is_run_coming( $at ) ) {
			as_schedule_single_action( $at, self::SEND, array(), self::GROUP );
		}
	}

	/**
	 * Heals: rows that wait without an action (it was cancelled, cleaned up or died) get one.
	 */
	public function tend(): void {
		$next = $this->outbox->next_attempt();
		if ( null !== $next ) {
			$this->plan( max( $next, time() ) );
		}
	}

	/**
	 * Keeps the safety action itself alive.
	 */
	public function ensure_tending(): void {
		if ( ( new Connection() )->is_live() && ! as_has_scheduled_action( self::TEND, array(), self::GROUP ) ) {
			as_schedule_recurring_action( time() + self::TEND_EVERY, self::TEND_EVERY, self::TEND, array(), self::GROUP );
		}
	}

	/**
	 * Removes all our actions.
	 */
	public function clear(): void {
		$this->awake = false;
		as_unschedule_all_actions( '', array(), self::GROUP );
	}

	/**
	 * Whether a run is pending that starts by the given time. A run already under way does not count: it may have
	 * looked for rows for the last time.
	 *
	 * @param int $by Unix time.
	 */
	private function is_run_coming( int $by ): bool {
		return array() !== as_get_scheduled_actions(
			array(
				'hook'         => self::SEND,
				'group'        => self::GROUP,
				'status'       => \ActionScheduler_Store::STATUS_PENDING,
				'date'         => gmdate( 'Y-m-d H:i:s', $by ),
				'date_compare' => '<=',
				'per_page'     => 1,
			),
			'ids'
		);
	}
}
