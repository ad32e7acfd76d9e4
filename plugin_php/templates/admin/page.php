<?php
/**
 * The page WooCommerce → Regulars.
 *
 * @var Regulars\Admin\Notice|null $notice Message to show once.
 * @var string                     $state  State of the connection.
 * @var string                     $section Which section is open: 'programme', or an empty string for the connection.
 * @var array                      $view   Texts, see Regulars\Admin\StatusFeed::view().
 * @var Regulars\OutboxRow[]       $rows   Deliveries in trouble.
 *
 * @package Regulars
 */

use Regulars\Admin\ProgrammePage;
use Regulars\Admin\SettingsPage;
use Regulars\Connection;

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.NamingConventions.PrefixAllGlobals -- variables of the including method.
$live = Connection::CONNECTED === $state;
?>
<div class="wrap regulars">
	<h1><?php esc_html_e( 'Regulars', 'regulars-for-woocommerce' ); ?></h1>

	<?php if ( $notice ) : ?>
		<div class="notice notice-<?php echo esc_attr( $notice->kind ); ?> is-dismissible" role="<?php echo 'error' === $notice->kind ? 'alert' : 'status'; ?>">
			<p<?php echo $live || 'error' !== $notice->kind ? '' : ' id="regulars-last-error"'; ?>><?php echo esc_html( $notice->text ); ?></p>
		</div>
	<?php endif; ?>

	<p class="regulars-intro"><?php esc_html_e( 'Regulars turns your order history into points, tiers and personal coupons that bring customers back.', 'regulars-for-woocommerce' ); ?></p>

	<?php if ( $live ) : ?>
		<nav class="nav-tab-wrapper regulars-sections" aria-label="<?php esc_attr_e( 'Sections of the settings', 'regulars-for-woocommerce' ); ?>">
			<a class="nav-tab<?php echo '' === $section ? ' nav-tab-active' : ''; ?>" href="<?php echo esc_url( SettingsPage::url() ); ?>"<?php echo '' === $section ? ' aria-current="page"' : ''; ?>><?php esc_html_e( 'Connection', 'regulars-for-woocommerce' ); ?></a>
			<a class="nav-tab<?php echo '' === $section ? '' : ' nav-tab-active'; ?>" href="<?php echo esc_url( ProgrammePage::url() ); ?>"<?php echo '' === $section ? '' : ' aria-current="page"'; ?>><?php esc_html_e( 'Programme', 'regulars-for-woocommerce' ); ?></a>
		</nav>
	<?php endif; ?>

	<?php
	if ( '' !== $section ) {
		$this->programme->print_section();
		echo '</div>';
		return;
	}
	?>

	<div class="regulars-panel">
		<div class="regulars-panel__head">
			<h2><?php esc_html_e( 'Connection', 'regulars-for-woocommerce' ); ?></h2>
			<span id="regulars-connection" class="regulars-badge<?php echo $view['trouble'] ? ' is-troubled' : ''; ?>" data-state="<?php echo esc_attr( $state ); ?>" role="status"><?php echo esc_html( $view['state_text'] ); ?></span>
		</div>
		<?php
		if ( $live ) {
			require __DIR__ . '/connected.php';
		} else {
			require __DIR__ . '/connect.php';
		}
		?>
	</div>

	<?php
	if ( $live && $rows ) {
		require __DIR__ . '/troubled.php';
	}
	?>
</div>
