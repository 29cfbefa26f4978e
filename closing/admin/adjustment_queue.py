"""The queue of adjustments: what one person proposed, with the wallet before and after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.base import StrOrPromise
from backoffice.desk import Decision, Desk, Line
from backoffice.desk_pages import open_desk
from backoffice.names import staff_name
from backoffice.proposals import proposal_outcome
from backoffice.queues import Queue, Tab
from backoffice.timeline import format_moment
from closing import services
from closing.models import Adjustment
from closing.services.adjustments import DECIDE_PERMISSION
from common.errors import SelfApprovalForbidden
from ledger.chart import Asset, Kind
from ledger.columns import amount_text
from ledger.models import Account
from members.admin.person import person_link
from members.models import User
from members.search import search_members

Status = Adjustment.Status
LIMIT = timedelta(days=2)
ARROW = "→"


def _balance(row: Adjustment, kind: Kind) -> int:
    """Return what the member has, or owes, of the asset now; 0 without an account."""
    accounts = Account.objects.filter(member=row.member_id, asset=row.asset, kind=kind)
    return accounts.values_list("balance", flat=True).first() or 0


def _change(row: Adjustment) -> int:
    return row.amount if row.direction == Adjustment.Direction.TO_MEMBER else -row.amount


def _signed(row: Adjustment) -> str:
    sign = "+" if _change(row) > 0 else "−"
    return f"{sign}{amount_text(row.amount, row.asset)}"


def _lines(rows: Sequence[Adjustment]) -> list[Line]:
    return [
        Line(
            str(row.member),
            f"{row.get_asset_display()} {_signed(row)} · {row.reason}",
            None if row.asset == Asset.POINTS else row.amount,
        )
        for row in rows
    ]


def _context(_request: HttpRequest, row: Adjustment) -> dict[str, Any]:
    facts: list[tuple[StrOrPromise, Any]] = [
        (_("member"), person_link(row.member)),
        (_("direction"), row.get_direction_display()),
        (_("amount"), f"{row.get_asset_display()} {_signed(row)}"),
        (_("proposed by"), f"{staff_name(row.proposer)} · {format_moment(row.proposed_at)}"),
    ]
    return {"facts": facts, "wallet": _wallet(row) if row.decided_at is None else ()}


def _wallet(row: Adjustment) -> list[tuple[StrOrPromise, Any]]:
    """Return the balance now and after it; money that comes in pays what is owed first."""
    wallet, owed, change = _balance(row, Kind.WALLET), _balance(row, Kind.OWED), _change(row)
    repaid = min(max(change, 0), owed)

    def step(before: int, after: int) -> str:
        return f"{amount_text(before, row.asset)} {ARROW} {amount_text(after, row.asset)}"

    after = wallet + change - repaid
    facts: list[tuple[StrOrPromise, Any]] = [
        (_("in the wallet"), step(wallet, after) if after >= 0 else amount_text(wallet, row.asset))
    ]
    if owed:
        facts.append((_("owed to the shop"), step(owed, owed - repaid)))
    return facts


def _warning(row: Adjustment) -> StrOrPromise:
    if _balance(row, Kind.WALLET) + _change(row) >= 0:
        return ""
    return _("The wallet does not hold this amount now: it cannot be posted.")


def _own(row: Adjustment, by: User) -> StrOrPromise:
    is_own = row.proposer_id == by.pk or (by.member_id and by.member_id == row.member_id)
    return SelfApprovalForbidden.message if is_own else ""


def _not_now(row: Adjustment, by: User) -> StrOrPromise:
    return _own(row, by) or _warning(row)


def _search(rows: QuerySet[Adjustment], term: str) -> QuerySet[Adjustment]:
    return rows.filter(Q(public_id=term.lower()) | Q(member__in=search_members(term)))


def _post(row: Adjustment, *, by: User, at: datetime) -> None:
    services.post_adjustment(adjustment=row, by=by, at=at)


def _refuse(row: Adjustment, *, by: User, at: datetime) -> None:
    services.refuse_adjustment(adjustment=row, by=by, at=at)


open_desk(
    Queue(
        name="adjustments",
        title=_("Adjustments"),
        icon="balance",
        model="closing.adjustment",
        permission=DECIDE_PERMISSION,
        waiting=lambda _user: Adjustment.objects.filter(status=Status.PROPOSED),
        since="proposed_at",
        limit=LIMIT,
        tabs=[
            Tab("posted", _("Posted"), Q(status=Status.POSTED)),
            Tab("refused", _("Refused"), Q(status=Status.REFUSED)),
        ],
        order=70,
        desk=Desk(
            prepare=lambda rows: rows.select_related("member", "proposer", "decider"),
            lines=_lines,
            template="admin/closing/adjustment_row.html",
            context=_context,
            outcome=proposal_outcome,
            empty=_("No adjustment waits for a second person."),
            search=_search,
            search_help=_("Nickname, or whole id"),
            decisions=[
                Decision(
                    "post", _("Agree and post"), _post, _("It is posted:"), key="a",
                    question=_("The money moves at once."), variant="primary", refusal=_not_now,
                ),
                Decision(
                    "refuse", _("Refuse"), _refuse, _("It is refused:"), key="r",
                    question=_("No money moves."), variant="danger", refusal=_own,
                ),
            ],
        ),
    )
)  # fmt: skip
