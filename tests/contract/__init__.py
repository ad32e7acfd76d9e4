"""What the connector relies on in a store's wc/v3, asked of the sample shop and of a real WooCommerce alike."""
