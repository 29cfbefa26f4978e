"""The queue of proofs: proposals on payouts whose outcome the provider does not report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.base import StrOrPromise
from backoffice.desk import Decision, Desk, Line
from backoffice.desk_pages import open_desk
from backoffice.names import staff_name
from backoffice.proposals import proposal_outcome
from backoffice.queues import Queue, Tab
from backoffice.timeline import format_moment
from members.models import User
from members.search import search_members
from withdrawals import services
from withdrawals.errors import SelfApprovalForbidden
from withdrawals.models import ManualResolution
from withdrawals.permissions import FINANCE

Status = ManualResolution.Status


def _says(row: ManualResolution) -> StrOrPromise:
    return _("was paid") if row.paid else _("was not paid")


def _lines(rows: Sequence[ManualResolution]) -> list[Line]:
    return [Line(str(row.member), _says(row), row.attempt.amount) for row in rows]


def _context(_request: HttpRequest, row: ManualResolution) -> dict[str, Any]:
    return {
        "facts": [
            (_("result on the provider's statement"), _says(row)),
            (_("merchant number"), row.attempt.out_bill_no),
            (_("payment started"), format_moment(row.attempt.created_at)),
            (_("proposed by"), f"{staff_name(row.proposer)} · {format_moment(row.proposed_at)}"),
        ],
        "reason": row.reason,
        "proof_url": reverse("admin:withdrawals_evidence_change", args=[row.evidence_id]),
        "withdrawal_url": reverse(
            "admin:withdrawals_withdrawal_change", args=[row.attempt.withdrawal_id]
        ),
    }


def _own(row: ManualResolution, by: User) -> StrOrPromise:
    own_money = by.member_id and by.member_id == row.member_id
    return SelfApprovalForbidden.message if own_money or row.proposer_id == by.pk else ""


def _agree(row: ManualResolution, *, by: User, at: datetime) -> None:
    services.resolve_manually(manual_resolution=row, by=by, at=at)


def _refuse(row: ManualResolution, *, by: User, at: datetime) -> None:
    services.refuse_manual_resolution(manual_resolution=row, by=by, at=at)


def _search(rows: QuerySet[ManualResolution], term: str) -> QuerySet[ManualResolution]:
    return rows.filter(Q(attempt__out_bill_no=term) | Q(member__in=search_members(term)))


open_desk(
    Queue(
        name="payout_proofs",
        title=_("Proofs of payouts"),
        icon="gavel",
        model="withdrawals.manualresolution",
        permission=FINANCE,
        waiting=lambda _user: ManualResolution.objects.filter(status=Status.PROPOSED),
        since="proposed_at",
        tabs=[
            Tab("agreed", _("Agreed"), Q(status=Status.AGREED)),
            Tab("refused", _("Refused"), Q(status=Status.REFUSED)),
        ],
        order=30,
        desk=Desk(
            prepare=lambda rows: rows.select_related(
                "attempt", "member", "proposer", "decider"
            ),
            lines=_lines,
            template="admin/withdrawals/resolution_row.html",
            context=_context,
            outcome=proposal_outcome,
            empty=_("No proof waits for a second person."),
            search=_search,
            search_help=_("Nickname, or full merchant or provider number"),
            decisions=[
                Decision(
                    "agree", _("Agree"), _agree, _("The payout is resolved:"), key="a",
                    question=_(
                        "The provider is queried once more. If it has no record of the payout,"
                        " this resolution applies. Check the proof first."
                    ),
                    variant="primary", refusal=_own,
                ),
                Decision(
                    "refuse", _("Refuse"), _refuse, _("It is refused:"), key="r",
                    question=_("No money moves."), variant="danger",
                ),
            ],
        ),
    )
)  # fmt: skip
