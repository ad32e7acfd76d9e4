"""A real WordPress with WooCommerce on loopback, for the contract and end-to-end suites.

`fixtures.py` is the door: it exports the pytest fixtures. `store.py` holds what tests talk to (`RealStore`),
`build.py` lays a site out and installs it, `services.py` runs MariaDB, php-fpm and nginx, `sources.py` finds the two
folders the site is made of, and `php/` holds the scripts that run inside WordPress.
"""
