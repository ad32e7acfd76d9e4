"""Order exports and purchase summaries of any shop: read, checked row by row, scored, written; no database."""
