<?php
/**
 * The button that disconnects the store. It asks first where there is a connection to lose.
 *
 * @var string $state State of the connection.
 *
 * @package Regulars
 */

use Regulars\Admin\SettingsActions;
use Regulars\Connection;

defined( 'ABSPATH' ) || exit;
?>
<form method="post" action="<?php echo esc_url( admin_url( 'admin-post.php' ) ); ?>" class="regulars-form">
	<input type="hidden" name="action" value="<?php echo esc_attr( SettingsActions::DISCONNECT ); ?>">
	<?php wp_nonce_field( SettingsActions::DISCONNECT ); ?>
	<button type="submit" class="button regulars-danger" id="regulars-disconnect"<?php if ( Connection::CONNECTED === $state ) : ?> data-confirm="<?php esc_attr_e( 'Disconnect your store? To connect it again you will need a new pairing code.', 'regulars-for-woocommerce' ); ?>"<?php endif; ?> data-busy="<?php esc_attr_e( 'Disconnecting…', 'regulars-for-woocommerce' ); ?>"><?php esc_html_e( 'Disconnect', 'regulars-for-woocommerce' ); ?></button>
	<span class="description"><?php esc_html_e( 'Revokes the connector’s key and stops sending. Coupons already issued stay valid.', 'regulars-for-woocommerce' ); ?></span>
</form>
