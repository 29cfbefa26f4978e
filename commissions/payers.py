"""Which of the platform's accounts pays commissions of an asset."""

from __future__ import annotations

from ledger.chart import EXPENSE_KINDS, Asset
from ledger.models import Account
from ledger.services import platform_account

PAYERS = EXPENSE_KINDS


def payer(asset: Asset) -> Account:
    return platform_account(PAYERS[asset], asset)
