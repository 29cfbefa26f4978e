"""What a member's wallets mean for the export of their data and for closing the account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from ledger.chart import Asset, Kind
from ledger.models import Account
from members.closing import CloseBlocker
from members.models import Member


def wallets_of(member: Member) -> list[dict[str, Any]]:
    """Return the balances of a member and of those merged into them, in minor units."""
    rows = Account.objects.filter(member__in=Member.objects.of_person(member.pk))
    columns = ("asset", "kind", "balance")
    return list(rows.order_by("member_id", "asset", "kind").values(*columns))


def close_blockers(member: Member) -> Iterator[CloseBlocker]:
    """Money is withdrawn or spent first, and debts are paid; points end with the account."""
    rows = Account.objects.filter(member__in=Member.objects.of_person(member.pk), balance__gt=0)
    kinds = set(rows.exclude(asset=Asset.POINTS).values_list("kind", flat=True))
    if kinds - {Kind.OWED}:
        yield CloseBlocker("money_left", _("There is money in the wallet: withdraw or spend it."))
    if Kind.OWED in kinds:
        yield CloseBlocker("debt_left", _("The account owes money to the shop: ask the shop."))
