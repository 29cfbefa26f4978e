"""What a reviewer sees of a withdrawal on one screen: money, payee, tax, risk, history, ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.ages import format_age
from backoffice.base import NOTHING, StrOrPromise
from backoffice.names import staff_name
from backoffice.timeline import format_moment
from common import clock
from common.money import yuan_text
from ledger.models import Transfer
from members.models import Member
from risk.admin.records import format_evidence
from risk.models import Assessment
from withdrawals.admin.answers import of_withdrawal
from withdrawals.admin.display import (
    STATUS_COLOURS,
    format_hold,
    format_regime,
    format_tax_inputs,
    split_blockers,
    summarize_risk,
)
from withdrawals.cash_accounts import read_cash_accounts
from withdrawals.models import Person, Policy, Withdrawal
from withdrawals.queries import assessments, blockers
from withdrawals.requests.quote import compute_price
from withdrawals.tax.income_classes import awards_in, income_class
from withdrawals.wallets import purposes, wallet_transfers

EARLIER = 5
MOVEMENTS = 6
PAID = Q(status=Withdrawal.Status.PAID)


@dataclass(frozen=True)
class Movement:
    """A line of the wallet, in yuan."""

    at: str
    text: str
    change: str
    balance: str


def review_context(_request: HttpRequest, row: Withdrawal) -> dict[str, Any]:
    """Return the values of ``admin/withdrawals/review_row.html``."""
    now = clock.now()
    labels, holds = split_blockers(blockers([row])[row.pk])
    assessed = assessments([row])[row.pk]
    return {
        "money": _money(row),
        "payee": _payee(row),
        "tax": _tax(row, at=now),
        "reviews": _reviews(row),
        "blocked_by": labels,
        "holds": [
            (format_hold(hold), reverse("admin:risk_hold_change", args=[hold.pk])) for hold in holds
        ],
        "risk": summarize_risk(assessed),
        "rules": [_rule(one) for one in assessed],
        "member_url": reverse("admin:members_member_change", args=[row.member_id]),
        "person": _history(row, at=now),
        "ledger": _ledger(row),
        "answers": list(of_withdrawal(row)),
    }


def _money(row: Withdrawal) -> list[tuple[StrOrPromise, str]]:
    return [
        (_("amount"), yuan_text(row.gross)),
        (_("fee"), yuan_text(row.fee)),
        (_("tax"), yuan_text(row.tax)),
        (_("to be paid out"), yuan_text(row.net)),
    ]


def _payee(row: Withdrawal) -> list[tuple[StrOrPromise, str]]:
    person = Person.objects.filter(member=row.member_id).first()
    values = [
        (_("real name"), person.name_mask if person else NOTHING),
        (_("ID number"), (person.id_number_mask if person else "") or NOTHING),
        (_("paid to"), str(row.payee)),
    ]
    if row.payee.bank:
        values.append((_("bank"), row.payee.bank))
    return [*values, (_("set since"), format_moment(row.payee.since))]


def _tax(row: Withdrawal, *, at: datetime) -> list[tuple[StrOrPromise, str]]:
    policy = Policy.current()
    income = compute_price(member=row.member, amount=row.gross, at=at).income
    awards = awards_in(member=row.member, amount=row.gross)
    return [
        (_("tax regime"), format_regime(policy.regime, policy.regime_version)),
        (_("computed from"), format_tax_inputs(income.as_json() if income else {})),
        (_("income class"), str(income_class(income=row.gross, awards=awards).label)),
        *([(_("of the income, awards"), yuan_text(awards))] if awards else []),
    ]


def _reviews(row: Withdrawal) -> list[tuple[StrOrPromise, str]]:
    done = [
        (_("operations"), row.ops_reviewer, row.ops_reviewed_at),
        (_("finance"), row.finance_reviewer, row.finance_reviewed_at),
        (_("finance, second reviewer"), row.second_reviewer, row.second_reviewed_at),
    ]
    lines: list[tuple[StrOrPromise, str]] = [
        (role, f"{staff_name(reviewer)} · {format_moment(at)}")
        for role, reviewer, at in done
        if reviewer and at
    ]
    if row.needs_second_finance:
        lines.append((_("needed"), _("two approvals of finance")))
    return lines


def _rule(assessed: Assessment) -> dict[str, Any]:
    return {
        "rule": assessed.get_rule_display(),
        "outcome": assessed.get_outcome_display(),
        "evidence": format_evidence(assessed.evidence),
    }


def _history(row: Withdrawal, *, at: datetime) -> dict[str, Any]:
    persons = Member.objects.of_person(row.member_id).values("pk")
    others = Withdrawal.objects.filter(member__in=persons).exclude(pk=row.pk)
    total = others.aggregate(
        paid=Sum("gross", filter=PAID), times=Count("pk", filter=PAID),
        refused=Count("pk", filter=Q(status=Withdrawal.Status.REJECTED)),
    )  # fmt: skip
    distributor = getattr(row.member, "distributor", None)
    facts = [
        (_("joined"), format_age(at - row.member.joined_at)),
        (_("distributor for"), format_age(at - distributor.since) if distributor else NOTHING),
        (_("paid before"), _("%(amount)s in %(times)s withdrawals") % {
            "amount": yuan_text(total["paid"] or 0), "times": total["times"],
        }),
        (_("rejected before"), total["refused"]),
    ]  # fmt: skip
    earlier = others.select_related("rejection_reason").order_by("-pk")[:EARLIER]
    return {
        "facts": facts,
        "earlier": [
            {
                "at": format_moment(one.requested_at),
                "amount": yuan_text(one.gross),
                "status": one.get_status_display(),
                "colour": STATUS_COLOURS[one.status],
                "reason": one.rejection_reason.label if one.rejection_reason else "",
                "url": reverse("admin:withdrawals_withdrawal_change", args=[one.pk]),
            }
            for one in earlier
        ],
    }


def _ledger(row: Withdrawal) -> dict[str, Any]:
    cash = read_cash_accounts(row.member)
    key = f"withdrawal:{row.public_id}:hold"
    hold = Transfer.objects.filter(key=key).first()
    is_held = (
        row.status in Withdrawal.OPEN
        and hold is not None
        and hold.amount == row.gross
        and cash.held.balance == row.gross
    )
    transfers = list(wallet_transfers(member=row.member, asset="cash").order_by("-pk")[:MOVEMENTS])
    about = purposes(transfers)
    return {
        "is_open": row.status in Withdrawal.OPEN,
        "is_held": is_held,
        "held_at": format_moment(hold.effective_at) if hold else NOTHING,
        "facts": [
            (_("left in the wallet"), yuan_text(cash.wallet.balance or 0)),
            (_("held for withdrawals"), yuan_text(cash.held.balance or 0)),
            (_("owed after refunds"), yuan_text(cash.owed.balance or 0)),
        ],
        "movements": [_movement(one, about[one.pk]) for one in transfers],
    }


def _movement(transfer: Any, purpose: Any) -> Movement:
    reason = transfer.get_reason_display()
    text = f"{reason} · {purpose.id}" if purpose.kind == "order" else reason
    sign = "+" if transfer.change > 0 else "−"
    return Movement(
        at=format_moment(transfer.effective_at),
        text=text,
        change=f"{sign}{yuan_text(abs(transfer.change))}",
        balance=yuan_text(transfer.balance_after or 0),
    )
