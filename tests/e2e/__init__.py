"""The main job with everything real: WordPress, WooCommerce, the plugin, the connector and a browser.

`world.py` holds what the tests talk to, `connector.py` runs the connector, `pages.py` is what a person sees in the
browser, `seeds.py` the history the store has before it connects. Every test brings its own shoppers and orders, so
that they may run in any order and leave each other alone.
"""
