"""Withdrawals are reviewed and paid here; everything moves by services only."""

from withdrawals.admin import channels, paying, people, policy, withdrawals

__all__ = ["channels", "paying", "people", "policy", "withdrawals"]
