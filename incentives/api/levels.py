"""The ladder of levels for a distributor: what counts, how far it is, and what is missing."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import Moment
from commissions.level_rates import level_rates
from commissions.models import Rule
from common import clock
from distribution.queries import distributor_of
from incentives.ladder.standing import LevelProgress, LevelStanding, standing
from incentives.models import LevelCondition
from ledger.chart import Asset
from members.sessions.views import MemberEndpoint


class LevelFiguresAnswer(serializers.Serializer):
    sales = serializers.IntegerField(help_text="Paid for goods and not refunded, in fen.")
    orders = serializers.IntegerField()
    buyers = serializers.IntegerField()


class RatesAnswer(serializers.Serializer):
    """By the plan in force; a rule for a product or a category may pay otherwise."""

    kind = serializers.ChoiceField(Rule.Kind.choices)
    base = serializers.ChoiceField(Rule.Base.choices, help_text="What percent are of.")
    asset = serializers.ChoiceField(Asset.choices)
    tier1 = serializers.IntegerField(
        help_text="On orders of my own buyers: of percent basis points (1000 is 10 %), else fen or"
        " points; with a boost that runs now."
    )
    tier2 = serializers.IntegerField(
        help_text="The same on orders of the buyers of my direct distributors."
    )


class ConditionAnswer(serializers.Serializer):
    window = serializers.ChoiceField(LevelCondition.Window.choices)
    window_text = serializers.CharField(source="get_window_display")
    sales = serializers.IntegerField(source="min_sales", allow_null=True, help_text="In fen.")
    orders = serializers.IntegerField(source="min_orders", allow_null=True)
    buyers = serializers.IntegerField(source="min_buyers", allow_null=True)
    grace_days = serializers.IntegerField(
        help_text="So long a level is kept that is no longer reached, from the warning on."
    )


class LadderPlaceAnswer(serializers.Serializer):
    """A level; without a condition only the shop gives it."""

    rank = serializers.IntegerField(source="level.rank")
    name = serializers.CharField(source="level.name")
    sees_team_data = serializers.BooleanField(source="level.sees_team_data")
    advanced_materials = serializers.BooleanField(source="level.advanced_materials")
    condition = ConditionAnswer(allow_null=True)
    is_reached = serializers.BooleanField()
    counted_from = serializers.DateField(source="span.start", default=None, allow_null=True)
    counted_to = serializers.DateField(
        source="span.last_day", default=None, allow_null=True, help_text="The last day included."
    )
    figures = serializers.SerializerMethodField()
    missing = serializers.SerializerMethodField()
    rates = serializers.SerializerMethodField(
        help_text="What the level earns where no rule names the product or its category; a product"
        " may pay otherwise (see my_commission). null: only such rules pay."
    )

    @extend_schema_field(LevelFiguresAnswer(allow_null=True))
    def get_figures(self, place: LevelProgress) -> Any:
        return LevelFiguresAnswer(place.figures).data if place.condition else None

    @extend_schema_field(LevelFiguresAnswer(allow_null=True))
    def get_missing(self, place: LevelProgress) -> Any:
        return LevelFiguresAnswer(place.missing).data if place.condition else None

    @extend_schema_field(RatesAnswer(allow_null=True))
    def get_rates(self, place: LevelProgress) -> Any:
        rates = self.context["rates"][place.level.pk]
        return RatesAnswer(rates).data if rates else None


class WarningAnswer(serializers.Serializer):
    level = serializers.SerializerMethodField(help_text="That comes after it; empty: none.")
    warned_at = Moment()
    falls_at = Moment(help_text="Until then the level is kept, and may be reached again.")

    def get_level(self, warning: Any) -> str:
        return warning.level.name if warning.level else ""


class LevelsAnswer(serializers.Serializer):
    current = serializers.CharField(help_text="The name of my level; empty without one.")
    given_by = serializers.ChoiceField(
        [("pin", "fixed by the shop"), ("award", "given by an award"), ("ladder", "reached")]
    )
    until = Moment(allow_null=True, help_text="Of a level that is fixed or given for a time.")
    next = serializers.CharField(help_text="The name of the next level to reach; empty: none.")
    warning = WarningAnswer(allow_null=True)
    rates = RatesAnswer(allow_null=True, help_text="What I earn now, as those of the levels.")
    levels = LadderPlaceAnswer(many=True)


class Levels(MemberEndpoint):
    scope = "me:read"

    @extend_schema(
        operation_id="distributor_levels",
        responses=LevelsAnswer,
        summary="The ladder of levels, the lowest first, and where I stand",
        description=(
            "Own completed orders count: those of the last 30 or 90 days by the day of their"
            " completion, those of a month, quarter or year by the day of payment. A level is"
            " reached with all that its condition sets, in the running or the last period."
        ),
    )
    def get(self, request: Request) -> Response:
        distributor, now = distributor_of(self.member), clock.now()
        found = standing(distributor, now)
        levels = {distributor.level_id, *(place.level.pk for place in found.places)}
        rates = level_rates(levels, segment=distributor.segment_id, at=now)
        body = _body(found) | {"rates": rates[distributor.level_id]}
        return Response(LevelsAnswer(body, context={"rates": rates}).data)


def _body(found: LevelStanding) -> dict[str, Any]:
    pin, award = found.holding.pin, found.holding.award
    return {
        "current": found.level.name if found.level else "",
        "given_by": "pin" if pin else "award" if award else "ladder",
        "until": pin.until if pin else award.ends_at if award else None,
        "next": found.next.level.name if found.next else "",
        # A pin or an award keeps the level, whatever the sales.
        "warning": None if pin or award else found.warning,
        "levels": found.places,
    }
