"""Who is paid for each line of an order, how much and why: also when the answer is nobody."""

from commissions.explanations.line_explanation import LineExplanation, TierExplanation
from commissions.explanations.order import explain

__all__ = ["LineExplanation", "TierExplanation", "explain"]
