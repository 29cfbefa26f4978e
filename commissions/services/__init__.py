"""The room's verbs. Commissions follow the facts of orders through ``catch_up`` alone."""

from commissions.services.catch_up import catch_up
from commissions.services.holding import hold_or_lift, lift, lift_thawed
from commissions.services.plans import AgainstTheLaw, OwnWork, draft, edited, publish, roll_back_to
from commissions.services.settlement import settle

__all__ = [
    "AgainstTheLaw",
    "OwnWork",
    "catch_up",
    "draft",
    "edited",
    "hold_or_lift",
    "lift",
    "lift_thawed",
    "publish",
    "roll_back_to",
    "settle",
]
