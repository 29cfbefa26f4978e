"""Plans are drafted and published here; commissions are looked at, and move by services only."""

from commissions.admin.commissions import CommissionAdmin
from commissions.admin.orders import OrderCommissionTermsInline
from commissions.admin.plans import PlanAdmin
from commissions.admin.settlement import (
    ClawbackAdmin,
    CommissionHoldAdmin,
    DueCreditAdmin,
    SettlementAdmin,
)

__all__ = [
    "ClawbackAdmin",
    "CommissionAdmin",
    "CommissionHoldAdmin",
    "DueCreditAdmin",
    "OrderCommissionTermsInline",
    "PlanAdmin",
    "SettlementAdmin",
]
