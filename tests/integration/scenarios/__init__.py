"""What users of other loyalty plugins complain about, each complaint a test that it does not happen here.

Where only a real store can show it, the test is in `tests/e2e/test_what_hurts_elsewhere.py` under the same name.
"""
