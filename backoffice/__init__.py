"""Build the pages of the back office; rooms register their pages and menu entries here."""
