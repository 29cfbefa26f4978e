"""Count orders: what each metric of an incentive makes of the facts."""

from incentives.metrics.counting import count_orders, orders_to_count
from incentives.metrics.values import Counted
