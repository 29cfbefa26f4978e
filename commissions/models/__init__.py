"""What is promised by plans, what orders have earned, and how it comes into the wallets."""

from commissions.models.commission import (
    Clawback,
    Commission,
    CommissionHold,
    CreditedMember,
    CreditFanOut,
    DueCredit,
    Explanation,
    OrderCommissionTerms,
    Settlement,
)
from commissions.models.plan import Plan, Rule

__all__ = [
    "Clawback",
    "Commission",
    "CommissionHold",
    "CreditFanOut",
    "CreditedMember",
    "DueCredit",
    "Explanation",
    "OrderCommissionTerms",
    "Plan",
    "Rule",
    "Settlement",
]
