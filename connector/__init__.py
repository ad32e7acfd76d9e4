"""Regulars' connector: everything between a WooCommerce store and the database that remembers it."""
