"""Show orders and refunds; only ``ingest_orders`` writes them."""

from orders.admin import history, orders, page, policy, policy_effects

__all__ = ["history", "orders", "page", "policy", "policy_effects"]
