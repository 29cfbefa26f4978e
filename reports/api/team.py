"""A distributor's team; tier 2 is masked, and nobody's phone number is in it."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.pagination import CursorPages
from api.serializers import Moment, StrictSerializer
from common import clock
from distribution.queries import TEAM_SORTS, distributor_of, sees_team_data
from members.sessions.views import MemberEndpoint
from reports.team import team_page, team_rows, team_size


class TeamPages(CursorPages):
    ordering = ("-position",)


class TeamFilters(StrictSerializer):
    tier = serializers.ChoiceField(["1", "2"], default="1")
    sort = serializers.ChoiceField(TEAM_SORTS, default="joined")


class TeamFiguresAnswer(serializers.Serializer):
    team = serializers.IntegerField()
    orders = serializers.IntegerField()
    sales = serializers.IntegerField()
    commission = serializers.IntegerField(help_text="Cash that I earned by their orders.")
    last_order_at = Moment(allow_null=True)


class TeamRowAnswer(serializers.Serializer):
    member = serializers.CharField(help_text="Tier 2: masked.")
    nickname = serializers.CharField(help_text="Tier 2: masked.")
    avatar = serializers.CharField(help_text="Empty without one. Tier 2: empty.")
    level = serializers.CharField(help_text="Empty without one.")
    is_distributor = serializers.BooleanField()
    joined_at = Moment()
    via = serializers.CharField(help_text="Tier 2: the nickname of tier 1; else empty.")
    figures = TeamFiguresAnswer(
        allow_null=True, help_text="Null unless the level sees the data of the team."
    )


class TeamSummaryAnswer(serializers.Serializer):
    tier1 = serializers.IntegerField()
    tier1_distributors = serializers.IntegerField()
    tier2 = serializers.IntegerField()
    sees_team_data = serializers.BooleanField()


class Team(MemberEndpoint):
    scope = "me:read"
    pagination_class = TeamPages

    @extend_schema(
        operation_id="distributor_team",
        parameters=[TeamFilters],
        responses=TeamRowAnswer(many=True),
        summary="My team",
        description=(
            "Tier 2, and sorting by figures, need a level that sees the data of the team. Tier 2,"
            " the sizes of teams, and the order by figures lag some seconds behind."
        ),
    )
    def get(self, request: Request) -> Response:
        values = self.filters(TeamFilters, request)
        distributor, at = distributor_of(self.member), clock.now()
        tier = int(values["tier"])
        rows = team_page(distributor, tier=tier, sort=values["sort"], at=at)
        return self.answer_page(
            rows, TeamRowAnswer, shown=partial(team_rows, distributor, tier=tier)
        )


class TeamSummary(MemberEndpoint):
    scope = "me:read"

    @extend_schema(
        operation_id="distributor_team_summary",
        responses=TeamSummaryAnswer,
        summary="The sizes of my team",
        description="They lag some seconds behind.",
    )
    def get(self, request: Request) -> Response:
        distributor = distributor_of(self.member)
        counts = team_size(distributor)
        figures = {**asdict(counts), "sees_team_data": sees_team_data(distributor)}
        return Response(TeamSummaryAnswer(figures).data)
