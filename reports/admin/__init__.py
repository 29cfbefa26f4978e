"""Reports of the back office, their blocks on its home, and the comparison of shares."""

from reports.admin import home, pages, product, shares

__all__ = ["home", "pages", "product", "shares"]
