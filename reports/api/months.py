"""Month statements: a list, one of them, and the same as CSV and as a page to print."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import NotFound
from api.pagination import CursorPages
from api.serializers import Moment
from backoffice.sheets import write_csv
from common import clock
from common.clock import business_day
from common.money import format_yuan
from distribution.models import Distributor
from ledger.chart import Kind
from reports.api.figures import CURRENCY, DistributorEndpoint
from reports.models import MonthMovements
from reports.statements import (
    GROUP_LABELS,
    KINDS,
    Balances,
    Statement,
    StatementLine,
    all_lines,
    month_sums,
    months_of,
    statement,
)
from withdrawals.api.wallets import PurposeAnswer

MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
ACCOUNTS = [(kind.value, kind.label) for kind in KINDS]
MONTH_PARAMETER = OpenApiParameter(
    "month", str, OpenApiParameter.PATH, description="Such as 2026-11.", pattern=MONTH.pattern
)


class MonthAnswer(serializers.Serializer):
    """Amounts in fen; all but ``earned_…`` are sums of the ledger's rows."""

    month = serializers.SerializerMethodField()
    final = serializers.BooleanField(
        source="is_final", help_text="The shop has closed the month: nothing moves in it any more."
    )
    earned_tier1 = serializers.IntegerField(
        help_text="By orders paid in the month, after refunds until now, also later ones."
    )
    earned_tier2 = serializers.IntegerField(help_text="The same through the team.")
    credited = serializers.IntegerField(help_text="Commissions that reached the wallet.")
    awarded = serializers.IntegerField(help_text="Awards of incentives that reached the wallet.")
    taken_back = serializers.IntegerField(
        help_text="Commissions and awards after refunds, from the wallet or as a debt."
    )
    withdrawn = serializers.IntegerField(help_text="fee + tax + paid.")
    fee = serializers.IntegerField()
    tax = serializers.IntegerField(help_text="Withheld in the month.")
    paid = serializers.IntegerField(help_text="Paid out.")
    returned = serializers.IntegerField(help_text="Payouts that came back.")
    opening = serializers.IntegerField(help_text="In the wallet when the month began.")
    closing = serializers.IntegerField(help_text="In the wallet when it ended, or now.")

    def get_month(self, row: Any) -> str:
        return f"{row.month:%Y-%m}"


class StatementLineAnswer(serializers.Serializer):
    at = Moment(source="transfer.effective_at")
    change = serializers.IntegerField(help_text="Below 0: it went out.")
    balance_after = serializers.IntegerField()
    purpose = PurposeAnswer()


class GroupAnswer(serializers.Serializer):
    account = serializers.ChoiceField(ACCOUNTS)
    group = serializers.ChoiceField(MonthMovements.GROUPS)
    text = serializers.CharField(source="label")
    incoming = serializers.BooleanField()
    count = serializers.IntegerField(help_text="Of all its transfers in the month.")
    amount = serializers.IntegerField(help_text="Of all its transfers; below 0: they went out.")
    lines = StatementLineAnswer(many=True, help_text="The latest 100. The CSV has all.")


class BalancesAnswer(serializers.Serializer):
    account = serializers.ChoiceField(ACCOUNTS, source="kind")
    opening = serializers.IntegerField()
    closing = serializers.IntegerField(help_text="opening + the amounts of its groups.")


class StatementAnswer(MonthAnswer):
    currency = serializers.CharField()
    balances = BalancesAnswer(many=True)
    groups = GroupAnswer(many=True)


class MonthPages(CursorPages):
    ordering = ("-start",)


class AnyFormat(DefaultContentNegotiation):
    """The address says the format, whatever the client accepts; problems are JSON."""

    def select_renderer(
        self, request: Request, renderers: list[Any], format_suffix: str | None = None
    ) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type


class MonthEndpoint(DistributorEndpoint):
    def month_of(self, text: str) -> date:
        """Return the first day of a month that has begun.

        :raises NotFound: there is no such month
        """
        found = MONTH.fullmatch(text)
        if not found or int(found[1]) < clock.EARLIEST_TIME.year:
            raise NotFound
        month = date(int(found[1]), int(found[2]), 1)
        if month > business_day(clock.now()):
            raise NotFound
        return month


class Months(DistributorEndpoint):
    pagination_class = MonthPages

    @extend_schema(
        operation_id="distributor_months",
        responses=MonthAnswer(many=True),
        summary="My months, each with its sums",
        description="Cash only. A month is listed a few seconds after something happened in it.",
    )
    def get(self, request: Request) -> Response:
        member = self.distributor.member

        def sums(page: list[dict[str, Any]]) -> Sequence[Any]:
            return month_sums(member, [row["start"] for row in page])

        return self.answer_page(months_of(member), MonthAnswer, shown=sums)


