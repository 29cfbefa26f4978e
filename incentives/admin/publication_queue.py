"""The queue of incentives that were handed over: their terms and worst case, publish or return."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.base import StrOrPromise
from backoffice.desk import Decision, Desk, Line
from backoffice.desk_pages import open_desk
from backoffice.fields import MomentField
from backoffice.forms import ReasonForm
from backoffice.names import staff_name
from backoffice.queues import Queue, Tab
from backoffice.timeline import format_moment
from incentives.admin import version_state
from incentives.admin.publication import decision_context
from incentives.models import Version
from incentives.services.publication import publish, return_to_draft
from incentives.terms import seal_of
from members.models import User

LIMIT = timedelta(days=2)
Status = Version.Status
HANDED_OVER = Q(submitted_at__isnull=False)


class StartForm(forms.Form):
    starts_at = MomentField(
        label=_("counts orders paid from"), help_text=_("Empty: as in its terms, or at once.")
    )


def _lines(rows: Sequence[Version]) -> list[Line]:
    return [
        Line(row.name, staff_name(row.submitted_by) if row.submitted_by else "") for row in rows
    ]


def _outcome(row: Version) -> StrOrPromise:
    if row.status == Status.SUBMITTED:
        return ""
    if row.published_at is None:
        return row.get_status_display()
    return _("published by %(name)s, %(moment)s") % {
        "name": staff_name(row.published_by), "moment": format_moment(row.published_at),
    }  # fmt: skip


def _context(request: HttpRequest, row: Version) -> dict[str, Any]:
    links = version_state.links(row, request.user)
    return {
        "version": row,
        "sentences": version_state.sentences(row, request.user),
        "version_links": [link for link in links if not link.is_primary],
        **decision_context(row),
    }


def _publish(row: Version, *, starts_at: datetime | None, by: User, at: datetime) -> None:
    # The desk has compared the seal; the service does it again under the lock.
    publish(version=row, by=by, at=at, seal=seal_of(row), starts_at=starts_at)


def _return(row: Version, *, reason: str, by: User, at: datetime) -> None:
    return_to_draft(version=row, reason=reason, by=by, at=at)


def _editor(row: Version, by: User) -> StrOrPromise:
    if by.pk in row.editors:
        return _("You have edited this incentive, so somebody else publishes it.")
    return ""


def _search(rows: QuerySet[Version], term: str) -> QuerySet[Version]:
    return rows.filter(Q(name__icontains=term) | Q(public_id=term.lower()))


open_desk(
    Queue(
        name="incentives",
        title=_("Incentives to publish"),
        icon="trophy",
        model="incentives.version",
        permission=version_state.PUBLISH,
        waiting=Version.objects.waiting_for,
        since="submitted_at",
        limit=LIMIT,
        tabs=[Tab("published", _("Published"), HANDED_OVER & Q(status=Status.PUBLISHED))],
        order=66,
        desk=Desk(
            prepare=lambda rows: rows.select_related(
                "incentive", "submitted_by", "published_by"
            ),
            lines=_lines,
            template="admin/incentives/version_row.html",
            context=_context,
            outcome=_outcome,
            empty=_("No incentive waits for you."),
            seal=seal_of,
            search=_search,
            search_help=_("Words of the name, or whole id"),
            styles=["twotier/admin/plans.css", "twotier/admin/incentives.css"],
            decisions=[
                Decision(
                    "publish", _("Publish"), _publish, _("It is published:"), key="a",
                    question=_(
                        "It counts orders paid from its start on, and cannot be changed. Members"
                        " see it."
                    ),
                    variant="primary", form=StartForm, refusal=_editor,
                ),
                Decision(
                    "return", _("Return"), _return, _("It is a draft again:"), key="r",
                    question=_("It becomes a draft, which its editors can change."),
                    variant="danger", form=ReasonForm,
                ),
            ],
        ),
    )
)  # fmt: skip
