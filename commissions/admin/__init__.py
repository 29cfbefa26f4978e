"""Plans are drafted and published here; commissions are looked at, and move by services only."""

from commissions.admin.commissions import CommissionAdmin
from commissions.admin.orders import TermsInline
from commissions.admin.plans import PlanAdmin
from commissions.admin.waiting import (
    ClawbackAdmin,
    DueAdmin,
    HeldAdmin,
    SettlementAdmin,
)

__all__ = [
    "ClawbackAdmin",
    "CommissionAdmin",
    "DueAdmin",
    "HeldAdmin",
    "PlanAdmin",
    "SettlementAdmin",
    "TermsInline",
]
