"""Which of the platform's accounts pays commissions of an asset."""

from __future__ import annotations

from ledger.chart import Asset, Kind
from ledger.models import Account
from ledger.services import platform_account

PAYERS = {
    Asset.CASH: Kind.COMMISSION_EXPENSE,
    Asset.BONUS: Kind.COMMISSION_EXPENSE,
    Asset.STORE_CREDIT: Kind.ISSUED,
    Asset.POINTS: Kind.ISSUED,
}


def payer(asset: Asset) -> Account:
    return platform_account(PAYERS[asset], asset)
