"""What came of a member's share."""

from __future__ import annotations

from datetime import date
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import NotFound
from common import clock
from common.clock import business_day
from members.sessions.views import MemberEndpoint
from reports.api.figures import CURRENCY
from reports.api.ranges import DayRange
from reports.shares import Funnel, share_report
from sharing.models import Share

DEFAULT_DAYS = 30


class FunnelAnswer(serializers.Serializer):
    """Amounts in fen, after refunds; orders belong to the day of their payment."""

    visits = serializers.IntegerField()
    new_members = serializers.IntegerField(help_text="Who joined after a visit as their first.")
    orders = serializers.IntegerField()
    sales = serializers.IntegerField()
    commission = serializers.IntegerField(source="earned", help_text="My own, in cash.")
    conversion = serializers.IntegerField(help_text="Orders for each visit, in basis points.")


class FunnelRow(FunnelAnswer):
    day = serializers.DateField()


class ShareFiguresAnswer(serializers.Serializer):
    share = serializers.CharField()
    currency = serializers.CharField()
    lifetime = FunnelAnswer()
    first = serializers.DateField()
    last = serializers.DateField()
    totals = FunnelAnswer(help_text="Of these days.")
    results = FunnelRow(many=True, help_text="Each day with figures, the earliest first.")


class ShareFiguresQuery(DayRange):
    first = serializers.DateField(required=False, help_text="By default 29 days before the last.")
    last = serializers.DateField(required=False, help_text="By default today.")

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        values: dict[str, Any] = super().to_internal_value(data)
        last = values.setdefault("last", business_day(clock.now()))
        earliest = last.toordinal() - DEFAULT_DAYS + 1
        values.setdefault("first", date.fromordinal(max(1, earliest)))
        return values


class FiguresOfShare(MemberEndpoint):
    scope = "me:read"

    @extend_schema(
        operation_id="share_figures",
        parameters=[ShareFiguresQuery],
        responses=ShareFiguresAnswer,
        summary="What came of a share of mine: visits, new members, orders, sales, commission",
    )
    def get(self, request: Request, code: str) -> Response:
        values = self.filters(ShareFiguresQuery, request)
        share = Share.objects.of_person(self.member).filter(code=code).first()
        if share is None:
            raise NotFound
        report = share_report(share, **values)
        total = sum((figures for _day, figures in report.days), Funnel())
        answer = {
            "share": share.code,
            "currency": CURRENCY,
            "lifetime": report.life,
            **values,
            "totals": total,
            "results": [{"day": day, **funnel_fields(row)} for day, row in report.days],
        }
        return Response(ShareFiguresAnswer(answer).data)


def funnel_fields(figures: Funnel) -> dict[str, int]:
    """Return what ``FunnelAnswer`` reads of figures."""
    names = ("visits", "new_members", "orders", "sales", "earned", "conversion")
    return {name: getattr(figures, name) for name in names}
