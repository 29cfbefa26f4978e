"""Explain for each line of an order who is paid, how much and why, also when nobody is."""

from commissions.explanations.order import LineExplanation, TierExplanation, explain
