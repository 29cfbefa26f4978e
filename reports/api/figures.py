"""The workspace, earnings and leaderboards of distributors."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import NotFound
from api.serializers import StrictSerializer
from common import clock
from common.clock import business_day
from distribution.models import Distributor
from distribution.rules import masked_name
from members.sessions.views import MemberEndpoint
from reports.api.ranges import DayRange
from reports.leaderboard import METRICS, leaderboard, own_place
from reports.periods import period_end
from reports.queries import Figures, Workspace, earnings, workspace
from reports.shares import Funnel

CURRENCY = "CNY"
PERIODS = ("day", "week", "month")


class FiguresAnswer(serializers.Serializer):
    """Amounts in fen; ``team_…``: through distributors whom the distributor brought."""

    orders = serializers.IntegerField()
    sales = serializers.IntegerField()
    income = serializers.IntegerField()
    team_orders = serializers.IntegerField()
    team_sales = serializers.IntegerField()
    team_income = serializers.IntegerField()
    total_income = serializers.IntegerField()
    returned = serializers.IntegerField(help_text="What was refunded of own sales.")
    return_rate = serializers.IntegerField(
        help_text="returned of sales + returned, in basis points."
    )


class WorkspaceFiguresAnswer(FiguresAnswer):
    """Also the results of the distributor's shares."""

    shares = serializers.IntegerField(help_text="New ones.")
    visits = serializers.IntegerField(help_text="Of all shares, once for a visitor and day.")
    new_members = serializers.IntegerField(help_text="Who joined after a visit as their first.")
    conversion = serializers.IntegerField(
        help_text="Orders that came by a share, for each visit, in basis points."
    )


class ReleaseAnswer(serializers.Serializer):
    day = serializers.DateField()
    amount = serializers.IntegerField()


class TeamCountsAnswer(serializers.Serializer):
    tier1 = serializers.IntegerField()
    tier1_distributors = serializers.IntegerField()
    tier2 = serializers.IntegerField()


class WorkspaceAnswer(serializers.Serializer):
    currency = serializers.CharField()
    today = WorkspaceFiguresAnswer()
    yesterday = WorkspaceFiguresAnswer()
    month = WorkspaceFiguresAnswer()
    lifetime = WorkspaceFiguresAnswer()
    pending = serializers.IntegerField(help_text="Paid orders that are not received yet.")
    protected = serializers.IntegerField(help_text="Received orders that may still come back.")
    credited = serializers.IntegerField(help_text="Credited so far, after clawbacks.")
    balance = serializers.IntegerField(help_text="In the wallet now.")
    unread = serializers.IntegerField(help_text="Notices that were not read.")
    withdrawable = serializers.IntegerField(help_text="Of the balance, now.")
    releasing = ReleaseAnswer(
        many=True, help_text="Today and the next 7 days, if nothing comes back."
    )
    team = TeamCountsAnswer(help_text="Without the last seconds.")
    rank = serializers.IntegerField(
        required=False, help_text="By the sales of this month; absent without any or beyond 1,000."
    )


class EarningsQuery(DayRange):
    by = serializers.ChoiceField(PERIODS, default="day")


class EarningsRow(FiguresAnswer):
    start = serializers.DateField()


class EarningsAnswer(serializers.Serializer):
    currency = serializers.CharField()
    results = EarningsRow(many=True)
    totals = FiguresAnswer()


class LeaderboardQuery(StrictSerializer):
    period = serializers.ChoiceField(PERIODS, default="month")
    metric = serializers.ChoiceField(sorted(METRICS), default="sales")
    day = serializers.DateField(required=False, help_text="Any day of the period.")

    def validate_day(self, day: date) -> date:
        if day > business_day(clock.now()):
            raise serializers.ValidationError(_("This day is yet to come."), "future")
        return day


class PlaceAnswer(serializers.Serializer):
    rank = serializers.IntegerField()
    name = serializers.CharField(help_text="Masked.")
    value = serializers.IntegerField()
    is_me = serializers.BooleanField()


