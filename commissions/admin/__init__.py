"""Draft and publish plans, and show commissions; only services change them."""

from django.utils.translation import gettext_lazy as _

from backoffice import menu
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

menu.register(
    "commissions",
    (_("Commission plans"), "percent", "commissions.plan"),
    (_("Commissions"), "payments", "commissions.commission"),
    (_("Held commissions"), "front_hand", "commissions.commissionhold"),
    (_("Due commissions"), "schedule", "commissions.duecredit"),
    (_("Settlements"), "done_all", "commissions.settlement"),
    (_("Clawbacks"), "undo", "commissions.clawback"),
)
