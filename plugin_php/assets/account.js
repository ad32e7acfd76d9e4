/* Copies a coupon code. Without clipboard access (plain http) the buttons stay hidden and the code can be selected. */
( function () {
	'use strict';

	if ( ! window.navigator.clipboard ) {
		return;
	}
	document.querySelectorAll( '.regulars-copy' ).forEach( function ( button ) {
		var label = button.textContent;
		var said = button.parentNode.querySelector( '[role="status"]' );
		function say( text ) {
			// Missing where a theme keeps an earlier template.
			if ( said ) {
				said.textContent = text;
			}
		}

		button.hidden = false;
		button.addEventListener( 'click', function () {
			var code = button.parentNode.querySelector( '.regulars-coupon__code' ).textContent;
			window.navigator.clipboard.writeText( code ).then( function () {
				button.textContent = button.dataset.copied;
				say( button.dataset.copied );
				window.setTimeout( function () {
					button.textContent = label;
					say( '' );
				}, 2000 );
			} );
		} );
	} );
}() );
