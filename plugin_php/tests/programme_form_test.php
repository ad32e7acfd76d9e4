<?php
/**
 * The programme as a form.
 *
 * @package Regulars
 */

namespace Regulars\Tests;

use Regulars\Admin\ProgrammeForm;

function document() {
	return json_decode(
		'{"format":2,"margin":0.5,"counting":{"statuses":["completed"]},
		"earning":{"rate":"1","rounding":"down","hold_days":0,"currency_rates":{},"multipliers":[{"name":"x","factor":"2","tiers":["gold"]}]},
		"redeeming":{"enabled":true,"points_per_unit":100,"minimum":500,"step":100,"largest_share":"0.50"},
		"expiry":{"basis":"never","months":12,"warn_days":30},"governor":{"hold_out_percent":"5","one_live_coupon":true},
		"scoring":{"horizon_months":12,"lookback_months":0,"recency":null,"frequency":[2,3,5,10],"monetary":null},
		"ladder":{"basis":"net_spend","window":"rolling_months","months":12,"keep_months":3,"tiers":[
			{"name":"member","threshold":0,"benefits":{"multiplier":"1"}},{"name":"gold","threshold":5000,"benefits":{"multiplier":"2"}}]},
		"campaigns":[{"name":"second_purchase","trigger":"second_purchase","enabled":true,"audience":{"tiers":["gold"]}}]}',
		true
	);
}

function typed_as_shown() {
	$form  = new ProgrammeForm( document() );
	$typed = array(
		'fields'     => array(),
		'tiers'      => $form->tiers(),
		'campaigns'  => array( 'second_purchase' ),
		'thresholds' => $form->thresholds(),
	);
	foreach ( $form->sections() as $fields ) {
		foreach ( $fields as $field ) {
			$typed['fields'][ $field['path'] ] = $field['value'];
		}
	}
	return $typed;
}

function filled_in( $typed ) {
	return json_decode( json_encode( ( new ProgrammeForm( document() ) )->filled_in( $typed ) ), true );
}

function test_what_is_typed_as_it_was_shown_changes_nothing() {
	$filled = ( new ProgrammeForm( document() ) )->filled_in( typed_as_shown() );
	same( '{}', json_encode( $filled['earning']['currency_rates'] ) );
	$expected                               = document();
	$expected['redeeming']['largest_share'] = '0.5';
	same( $expected, json_decode( json_encode( $filled ), true ) );
}

function test_what_a_connector_of_an_earlier_release_does_not_know_is_neither_shown_nor_sent() {
	$older = document();
	unset( $older['scoring'] );
	$form = new ProgrammeForm( $older );
	same( false, isset( $form->sections()['Scores'] ) );
	same( false, isset( $form->filled_in( typed_as_shown() )['scoring'] ) );
	same( array(), $form->thresholds() );
	same( 2, count( ( new ProgrammeForm( document() ) )->sections()['Scores'] ) );
}

function test_a_measure_with_nothing_typed_has_no_thresholds_and_scores_by_fifths() {
	$typed = typed_as_shown();
	same( array( '', '', '', '' ), $typed['thresholds']['recency'] );
	same( array( '2', '3', '5', '10' ), $typed['thresholds']['frequency'] );
	$typed['thresholds']['frequency'] = array( '', ' ', '', '' );
	$typed['thresholds']['monetary']  = array( '0', '50', '100', '1000' );
	$scoring                          = filled_in( $typed )['scoring'];
	same( null, $scoring['frequency'] );
	same( array( 0, 50, 100, 1000 ), $scoring['monetary'] );
}

function test_thresholds_that_are_no_numbers_or_missing_are_left_for_the_connector_to_refuse_and_shown_again() {
	$typed                          = typed_as_shown();
	$typed['thresholds']['recency'] = array( '90', 'soon', '', '7' );
	same( array( 90, 'soon', '', 7 ), filled_in( $typed )['scoring']['recency'] );
	same( array( '90', 'soon', '', '7' ), ( new ProgrammeForm( document() ) )->as_typed( $typed )->thresholds()['recency'] );
}

