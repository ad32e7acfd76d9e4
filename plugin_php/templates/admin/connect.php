<?php
/**
 * The form that connects the store.
 *
 * @var Regulars\Admin\Notice|null $notice What was typed before, if it failed.
 * @var string                     $state  State of the connection.
 *
 * @package Regulars
 */

use Regulars\Admin\SettingsActions;
use Regulars\Connection;

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.NamingConventions.PrefixAllGlobals -- variables of the including method.
$held    = Connection::DISCONNECTED !== $state;
$address = $notice && '' !== $notice->address ? $notice->address : $this->connection->address();
?>
<?php if ( Connection::MOVED === $state ) : ?>
	<p><?php esc_html_e( 'This site has another address than the store that was connected, so nothing is sent. If this is a copy for trying things out, press Disconnect: the original stays connected. If your store has moved, connect again with a new pairing code.', 'regulars-for-woocommerce' ); ?></p>
<?php elseif ( Connection::ENDED === $state ) : ?>
	<p><?php esc_html_e( 'The connector has ended this connection, so nothing is sent any more. Connect again with a new pairing code, or disconnect to revoke its key.', 'regulars-for-woocommerce' ); ?></p>
<?php else : ?>
	<ol class="regulars-steps">
		<li><?php esc_html_e( 'Start your connector, or ask the agency that runs it for you.', 'regulars-for-woocommerce' ); ?></li>
		<li>
			<?php
			/* translators: %s: the command "regulars pair" */
			printf( esc_html__( 'Get a pairing code with the command %s. It is valid for 15 minutes.', 'regulars-for-woocommerce' ), '<code>regulars pair</code>' );
			?>
		</li>
		<li><?php esc_html_e( 'Enter both here and press Connect. Your orders and customers are then read for the first time.', 'regulars-for-woocommerce' ); ?></li>
	</ol>
<?php endif; ?>

<form method="post" action="<?php echo esc_url( admin_url( 'admin-post.php' ) ); ?>" class="regulars-form" id="regulars-connect-form">
	<input type="hidden" name="action" value="<?php echo esc_attr( SettingsActions::CONNECT ); ?>">
	<?php wp_nonce_field( SettingsActions::CONNECT ); ?>
	<table class="form-table" role="presentation">
		<tr>
			<th scope="row"><label for="regulars-connector-url"><?php esc_html_e( 'Connector address', 'regulars-for-woocommerce' ); ?></label></th>
			<td>
				<input type="text" inputmode="url" id="regulars-connector-url" name="connector_url" class="regular-text code" value="<?php echo esc_attr( $address ); ?>" placeholder="https://regulars.example.com" autocomplete="url" autocapitalize="none" spellcheck="false" required aria-describedby="regulars-connector-url-help">
				<p class="description" id="regulars-connector-url-help"><?php esc_html_e( 'Begins with https:// unless the connector runs on this same machine.', 'regulars-for-woocommerce' ); ?></p>
			</td>
		</tr>
		<tr>
			<th scope="row"><label for="regulars-pairing-code"><?php esc_html_e( 'Pairing code', 'regulars-for-woocommerce' ); ?></label></th>
			<td>
				<input type="text" id="regulars-pairing-code" name="pairing_code" class="regular-text code regulars-code" value="<?php echo esc_attr( $notice ? $notice->code : '' ); ?>" placeholder="ABCD-EFGH-JKMN" autocomplete="off" autocapitalize="characters" spellcheck="false" required>
			</td>
		</tr>
	</table>
	<p class="description regulars-consent"><?php esc_html_e( 'Connecting gives the connector a WooCommerce REST API key of your account, to read orders and customers and to write rewards back. You can disconnect at any time, which revokes the key.', 'regulars-for-woocommerce' ); ?></p>
	<p class="submit"><button type="submit" class="button button-primary" id="regulars-connect" data-busy="<?php esc_attr_e( 'Connecting…', 'regulars-for-woocommerce' ); ?>"><?php esc_html_e( 'Connect', 'regulars-for-woocommerce' ); ?></button></p>
</form>
<?php if ( $held ) : ?>
	<div class="regulars-panel__foot">
		<?php require __DIR__ . '/disconnect.php'; ?>
	</div>
<?php endif; ?>
