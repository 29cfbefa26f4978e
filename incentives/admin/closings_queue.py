"""The queue of closes that a second person confirms: who gets what for which place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from backoffice.base import NOTHING, StrOrPromise
from backoffice.desk import Decision, Desk, Line
from backoffice.desk_pages import open_desk
from backoffice.names import staff_name
from backoffice.queues import Queue, Tab
from backoffice.timeline import format_moment
from common.errors import SelfApprovalForbidden
from common.money import yuan_text
from incentives.admin.names import with_incentive_name
from incentives.admin.pools import pool_context
from incentives.admin.words import gives_text, value_text, with_asset
from incentives.due_periods import version_of_period
from incentives.models import Award, PeriodClosing, Progress, Reward, Version
from incentives.periods import span_starting
from incentives.services import closing as services
from incentives.worth import worth_of
from members.admin.person import person_link
from members.models import Member, User

LIMIT = timedelta(days=2)
SHOWN = 100
Status = PeriodClosing.Status


def _prepare(rows: QuerySet[PeriodClosing]) -> QuerySet[PeriodClosing]:
    return with_incentive_name(rows.select_related("incentive", "confirmed_by"))


def _lines(rows: Sequence[PeriodClosing]) -> list[Line]:
    return [
        Line(row.incentive_name or "", f"{row.period_start:%Y-%m-%d}", amount=row.amount)  # type: ignore[attr-defined]
        for row in rows
    ]


def _outcome(row: PeriodClosing) -> StrOrPromise:
    if row.status != Status.FINAL:
        return ""
    if row.confirmed_at is None:
        return _("final without a second person")
    return _("confirmed by %(name)s, %(moment)s") % {
        "name": staff_name(row.confirmed_by), "moment": format_moment(row.confirmed_at),
    }  # fmt: skip


def _context(_request: HttpRequest, row: PeriodClosing) -> dict[str, Any]:
    version = version_of_period(row.incentive_id, row.period_start)
    pool = pool_context(version, row)
    return {
        "facts": [
            (_("incentive"), version.name),
            (_("period"), period_text(version, row)),
            (_("period closed at"), format_moment(row.closed_at)),
            (_("published by"), staff_name(version.published_by)),
            (_("awards"), f"{row.awards:,}"),
            (_("worth of all awards"), yuan_text(row.amount)),
            *_unknown_facts(row),
            *pool.get("pool_facts", []),
        ],
        **pool,
        "winners": winners_of(version, row),
        "more": row.awards - SHOWN,
    }


def period_text(version: Version, row: PeriodClosing) -> str:
    """Return the first and the last day of a period."""
    end = span_starting(version, row.period_start).end
    if end is None:
        return f"{row.period_start:%Y-%m-%d}"
    return f"{row.period_start:%Y-%m-%d} – {end - timedelta(days=1):%Y-%m-%d}"


def _unknown_facts(row: PeriodClosing) -> list[tuple[StrOrPromise, Any]]:
    unknown = worth_of(_awards(row)).unknown
    return [(_("awards without a known worth"), f"{unknown:,}")] if unknown else []


def _awards(row: PeriodClosing) -> QuerySet[Award]:
    rewards = ("reward__coupon", "reward__gift__product", "reward__level")
    return (
        Award.objects.filter(
            incentive=row.incentive_id, period_start=row.period_start, target__gt=0
        )
        .exclude(status__in=(Award.Status.TAKEN_BACK, Award.Status.REFUSED))
        .select_related("member", *rewards)
        .order_by("rank", "-target", "pk")
    )


def winners_of(version: Version, row: PeriodClosing) -> dict[str, Any]:
    """Return the table of the first awards of a close."""
    awards = list(_awards(row)[:SHOWN])
    values = dict(
        Progress.objects.filter(
            incentive=row.incentive_id, period_start=row.period_start,
            member__in=[award.member_id for award in awards],
        ).values_list("member", "value")
    )  # fmt: skip
    return {
        "headers": [_("place"), _("member"), _("counted"), _("award"), _("status")],
        "rows": [
            [
                award.rank or NOTHING,
                person_link(award.member),
                value_text(version, values.get(award.member_id, 0)),
                award_text(award),
                _status(award),
            ]
            for award in awards
        ],
    }


def award_text(award: Award) -> str:
    """Return what an award gives, as much as is due."""
    if award.kind in Reward.MONEY:
        return with_asset(award.target, award.asset)
    return gives_text(award.reward)


def _status(award: Award) -> str:
    if award.status == Award.Status.HELD:
        return translate("held: %(reason)s") % {"reason": award.get_hold_display()}
    return str(award.get_status_display())


def _refusal(row: PeriodClosing, by: User) -> StrOrPromise:
    own = Q(published_by=by)
    if by.member_id:
        own |= Q(published_by__member=by.member_id)
    if Version.objects.filter(own, incentive=row.incentive_id).exists():
        return _("You have published this incentive, so somebody else confirms its awards.")
    own_rows = Member.objects.of_person(by.member_id or 0)
    if _awards(row).filter(member__in=own_rows).exists():
        return SelfApprovalForbidden.message
    return ""


def _confirm(row: PeriodClosing, *, by: User, at: datetime) -> None:
    services.confirm_closing(closing=row, by=by, at=at)


def _search(rows: QuerySet[PeriodClosing], term: str) -> QuerySet[PeriodClosing]:
    named = Version.objects.filter(incentive=OuterRef("incentive"), name__icontains=term)
    return rows.filter(Q(Exists(named)) | Q(public_id=term.lower()))


open_desk(
    Queue(
        name="closings",
        title=_("Awards to confirm"),
        icon="emoji_events",
        model="incentives.periodclosing",
        permission=services.PERMISSION,
        waiting=lambda _user: PeriodClosing.objects.filter(status=Status.WAITING),
        since="closed_at",
        limit=LIMIT,
        tabs=[
            Tab("confirmed", _("Confirmed"), Q(status=Status.FINAL, confirmed_at__isnull=False)),
            Tab("alone", _("Without a second person"),
                Q(status=Status.FINAL, confirmed_at=None, awards__gt=0)),
        ],
        order=67,
        desk=Desk(
            prepare=_prepare,
            lines=_lines,
            template="admin/incentives/closing_row.html",
            context=_context,
            outcome=_outcome,
            empty=_("No awards wait for a second person."),
            seal=lambda row: f"{row.awards}:{row.amount}",
            search=_search,
            search_help=_("Words of the name, or whole id"),
            decisions=[
                Decision(
                    "confirm", _("Confirm"), _confirm, _("The awards are given now:"), key="a",
                    question=_(
                        "All awards of this list are given. Those of frozen distributors wait"
                        " until the freeze ends."
                    ),
                    variant="primary", refusal=_refusal,
                ),
            ],
        ),
    )
)  # fmt: skip
