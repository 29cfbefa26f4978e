"""Who is paid for each line of an order, how much and why: also when the answer is nobody."""

from commissions.explaining.answers import LineExplanation, TierExplanation
from commissions.explaining.order import explain

__all__ = ["LineExplanation", "TierExplanation", "explain"]
