"""Show orders and refunds; only ``ingest_orders`` writes them."""

from orders.admin import history, orders, page

__all__ = ["history", "orders", "page"]