class MineAnswer(serializers.Serializer):
    rank = serializers.IntegerField(required=False, help_text="Absent beyond 1,000.")
    value = serializers.IntegerField()


class LeaderboardAnswer(serializers.Serializer):
    results = PlaceAnswer(many=True)
    mine = MineAnswer()
    final = serializers.BooleanField(help_text="The period is over.")


class DistributorEndpoint(MemberEndpoint):
    """A view for members who are distributors, or have been."""

    scope = "me:read"

    @property
    def distributor(self) -> Distributor:
        """Return the caller's distributor.

        :raises NotFound: the member is none
        """
        found = Distributor.objects.filter(member=self.member).select_related("member").first()
        if found is None:
            raise NotFound
        return found


@method_decorator(conditional_page, "dispatch")
class WorkspaceView(DistributorEndpoint):
    @extend_schema(
        operation_id="distributor_workspace",
        responses=WorkspaceAnswer,
        summary="Everything on the first screen of a distributor, with an ETag",
    )
    def get(self, request: Request) -> Response:
        found = workspace(distributor=self.distributor, at=clock.now())
        return Response(_workspace(found), headers={"Cache-Control": "private, no-cache"})


class EarningsView(DistributorEndpoint):
    @extend_schema(
        operation_id="distributor_earnings",
        parameters=[EarningsQuery],
        responses=EarningsAnswer,
        summary="Sales and commissions by day, week or month",
    )
    def get(self, request: Request) -> Response:
        query = self.filters(EarningsQuery, request)
        rows = earnings(
            distributor=self.distributor,
            period=query["by"],
            first=query["first"],
            last=query["last"],
        )
        total = sum((figures for _start, figures in rows), Figures())
        return Response(
            {
                "currency": CURRENCY,
                "results": [
                    {"start": start.isoformat(), **_figures(figures)} for start, figures in rows
                ],
                "totals": _figures(total),
            }
        )


class LeaderboardView(DistributorEndpoint):
    @extend_schema(
        operation_id="distributor_leaderboard",
        parameters=[LeaderboardQuery],
        responses=LeaderboardAnswer,
        summary="The best 100 of a period, and one's own place; names are masked",
    )
    def get(self, request: Request) -> Response:
        query = self.filters(LeaderboardQuery, request)
        today = business_day(clock.now())
        chosen = {
            "period": query["period"],
            "metric": query["metric"],
            "day": query.get("day", today),
        }
        mine = self.distributor
        rank, value = own_place(distributor=mine, **chosen)
        return Response(
            {
                "results": [
                    {
                        "rank": place.rank,
                        "name": masked_name(place.distributor.member.nickname),
                        "value": place.value,
                        "is_me": place.distributor.pk == mine.pk,
                    }
                    for place in leaderboard(**chosen)
                ],
                "mine": {"value": value} | ({"rank": rank} if rank else {}),
                "final": period_end(chosen["period"], chosen["day"]) <= today,
            }
        )


def _workspace(found: Workspace) -> dict[str, Any]:
    return {
        "currency": CURRENCY,
        "today": _figures(found.today) | _funnel(found.shares.today),
        "yesterday": _figures(found.yesterday) | _funnel(found.shares.yesterday),
        "month": _figures(found.month) | _funnel(found.shares.month),
        "lifetime": _figures(found.life) | _funnel(found.shares.life),
        "pending": found.life.pending,
        "protected": found.life.protected,
        "credited": found.life.credited,
        "balance": found.balance,
        "unread": found.unread,
        "withdrawable": found.withdrawable,
        "releasing": [
            {"day": day.isoformat(), "amount": amount} for day, amount in found.releasing
        ],
        "team": asdict(found.team),
    } | ({"rank": found.rank} if found.rank else {})


def _figures(figures: Figures) -> dict[str, int]:
    return {name: getattr(figures, name) for name in FiguresAnswer().fields}


def _funnel(figures: Funnel) -> dict[str, int]:
    names = ("shares", "visits", "new_members", "conversion")
    return {name: getattr(figures, name) for name in names}
