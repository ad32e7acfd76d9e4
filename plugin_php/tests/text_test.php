<?php
/**
 * Texts of people.
 *
 * @package Regulars
 */

namespace Regulars\Tests;

use Regulars\Text;

function test_a_name_is_kept_as_it_was_typed() {
	foreach ( array( '黃金會員', '50%ab club', '100%', 'VIP <3', '<b>Best</b>', 'A  &amp; B' ) as $name ) {
		same( $name, Text::line( $name ) );
	}
}

function test_a_text_is_one_line_without_space_around_it() {
	same( 'Inner Circle', Text::line( " Inner\r\nCircle\t\n" ) );
}

function test_what_is_no_utf8_is_nothing() {
	same( '', Text::line( "gold\xff" ) );
}
