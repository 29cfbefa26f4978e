"""The queue of links between staff and members: a second superuser agrees or refuses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice.base import NOTHING, StrOrPromise
from backoffice.desk import Decision, Desk, Line
from backoffice.desk_pages import open_desk
from backoffice.names import staff_name
from backoffice.proposals import proposal_outcome
from backoffice.queues import Queue, Tab
from backoffice.timeline import format_moment
from common.errors import SelfApprovalForbidden
from members.admin.person import person_link
from members.contacts import masked_phone
from members.models import StaffLinkProposal, User
from members.search import search_members
from members.staff_links import agree_to_staff_link, refuse_staff_link

Status = StaffLinkProposal.Status
LIMIT = timedelta(days=2)


def _lines(rows: Sequence[StaffLinkProposal]) -> list[Line]:
    return [Line(staff_name(row.user), f"{row.member} · {row.reason}") for row in rows]


def _context(_request: HttpRequest, row: StaffLinkProposal) -> dict[str, Any]:
    user, member = row.user, row.member
    roles = [gettext(group.name) for group in user.groups.order_by("name")]
    user_facts: list[tuple[StrOrPromise, Any]] = [
        (_("staff user"), staff_name(user)),
        (_("username"), user.get_username()),
        (_("roles"), ", ".join(roles) or NOTHING),
        (_("last login"), format_moment(user.last_login) if user.last_login else NOTHING),
    ]
    member_facts: list[tuple[StrOrPromise, Any]] = [
        (_("member"), person_link(member)),
        (_("phone"), masked_phone(member) or NOTHING),
        (_("joined at"), format_moment(member.joined_at)),
    ]
    said = _("proposed by %(name)s, %(moment)s")
    return {
        "user_facts": user_facts,
        "member_facts": member_facts,
        "proposed": said % {
            "name": staff_name(row.proposer), "moment": format_moment(row.proposed_at),
        },
    }  # fmt: skip


def _not_two(row: StaffLinkProposal, by: User) -> StrOrPromise:
    return SelfApprovalForbidden.message if by.pk in (row.proposer_id, row.user_id) else ""


def _search(rows: QuerySet[StaffLinkProposal], term: str) -> QuerySet[StaffLinkProposal]:
    users = Q(user__username=term) | Q(user__first_name__icontains=term)
    return rows.filter(users | Q(member__in=search_members(term)))


def _agree(row: StaffLinkProposal, *, by: User, at: datetime) -> None:
    agree_to_staff_link(proposal=row, by=by, at=at)


def _refuse(row: StaffLinkProposal, *, by: User, at: datetime) -> None:
    refuse_staff_link(proposal=row, by=by, at=at)


open_desk(
    Queue(
        name="staff_links",
        title=_("Links of staff"),
        icon="link",
        model="members.stafflinkproposal",
        permission="members.change_stafflinkproposal",
        waiting=lambda _user: StaffLinkProposal.objects.filter(status=Status.PROPOSED),
        since="proposed_at",
        limit=LIMIT,
        tabs=[
            Tab("agreed", _("Agreed"), Q(status=Status.AGREED)),
            Tab("refused", _("Refused"), Q(status=Status.REFUSED)),
        ],
        order=80,
        desk=Desk(
            prepare=lambda rows: rows.select_related("user", "member", "proposer", "decider"),
            lines=_lines,
            template="admin/members/link_row.html",
            context=_context,
            outcome=proposal_outcome,
            empty=_("No link waits for a second superuser."),
            search=_search,
            search_help=_("Name of the staff user, or nickname"),
            decisions=[
                Decision(
                    "agree", _("Agree"), _agree, _("The staff user is linked:"), key="a",
                    question=_(
                        "The staff user is linked to this member, and a link never changes. Make"
                        " sure that they are the same person."
                    ),
                    variant="primary", refusal=_not_two,
                ),
                Decision(
                    "refuse", _("Refuse"), _refuse, _("It is refused:"), key="r",
                    question=_("The staff user is not linked."), variant="danger",
                ),
            ],
        ),
    )
)  # fmt: skip
