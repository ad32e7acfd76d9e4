/* Keeps the settings page current while it is open, and buttons from being pressed twice or by mistake. */
( function () {
	'use strict';

	var settings = window.regularsAdmin;
	var RUNNING = 3000;
	var RESTING = 30000;

	function setText( selector, text ) {
		var element = document.querySelector( selector );
		if ( element && element.textContent !== text ) {
			element.textContent = text;
		}
		return element;
	}

	function show( view ) {
		var badge = setText( '#regulars-connection', view.state_text );
		var sync = document.getElementById( 'regulars-sync' );
		var waiting = setText( '#regulars-waiting', view.waiting_text );
		var error = setText( '#regulars-last-error', view.error.text );
		var troubled = document.getElementById( 'regulars-troubled' );

		badge.classList.toggle( 'is-troubled', view.trouble );
		sync.dataset.state = view.sync.state;
		sync.dataset.percent = view.sync.percent;
		sync.querySelector( 'progress' ).value = view.sync.percent;
		setText( '.regulars-sync-text', view.sync.text );
		setText( '#regulars-scored', view.scored );
		setText( '#regulars-last-delivery', view.last_delivery );
		waiting.dataset.waiting = view.waiting;
		waiting.dataset.failed = view.failed;
		error.dataset.level = view.error.level;
		if ( troubled && view.waiting + view.failed === 0 ) {
			troubled.hidden = true;
		}
	}

	function ask() {
		var body = new URLSearchParams( { action: 'regulars_status', _ajax_nonce: settings.nonce } );
		return window
			.fetch( settings.url, { method: 'POST', credentials: 'same-origin', body: body } )
			.then( function ( response ) {
				return response.json();
			} )
			.catch( function () {
				// The network of this browser is away for a moment; the page stays as it was.
				return null;
			} );
	}

	/* Shows an answer and returns how long to wait with the next question. */
	function follow( answer ) {
		if ( ! answer || ! answer.success ) {
			return RESTING;
		}
		if ( answer.data.state !== 'connected' ) {
			window.location.reload();
			return RESTING;
		}
		show( answer.data );
		var state = answer.data.sync.state;
		return state === 'running' || state === 'waiting' || answer.data.waiting > 0 ? RUNNING : RESTING;
	}

	function poll() {
		var pause = RESTING;
		if ( document.hidden ) {
			window.setTimeout( poll, RUNNING );
			return;
		}
		ask()
			.then( function ( answer ) {
				pause = follow( answer );
			} )
			.finally( function () {
				window.setTimeout( poll, pause );
			} );
	}

	document.addEventListener( 'submit', function ( event ) {
		var button = event.target.querySelector( 'button[data-busy]' );
		if ( button && button.dataset.confirm && ! window.confirm( button.dataset.confirm ) ) {
			event.preventDefault();
		} else if ( button ) {
			button.disabled = true;
			button.textContent = button.dataset.busy;
		}
	} );

	// The section about the programme shows nothing of the state, and a form that must not be lost.
	if ( settings.live && document.getElementById( 'regulars-sync' ) ) {
		poll();
	}
}() );
