"""Turn the ledger's flows of a month into vouchers for the accounting system.

A flow goes from one account to another, so every voucher balances by construction. Points are no
money and are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils.translation import gettext_lazy as _

from closing import day_flows
from closing.day_flows import Flow
from closing.journal_columns import Entry
from closing.models import JournalAccount
from common.errors import TwotierError
from ledger import months
from ledger.chart import Asset, Kind
from ledger.models import Period


class JournalAccountMissing(TwotierError):
    code = "journal_account_missing"
    message = _("These kinds of account have no account of the books: %(kinds)s. Add them first.")


@dataclass(frozen=True, slots=True)
class Journal:
    """The vouchers of a month; ``is_final``: the month is closed, so they never change."""

    month: date
    entries: list[Entry]
    is_final: bool

    @property
    def vouchers(self) -> int:
        return len({entry.number for entry in self.entries})

    @property
    def total(self) -> int:
        """The sum of all debits in fen, which is that of all credits."""
        return sum(entry.debit for entry in self.entries)


def journal(month: date, *, by_day: bool, first_number: int, word: str, preparer: str) -> Journal:
    """Return the vouchers of a month, one a day or one for the month.

    :param first_number: of the first voucher
    :raises JournalAccountMissing: a kind of account is not mapped; there is no half file
    """
    last = months.next_month(month) - day_flows.ONE_DAY
    moved = [
        flow
        for flow in day_flows.flows(month, last)
        if flow.asset != Asset.POINTS and flow.debit != flow.credit
    ]
    accounts = _accounts(moved)
    sums = moved if by_day else _by_month(moved, last)
    entries: list[Entry] = []
    for number, (day, rows) in enumerate(groupby(sums, lambda flow: flow.day), start=first_number):
        sides = (side for flow in rows for side in _sides(flow, accounts))
        for line, (flow, account, debit, credit) in enumerate(sides, start=1):
            entries.append(
                Entry(
                    day=day, number=number, line=line, word=word,
                    summary=_summary(flow),
                    account=account.code, account_name=account.name, debit=debit, credit=credit,
                    preparer=preparer, count=flow.count,
                )
            )  # fmt: skip
    is_final = Period.objects.filter(month=month, closed_at__isnull=False).exists()
    return Journal(month, entries, is_final)


def _summary(flow: Flow) -> str:
    if flow.asset == Asset.CASH:
        return str(flow.reason.label)
    return f"{flow.asset.label} · {flow.reason.label}"


def _sides(
    flow: Flow, accounts: dict[tuple[Asset, Kind], JournalAccount]
) -> Iterator[tuple[Flow, JournalAccount, int, int]]:
    yield flow, accounts[flow.asset, flow.debit], flow.amount, 0
    yield flow, accounts[flow.asset, flow.credit], 0, flow.amount


def _accounts(moved: Sequence[Flow]) -> dict[tuple[Asset, Kind], JournalAccount]:
    accounts = {(Asset(row.asset), Kind(row.kind)): row for row in JournalAccount.objects.all()}
    needed = {(flow.asset, kind) for flow in moved for kind in (flow.debit, flow.credit)}
    if missing := sorted(needed - set(accounts)):
        raise JournalAccountMissing(
            kinds="; ".join(f"{asset.label} · {kind.label}" for asset, kind in missing)
        )
    return accounts


def _by_month(moved: Sequence[Flow], last: date) -> list[Flow]:
    """Add up the flows of all days, dated on the last one."""
    sums: dict[tuple[Asset, str, Kind, Kind], Flow] = {}
    for flow in moved:
        key = (flow.asset, flow.reason.value, flow.debit, flow.credit)
        before = sums.get(key)
        sums[key] = Flow(
            last, flow.asset, flow.reason, flow.debit, flow.credit,
            flow.amount + (before.amount if before else 0),
            flow.count + (before.count if before else 0),
        )  # fmt: skip
    return [sums[key] for key in sorted(sums)]
