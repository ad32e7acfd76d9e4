<?php
/**
 * What changed in this request.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Writes changes to the outbox: at once when a cause comes to a resource for the first time in a request, so that a crash
 * loses nothing, and once more at the end of the request where a cause came again. A checkout with fifty order lines so
 * costs a write for each kind of change and one at the end, not fifty.
 */
final class Changes {

	/**
	 * The outbox.
	 *
	 * @var Outbox
	 */
	private $outbox;

	/**
	 * What sends the outbox.
	 *
	 * @var Schedule
	 */
	private $schedule;

	/**
	 * Causes written in this request, as keys 'order:12:updated'.
	 *
	 * @var array<string,bool>
	 */
	private $written = array();

	/**
	 * Resources that changed again: 'order:12' to the cause.
	 *
	 * @var array<string,string>
	 */
	private $again = array();

	/**
	 * Takes where to write and whom to wake.
	 *
	 * @param Outbox   $outbox   The outbox.
	 * @param Schedule $schedule What sends it.
	 */
	public function __construct( Outbox $outbox, Schedule $schedule ) {
		$this->outbox   = $outbox;
		$this->schedule = $schedule;
	}

	/**
	 * Registers the writes at the end of the request, and before a run in this same process.
	 */
	public function register(): void {
		add_action( 'shutdown', array( $this, 'flush' ) );
		add_action( Schedule::SEND, array( $this, 'flush' ), 1 );
	}

	/**
	 * Notes a change. Makes no remote call.
	 *
	 * @param string $resource    'order', 'customer' or 'review'.
	 * @param int    $resource_id Its id.
	 * @param string $cause       What happened.
	 */
	public function note( string $resource, int $resource_id, string $cause ): void {
		if ( $resource_id <= 0 || $this->repeated( $resource, $resource_id, $cause ) ) {
			return;
		}
		$this->written[ $resource . ':' . $resource_id . ':' . $cause ] = true;
		$this->outbox->add( $resource, $resource_id, $cause, time() );
		$this->schedule->wake();
	}

	/**
	 * Whether this request has noted the same before. If so, it is noted once more at the end of the request.
	 *
	 * @param string $resource    'order', 'customer' or 'review'.
	 * @param int    $resource_id Its id.
	 * @param string $cause       What happened.
	 */
	public function repeated( string $resource, int $resource_id, string $cause ): bool {
		$key = $resource . ':' . $resource_id;
		if ( ! isset( $this->written[ $key . ':' . $cause ] ) ) {
			return false;
		}
		$this->again[ $key ] = $cause;
		return true;
	}

	/**
	 * Writes the resources that changed again, makes sure all are sent, and starts afresh.
	 */
	public function flush(): void {
		if ( array() === $this->written ) {
			return;
		}
		$again         = $this->again;
		$this->again   = array();
		$this->written = array();
		foreach ( $again as $key => $cause ) {
			list( $resource, $resource_id ) = explode( ':', $key );
			$this->outbox->add( $resource, (int) $resource_id, $cause, time() );
		}
		$this->schedule->wake( true );
	}
}
