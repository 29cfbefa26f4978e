"""Explain for each line of an order who is paid, how much and why, also when nobody is."""

from commissions.explanations.line_explanation import LineExplanation, TierExplanation
from commissions.explanations.order import explain

__all__ = ["LineExplanation", "TierExplanation", "explain"]
