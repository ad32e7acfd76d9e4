<?php
/**
 * What the connector reports to be wrong with this store, in the owner's language.
 *
 * @package Regulars
 */

namespace Regulars\Admin;

defined( 'ABSPATH' ) || exit;

/**
 * Sentences for the connector's codes, in its status and where it refuses to connect. A code it has learnt since keeps its English.
 */
final class StoreTroubles {

	/**
	 * The last error, or an empty string where all is well.
	 *
	 * @param array<string,mixed> $status The connector's status; may be empty.
	 */
	public static function last( array $status ): string {
		$english = is_string( $status['last_error'] ?? null ) ? $status['last_error'] : '';
		return '' === $english ? '' : self::sentence( $english, $status['last_error_reason'] ?? null );
	}

	/**
	 * A trouble in the owner's language.
	 *
	 * @param string $english What the connector says.
	 * @param mixed  $reason  Code and values of it, where the connector knows them.
	 */
	public static function sentence( string $english, $reason ): string {
		$code  = $reason['code'] ?? '';
		$known = is_string( $code ) ? self::sentences()[ $code ] ?? '' : '';
		return '' === $known ? $english : Placeholders::fill( $known, array_filter( (array) ( $reason['values'] ?? array() ), 'is_scalar' ) );
	}

	/**
	 * The sentences by code. What stands in braces is one of the values.
	 *
	 * @return array<string,string>
	 */
	private static function sentences(): array {
		return array(
			'unreachable'         => __( 'The store could not be reached. Check its address, that it is up, and that no firewall keeps the connector out.', 'regulars-for-woocommerce' ),
			'too_slow'            => __( 'The store took too long to answer. If it lasts, ask its host why.', 'regulars-for-woocommerce' ),
			'stalled'             => __( 'The store began to answer and then stalled. If it lasts, ask its host why.', 'regulars-for-woocommerce' ),
			'broken_off'          => __( 'The connection broke in the middle of the store’s answer. If it lasts, ask its host why.', 'regulars-for-woocommerce' ),
			'certificate_refused' => __( 'The store’s certificate was not accepted. Renew it, or check the store’s address.', 'regulars-for-woocommerce' ),
			'answer_unreadable'   => __( 'The store’s answer could not be read. If it lasts, look into the PHP error log.', 'regulars-for-woocommerce' ),
			'answer_too_large'    => __( 'The store’s answer is larger than anything WooCommerce should send. Look for a plugin that adds data to the REST API.', 'regulars-for-woocommerce' ),
			'page_instead'        => __( 'The store answered with a page instead of data. A firewall, a cache or a maintenance page is probably in front of its REST API; let /wp-json/ through.', 'regulars-for-woocommerce' ),
			'batch_mismatch'      => __( 'The store’s answer to a batch does not match what was sent. It is sent again later.', 'regulars-for-woocommerce' ),
			'too_many_requests'   => __( 'The store asks for fewer requests. If it lasts, look for a limit in front of its REST API.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'store_failed'        => __( 'The store had an error of its own (HTTP {status}). If it lasts, look into the PHP error log.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'changes_failed'      => __( 'The store failed on {number} of the changes; they are sent again.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'redirected'          => __( 'The store redirects its REST API to {address}. Connect again with that address, or take the redirect away.', 'regulars-for-woocommerce' ),
			'plain_permalinks'    => __( 'The store uses plain permalinks, with which WooCommerce cannot check API keys. Choose another structure under Settings → Permalinks, then connect again.', 'regulars-for-woocommerce' ),
			'odd_address'         => __( 'The store’s REST address must look like https://shop.example/wp-json/.', 'regulars-for-woocommerce' ),
			'no_address'          => __( 'The store’s REST address is not a web address.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'key_refused'         => __( 'The store does not accept the API key ({code}: {message}). Connect the store again. If that does not help, look for a security plugin, or a proxy that removes the Authorization header.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'forbidden'           => __( 'The store forbids this ({code}: {message}). The API key needs read/write rights and the user it belongs to must manage the shop.', 'regulars-for-woocommerce' ),
			'no_woocommerce'      => __( 'There is no WooCommerce REST API at this address. Check that WooCommerce is active.', 'regulars-for-woocommerce' ),
			'no_wordpress'        => __( 'There is a web server at this address but no WordPress REST API. Check the store’s address and that its permalinks are not plain.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'refused'             => __( 'The store refused the request ({code}: {message}). Look for a plugin that restricts the REST API; if there is none, tell whoever runs the connector.', 'regulars-for-woocommerce' ),
			'password_wall'       => __( 'A password stands in front of the whole site, so WooCommerce never sees the API key. Take the password off /wp-json/.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'server_refused'      => __( 'The store’s web server does not take this request (HTTP {status}). Ask its host to allow large POST requests to /wp-json/.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'blocked'             => __( 'Something in front of the store (a firewall, a cache) answered with HTTP {status}. Let the connector’s address through to /wp-json/.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'currencies_differ'   => __( 'The plugin says that the store’s currency is {plugin}, its REST API says {rest}. Something changes it, such as a currency switcher: set it to leave WP admin and /wp-json/ alone, then connect again.', 'regulars-for-woocommerce' ),
			'webhook_owner_gone'  => __( 'A WooCommerce webhook delivers an error in place of its data. Its owner may no longer exist or may not read orders: open WooCommerce → Settings → Advanced → Webhooks and save it as a shop manager.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'job_failed'          => __( '{job} failed unexpectedly ({kind}). It is tried again; if it lasts, ask whoever runs the connector to look into its log.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'job_interrupted'     => __( '{job} was interrupted {number} times; it is tried less often. Ask whoever runs the connector whether its machine has enough memory, and what its log says.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'some_unreadable'     => __( 'Not everything could be read from the store: {first}.', 'regulars-for-woocommerce' ),
			/* translators: keep what stands in braces as it is */
			'many_unreadable'     => __( 'Not everything could be read from the store: {first} and {number} more (`regulars doctor` lists them).', 'regulars-for-woocommerce' ),
		);
	}
}
