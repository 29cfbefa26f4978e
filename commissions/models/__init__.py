"""What is promised by plans, what orders have earned, and how it comes into the wallets."""

from commissions.models.commission import (
    Clawback,
    Commission,
    Due,
    Explanation,
    Held,
    Settlement,
    Terms,
)
from commissions.models.plan import Plan, Rule

__all__ = [
    "Clawback",
    "Commission",
    "Due",
    "Explanation",
    "Held",
    "Plan",
    "Rule",
    "Settlement",
    "Terms",
]
