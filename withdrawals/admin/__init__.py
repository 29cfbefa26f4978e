"""Withdrawals are reviewed and paid here; everything moves by services only."""

from withdrawals.admin import attempts, channels, manual_resolutions, people, policy, withdrawals

__all__ = ["attempts", "channels", "manual_resolutions", "people", "policy", "withdrawals"]
