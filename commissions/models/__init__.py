"""Plans, the commissions that orders earn by them, and their way into the wallets."""

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