function test_a_form_of_before_there_were_thresholds_leaves_them_as_they_are() {
	$typed = typed_as_shown();
	unset( $typed['thresholds'] );
	same( array( 2, 3, 5, 10 ), filled_in( $typed )['scoring']['frequency'] );
}

function test_a_share_is_typed_in_per_cent() {
	$typed = typed_as_shown();
	same( '50', $typed['fields']['redeeming.largest_share'] );
	$typed['fields']['redeeming.largest_share'] = '12.5';
	same( '0.125', filled_in( $typed )['redeeming']['largest_share'] );
}

function test_whole_numbers_are_numbers_and_nonsense_is_left_for_the_connector_to_refuse() {
	$typed                                = typed_as_shown();
	$typed['fields']['earning.hold_days'] = '14';
	$typed['fields']['expiry.months']     = 'soon';
	$typed['fields']['earning.rate']      = '1.5';
	$filled                               = filled_in( $typed );
	same( 14, $filled['earning']['hold_days'] );
	same( 'soon', $filled['expiry']['months'] );
	same( '1.5', $filled['earning']['rate'] );
}

function test_a_box_that_is_not_ticked_is_not_sent_and_means_no() {
	$typed = typed_as_shown();
	unset( $typed['fields']['redeeming.enabled'] );
	$typed['campaigns'] = array();
	same( false, filled_in( $typed )['redeeming']['enabled'] );
	same( false, filled_in( $typed )['campaigns'][0]['enabled'] );
}

function test_a_tier_that_is_renamed_keeps_its_benefits_and_whoever_names_it_follows() {
	$typed                     = typed_as_shown();
	$typed['tiers'][1]['name'] = '黃金';
	$filled                    = filled_in( $typed );
	same( '2', $filled['ladder']['tiers'][1]['benefits']['multiplier'] );
	same( array( '黃金' ), $filled['campaigns'][0]['audience']['tiers'] );
	same( array( '黃金' ), $filled['earning']['multipliers'][0]['tiers'] );
}

function test_a_row_without_a_name_is_gone_and_the_last_row_adds_a_tier() {
	$typed                     = typed_as_shown();
	$typed['tiers'][1]['name'] = '';
	$typed['tiers'][]          = array(
		'name'      => 'silver',
		'threshold' => '900',
		'was'       => '',
	);
	same(
		array(
			array(
				'name'      => 'member',
				'threshold' => 0,
				'benefits'  => array( 'multiplier' => '1' ),
			),
			array(
				'name'      => 'silver',
				'threshold' => 900,
			),
		),
		filled_in( $typed )['ladder']['tiers']
	);
}

function test_campaigns_are_named_by_what_they_wait_for() {
	same(
		array(
			'second_purchase' => array(
				'label'   => 'Second purchase',
				'enabled' => true,
			),
		),
		( new ProgrammeForm( document() ) )->campaigns()
	);
}

function test_what_has_no_field_is_named_for_people_where_there_is_a_word_for_it() {
	$form = new ProgrammeForm( document() );
	same( 'Second purchase', $form->subject( 'campaigns.0.audience.tiers' ) );
	same( 'campaigns.7.name', $form->subject( 'campaigns.7.name' ) );
	same( 'Tiers', $form->subject( 'ladder.tiers' ) );
	same( 'shortfall', $form->subject( 'shortfall' ) );
}

function test_a_form_that_was_refused_is_shown_as_it_was_left() {
	$typed                               = typed_as_shown();
	$typed['tiers'][0]['name']           = '';
	$typed['tiers'][1]['threshold']      = 'lots';
	$typed['fields']['earning.rate']     = 'much';
	$form                                = ( new ProgrammeForm( document() ) )->as_typed( $typed );
	same( array( array( 'name' => 'gold', 'threshold' => 'lots', 'was' => 'gold' ) ), $form->tiers() );
	same( 'much', array_values( $form->sections() )[0][0]['value'] );
}
