"""The queue of merges: both members side by side, what would happen, then agree or refuse.

What a client of the API told waits for somebody who proposes it; a proposal waits for another
person who agrees.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.base import NOTHING, StrOrPromise
from backoffice.desk import Decision, Desk, Line
from backoffice.desk_pages import open_desk
from backoffice.forms import ReasonForm
from backoffice.names import staff_name
from backoffice.proposals import proposal_outcome
from backoffice.queues import Queue, Tab
from backoffice.timeline import format_moment
from common import clock
from common.errors import PermissionMissing, SelfApprovalForbidden
from integration.merge_preview import (
    MergePreview,
    effect_lines,
    preview_lines,
    preview_merge,
)
from integration.merges import (
    DECIDE_PERMISSION,
    PROPOSE_PERMISSION,
    merge_members,
    propose_merge,
    refuse_merge,
)
from members.admin.person import person_link
from members.contacts import masked_phone
from members.models import Member, MemberMerge, User
from members.search import search_members
from orders.models import Order

Status = MemberMerge.Status
LIMIT = timedelta(days=2)
TOLD = _("The mall says that both are one person.")


def _waiting(user: User) -> QuerySet[MemberMerge]:
    """Return what this person may do something about."""
    rows = MemberMerge.objects.filter(status=Status.PROPOSED)
    if not user.has_perm(DECIDE_PERMISSION):
        return rows.filter(proposer=None)
    return rows if user.has_perm(PROPOSE_PERMISSION) else rows.filter(proposer__isnull=False)


def _lines(rows: Sequence[MemberMerge]) -> list[Line]:
    return [Line(f"{row.merged} → {row.survivor}", _proposed(row)) for row in rows]


def _proposed(row: MemberMerge) -> StrOrPromise:
    moment = format_moment(row.proposed_at)
    if _is_told(row):
        return _("told by %(name)s, %(moment)s") % {"name": row.source, "moment": moment}
    name = staff_name(row.proposer)
    return _("proposed by %(name)s, %(moment)s") % {"name": name, "moment": moment}


def _side(member: Member) -> list[tuple[StrOrPromise, Any]]:
    """Return what helps to see whether two members are one person."""
    orders = Order.objects.filter(buyer=member)
    last = orders.aggregate(last=Max("placed_at"))["last"]
    return [
        (_("member"), person_link(member)),
        (_("ids"), ", ".join(str(row) for row in member.identities.order_by("pk")) or NOTHING),
        (_("phone"), masked_phone(member) or NOTHING),
        (_("region"), f"{member.province} {member.city}".strip() or NOTHING),
        (_("joined at"), format_moment(member.joined_at)),
        (_("orders"), f"{orders.count():,}"),
        (_("last order"), format_moment(last) if last else NOTHING),
    ]


def _context(_request: HttpRequest, row: MemberMerge) -> dict[str, Any]:
    context: dict[str, Any] = {
        "merged": _side(row.merged),
        "survivor": _side(row.survivor),
        "reason": TOLD if _is_told(row) else row.reason,
        "proposed": _proposed(row),
    }
    if row.decided_at is None:
        preview = _preview(row)
        context |= {"obstacles": preview.obstacles, "effects": effect_lines(preview)}
    return context


def _seal(row: MemberMerge) -> str:
    """Identify what would happen: a merge cannot be undone, so it happens as it was shown."""
    if row.decided_at:
        return ""
    return hashlib.sha256("\n".join(preview_lines(_preview(row))).encode()).hexdigest()


def _preview(row: Any) -> MergePreview:
    """Return what would happen now; the row is read once for each request, and so is this."""
    if not hasattr(row, "preview"):
        row.preview = preview_merge(merged=row.merged, survivor=row.survivor, at=clock.now())
    preview: MergePreview = row.preview
    return preview


def _is_told(row: MemberMerge) -> bool:
    return row.proposer_id is None


def _is_own(row: MemberMerge, by: User) -> bool:
    return by.member_id in (row.merged_id, row.survivor_id)


def _may_not_propose(row: MemberMerge, by: User) -> StrOrPromise:
    if _is_own(row, by):
        return SelfApprovalForbidden.message
    return _obstacle(row)


def _may_not_agree(row: MemberMerge, by: User) -> StrOrPromise:
    if row.proposer_id == by.pk or _is_own(row, by):
        return SelfApprovalForbidden.message
    return _obstacle(row)


def _may_not_refuse(row: MemberMerge, by: User) -> StrOrPromise:
    if _is_own(row, by):
        return SelfApprovalForbidden.message
    may = by.has_perm(DECIDE_PERMISSION) or row.proposer_id == by.pk
    return "" if may else PermissionMissing.message


def _obstacle(row: MemberMerge) -> StrOrPromise:
    return next((str(error) for error in _preview(row).obstacles), "")


def _search(rows: QuerySet[MemberMerge], term: str) -> QuerySet[MemberMerge]:
    members = search_members(term).values("pk")
    return rows.filter(Q(merged__in=members) | Q(survivor__in=members))


def _propose(row: MemberMerge, *, reason: str, by: User, at: datetime) -> None:
    propose_merge(merged=row.merged, survivor=row.survivor, reason=reason, by=by, at=at)


def _agree(row: MemberMerge, *, by: User, at: datetime) -> None:
    merge_members(proposal=row, by=by, at=at)


def _refuse(row: MemberMerge, *, by: User, at: datetime) -> None:
    refuse_merge(proposal=row, by=by, at=at)


open_desk(
    Queue(
        name="merges",
        title=_("Merges of members"),
        icon="merge",
        model="members.membermerge",
        permission=(DECIDE_PERMISSION, PROPOSE_PERMISSION),
        waiting=_waiting,
        since="proposed_at",
        limit=LIMIT,
        tabs=[
            Tab("agreed", _("Merged"), Q(status=Status.AGREED)),
            Tab("refused", _("Refused"), Q(status=Status.REFUSED)),
        ],
        order=75,
        desk=Desk(
            prepare=lambda rows: rows.select_related("merged", "survivor", "proposer", "decider"),
            lines=_lines,
            template="admin/integration/merge_row.html",
            context=_context,
            outcome=proposal_outcome,
            empty=_("No merge waits for you."),
            seal=_seal,
            search=_search,
            search_help=_("Nickname, phone number, or whole id"),
            decisions=[
                Decision(
                    "propose", _("Propose to merge"), _propose, _("Another person decides:"),
                    key="a", variant="primary", permission=PROPOSE_PERMISSION, applies=_is_told,
                    question=_(
                        "Make sure that both are the same person. Your proposal replaces what the"
                        " mall told, and another person decides."
                    ),
                    form=ReasonForm,
                    refusal=_may_not_propose,
                ),
                Decision(
                    "agree", _("Agree and merge"), _agree, _("The members are merged:"), key="a",
                    variant="primary", permission=DECIDE_PERMISSION,
                    applies=lambda row: not _is_told(row),
                    question=_(
                        "Ids, money and team go to the survivor at once, and this cannot be undone."
                        " Make sure that both are the same person."
                    ),
                    refusal=_may_not_agree,
                ),
                Decision(
                    "refuse", _("Refuse"), _refuse, _("It is refused:"), key="r",
                    question=_("The members stay two."), variant="danger", refusal=_may_not_refuse,
                ),
            ],
        ),
    )
)  # fmt: skip
