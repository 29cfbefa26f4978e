"""Define the chart of accounts: the kinds of account, their assets and their owners.

A member account stores a balance on the normal side of its kind: credit for the shop's debt to the
member, debit for the member's debt to the shop. A platform account stores none, because every
transaction would wait for that one row; its balance is the sum of its transfers.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Asset(models.TextChoices):
    """The assets of a wallet. One transfer never mixes two assets."""

    CASH = "cash", _("cash")
    STORE_CREDIT = "store_credit", _("store credit")
    POINTS = "points", _("points")
    BONUS = "bonus", _("bonus")


class Kind(models.TextChoices):
    # Member accounts, one of each kind and asset.
    WALLET = "wallet", _("wallet")
    HELD = "held", _("held for withdrawals")
    OWED = "owed", _("owed")
    # Platform accounts.
    COMMISSION_EXPENSE = "commission_expense", _("commission expense")
    INCENTIVE_EXPENSE = "incentive_expense", _("incentive expense")
    ISSUED = "issued", _("issued")
    PAYOUT_CLEARING = "payout_clearing", _("payout clearing")
    CONVERSION = "conversion", _("conversion into store credit")
    PROVIDER_BALANCE = "provider_balance", _("balance at the payment provider")
    BANK = "bank", _("bank")
    TAX_PAYABLE = "tax_payable", _("tax payable")
    FEE_INCOME = "fee_income", _("fee income")
    SALES = "sales", _("sales")
    PAYROLL = "payroll", _("payroll")
    BAD_DEBT = "bad_debt", _("bad debt")
    SUSPENSE = "suspense", _("suspense")


class Reason(models.TextChoices):
    """The business reason of a transfer."""

    COMMISSION = "commission", _("commission credited")
    CLAWBACK = "clawback", _("taken back after a refund")
    AWARD = "award", _("award of an incentive")
    AWARD_CLAWBACK = "award_return", _("award taken back")
    RECOVERY = "recovery", _("debt recovered")
    HOLD = "hold", _("held for a withdrawal")
    RELEASE = "release", _("withdrawal released")
    PAYOUT = "payout", _("paid out")
    CONVERSION = "conversion", _("converted into store credit")
    TAX = "tax", _("tax withheld")
    FEE = "fee", _("fee")
    STATEMENT = "statement", _("matched with the provider's statement")
    TREASURY = "treasury", _("top-up or remittance")
    WRITE_OFF = "write_off", _("debt written off")
    SPENDING = "spending", _("spent in the shop")
    PAYROLL = "payroll", _("paid with the wages")
    ADJUSTMENT = "adjustment", _("adjustment")
    MERGE = "merge", _("merge of members")
    REVERSAL = "reversal", _("reversal")


MEMBER_KINDS: dict[Asset, tuple[Kind, ...]] = {
    Asset.CASH: (Kind.WALLET, Kind.HELD, Kind.OWED),
    Asset.STORE_CREDIT: (Kind.WALLET, Kind.OWED),
    Asset.POINTS: (Kind.WALLET, Kind.OWED),
    Asset.BONUS: (Kind.WALLET, Kind.OWED),
}

PLATFORM_KINDS: dict[Kind, tuple[Asset, ...]] = {
    Kind.COMMISSION_EXPENSE: (Asset.CASH, Asset.BONUS),
    Kind.INCENTIVE_EXPENSE: (Asset.CASH, Asset.BONUS),
    Kind.ISSUED: (Asset.STORE_CREDIT, Asset.POINTS),
    Kind.PAYOUT_CLEARING: (Asset.CASH,),
    Kind.CONVERSION: (Asset.CASH,),
    Kind.PROVIDER_BALANCE: (Asset.CASH,),
    Kind.BANK: (Asset.CASH,),
    Kind.TAX_PAYABLE: (Asset.CASH,),
    Kind.FEE_INCOME: (Asset.CASH,),
    Kind.SALES: (Asset.STORE_CREDIT, Asset.POINTS),
    Kind.PAYROLL: (Asset.BONUS,),
    Kind.BAD_DEBT: (Asset.CASH, Asset.STORE_CREDIT, Asset.POINTS, Asset.BONUS),
    Kind.SUSPENSE: (Asset.CASH,),
}

EXPENSE_KINDS: dict[Asset, Kind] = {
    Asset.CASH: Kind.COMMISSION_EXPENSE,
    Asset.BONUS: Kind.COMMISSION_EXPENSE,
    Asset.STORE_CREDIT: Kind.ISSUED,
    Asset.POINTS: Kind.ISSUED,
}
"""The kind of platform account that pays commissions to member wallets, by asset."""

AWARD_KINDS: dict[Asset, Kind] = {
    Asset.CASH: Kind.INCENTIVE_EXPENSE,
    Asset.BONUS: Kind.INCENTIVE_EXPENSE,
    Asset.STORE_CREDIT: Kind.ISSUED,
    Asset.POINTS: Kind.ISSUED,
}
"""The kind of platform account that pays awards of incentives to member wallets, by asset."""
