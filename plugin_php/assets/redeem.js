/* Shows what the chosen points are worth while they are being chosen. Without it the form says so afterwards. */
( function () {
	'use strict';

	function money( points, preview ) {
		var scale = Math.pow( 10, preview.decimals );
		var minor = Math.floor( points * scale / preview.per_unit );
		var parts = ( minor / scale ).toFixed( preview.shown ).split( '.' );
		parts[ 0 ] = parts[ 0 ].replace( /\B(?=(\d{3})+$)/g, preview.thousands );
		return preview.format.replace( '{amount}', parts.join( preview.point ) );
	}

	document.querySelectorAll( '.regulars-redeem' ).forEach( function ( form ) {
		var input = form.querySelector( '[data-preview]' );
		var output = form.querySelector( 'output' );
		var preview = JSON.parse( input.dataset.preview );
		function show() {
			output.textContent = input.validity.valid ? money( input.valueAsNumber, preview ) : '–';
		}
		input.addEventListener( 'input', show );
		// Typed before this ran, or remembered by the browser from an earlier visit.
		if ( input.value !== input.defaultValue ) {
			show();
		}
		form.addEventListener( 'submit', function () {
			form.querySelector( 'button' ).disabled = true;
		} );
	} );
}() );
