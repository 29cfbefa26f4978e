"""Orders as facts: what was placed, what happened to it, and who is paid for it."""

from orders.models.attribution import Attribution
from orders.models.order import Order, OrderLine, OrderQuerySet
from orders.models.policy import Policy
from orders.models.refund import Refund

__all__ = ["Attribution", "Order", "OrderLine", "OrderQuerySet", "Policy", "Refund"]
