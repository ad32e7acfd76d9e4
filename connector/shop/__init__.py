"""The WooCommerce REST API: how a store is asked and told, and how its messages are signed and read."""
