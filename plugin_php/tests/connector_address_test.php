<?php
/**
 * Which addresses a connector may have.
 *
 * @package Regulars
 */

namespace Regulars\Tests;

use Regulars\ConnectorAddress;

function test_an_address_is_kept_without_a_slash_at_the_end() {
	same( 'https://regulars.example.com', ConnectorAddress::normalise( ' https://regulars.example.com/ ' ) );
	same( 'https://example.com/regulars', ConnectorAddress::normalise( 'https://example.com/regulars/' ) );
}

function test_an_address_without_a_scheme_gets_https_and_plain_http_only_on_this_machine() {
	same( 'https://regulars.example.com', ConnectorAddress::normalise( 'regulars.example.com' ) );
	same( 'http://127.0.0.1:8000', ConnectorAddress::normalise( '127.0.0.1:8000' ) );
	same( 'http://localhost:8000', ConnectorAddress::normalise( 'localhost:8000' ) );
}

function test_https_and_loopback_addresses_have_no_problem() {
	foreach ( array( 'https://regulars.example.com', 'https://10.0.0.5:8443', 'http://127.0.0.1:8000', 'http://localhost' ) as $address ) {
		same( '', ConnectorAddress::problem( $address ) );
	}
}

function test_plain_http_leaves_the_machine_for_nobody() {
	foreach ( array( 'http://regulars.example.com', 'http://10.0.0.5', 'http://127.0.0.1.example.com', 'http://localhost.example.com' ) as $address ) {
		same( true, false !== strpos( ConnectorAddress::problem( $address ), 'https://' ) );
	}
}

function test_what_is_no_address_is_refused_with_a_sentence() {
	foreach ( array( '', 'https://', 'ftp://example.com', 'javascript:alert(1)', 'https://user:pass@example.com', 'https://example.com/?a=b', 'https://example.com/#a', 'http://[::1]:8000' ) as $address ) {
		same( true, '' !== ConnectorAddress::problem( $address ) );
	}
}

function test_only_the_same_scheme_host_and_port_count_as_the_same_origin() {
	same( true, ConnectorAddress::same_origin( 'https://example.com/v1/pair', 'https://EXAMPLE.com:443/' ) );
	same( false, ConnectorAddress::same_origin( 'https://example.com', 'http://example.com' ) );
	same( false, ConnectorAddress::same_origin( 'http://127.0.0.1:8000', 'http://127.0.0.1:8001' ) );
	same( false, ConnectorAddress::same_origin( 'https://example.com', 'https://example.org' ) );
}
