"""Withdrawals are reviewed and paid here; everything moves by services only."""

from withdrawals.admin import channels, conclusions, paying, people, policy, withdrawals

__all__ = ["channels", "conclusions", "paying", "people", "policy", "withdrawals"]