class OneMonth(MonthEndpoint):
    @extend_schema(
        operation_id="distributor_month",
        parameters=[MONTH_PARAMETER],
        responses=StatementAnswer,
        summary="The statement of a month",
        description="For each account: opening + the amounts of its groups = closing.",
    )
    def get(self, request: Request, month: str) -> Response:
        first = self.month_of(month)
        return Response(_answer(statement(self.distributor.member, first)))


class MonthCsv(MonthEndpoint):
    content_negotiation_class = AnyFormat

    @extend_schema(
        operation_id="distributor_month_csv",
        parameters=[MONTH_PARAMETER],
        responses={(200, "text/csv"): OpenApiTypes.STR},
        summary="All lines of a month as CSV",
        description="In yuan, UTF-8 with a byte order mark, as spreadsheets expect it.",
    )
    def get(self, request: Request, month: str) -> HttpResponse:
        first = self.month_of(month)
        response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{month}.csv"'
        response["Cache-Control"] = "no-store"
        lines = all_lines(self.distributor.member, first)
        titles = [
            _("time"), _("account"), _("kind of movement"), _("for"), _("title"), _("amount"),
            _("balance after it"),
        ]  # fmt: skip
        write_csv(response, titles, (_cells(line) for line in lines))
        return response


class MonthPage(MonthEndpoint):
    content_negotiation_class = AnyFormat

    @extend_schema(
        operation_id="distributor_month_page",
        parameters=[MONTH_PARAMETER],
        responses={(200, "text/html"): OpenApiTypes.STR},
        summary="The statement of a month as a page to print",
        description="Complete in itself, and in the language that is asked for.",
    )
    def get(self, request: Request, month: str) -> HttpResponse:
        first = self.month_of(month)
        found = statement(self.distributor.member, first)
        page = render_to_string("reports/month.html", _page(self.distributor, found))
        return HttpResponse(page, headers={"Cache-Control": "no-store"})


def _answer(found: Statement) -> dict[str, Any]:
    answer: dict[str, Any] = {"currency": CURRENCY}
    answer |= MonthAnswer(found.sums).data
    answer["balances"] = BalancesAnswer(found.balances, many=True).data
    answer["groups"] = GroupAnswer(found.groups, many=True).data
    return answer


def _cells(line: StatementLine) -> list[Any]:
    return [
        _time(line),
        Kind(line.account).label,
        GROUP_LABELS[line.group],
        line.purpose.id,
        line.purpose.title,
        Decimal(line.change).scaleb(-2),
        Decimal(line.balance_after).scaleb(-2),
    ]


def _time(line: StatementLine) -> str:
    return line.transfer.effective_at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def _page(distributor: Distributor, found: Statement) -> dict[str, Any]:
    return {
        "brand": settings.BRAND_NAME,
        "language": get_language(),
        "distributor": distributor,
        "month": f"{found.sums.month:%Y-%m}",
        "is_final": found.sums.is_final,
        "sums": [(label, format_yuan(getattr(found.sums, name))) for name, label in _labels()],
        "accounts": [
            {
                "name": Kind(balances.kind).label,
                "opening": format_yuan(balances.opening),
                "closing": format_yuan(balances.closing),
                "groups": [
                    {
                        "name": group.label,
                        "count": group.count,
                        "amount": format_yuan(group.amount),
                        "left_out": group.count - len(group.lines),
                        "lines": [
                            (_time(line), line.purpose, format_yuan(line.change),
                             format_yuan(line.balance_after))
                            for line in group.lines
                        ],
                    }
                    for group in found.groups
                    if group.account == balances.kind
                ],
            }
            for balances in found.balances
            if balances.kind == Kind.WALLET or _has_moved(balances, found)
        ],
    }  # fmt: skip


def _has_moved(balances: Balances, found: Statement) -> bool:
    groups = [group for group in found.groups if group.account == balances.kind]
    return bool(groups or balances.opening)


def _labels() -> list[tuple[str, str]]:
    return [
        ("earned_tier1", _("Earned by own orders paid in the month")),
        ("earned_tier2", _("Earned by orders of the team paid in the month")),
        ("credited", _("Credited to the wallet")),
        ("awarded", _("Awards of incentives")),
        ("taken_back", _("Taken back after refunds")),
        ("withdrawn", _("Withdrawn")),
        ("tax", _("of this, tax withheld")),
        ("fee", _("of this, fee")),
        ("paid", _("of this, paid out")),
        ("returned", _("Payouts that came back")),
    ]
