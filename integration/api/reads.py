"""Lists for the mall's accounting: distributors, commissions and withdrawals."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import Moment, StrictSerializer, Text
from commissions.models import Commission
from distribution.models import Distributor
from integration.api.rows import without_nulls
from integration.api.views import MallEndpoint
from integration.lists import commissions, distributors, withdrawals
from integration.member_views import mall_ids
from withdrawals.models import Withdrawal

COMMISSION_STATES = (*Commission.Status.values, Commission.VOID)


class DistributorFilters(StrictSerializer):
    status = serializers.ChoiceField(Distributor.Status.values, required=False)


class DistributorRow(serializers.Serializer):
    code = serializers.CharField(help_text="The invite code.")
    member = serializers.CharField(help_text="The id in the mall.")
    nickname = serializers.CharField()
    status = serializers.ChoiceField(Distributor.Status.values)
    level = serializers.CharField(required=False)
    segment = serializers.CharField(required=False)
    since = Moment()


class Distributors(MallEndpoint):
    """All distributors, the newest first."""

    scope = "commissions:read"

    @extend_schema(
        operation_id="distributors_list",
        parameters=[DistributorFilters],
        responses=DistributorRow(many=True),
        summary="List distributors",
    )
    def get(self, request: Request) -> Response:
        rows = self.paginate_queryset(distributors(**self.filters(DistributorFilters, request)))
        ids = mall_ids([row.member_id for row in rows])
        answers = [_distributor(row, ids[row.member_id]) for row in rows]
        return self.get_paginated_response(DistributorRow(answers, many=True).data)


def _distributor(row: Distributor, member: str) -> dict[str, Any]:
    return without_nulls(
        {
            "code": row.code,
            "member": member,
            "nickname": row.member.nickname,
            "status": row.status,
            "level": row.level.name if row.level else None,
            "segment": row.segment.code if row.segment else None,
            "since": row.since,
        }
    )


class CommissionFilters(StrictSerializer):
    status = serializers.ChoiceField(
        COMMISSION_STATES, required=False, help_text="void: nothing is left after refunds."
    )
    distributor = Text(max_length=12, required=False, help_text="The invite code.")
    order_no = Text(max_length=64, required=False)
    accrued_after = Moment(required=False, help_text="Earned after this time.")


class MallCommission(serializers.Serializer):
    order_no = serializers.CharField()
    line_no = serializers.IntegerField()
    tier = serializers.IntegerField()
    distributor = serializers.CharField(help_text="The invite code.")
    member = serializers.CharField(help_text="The distributor's id in the mall.")
    asset = serializers.CharField()
    original = serializers.IntegerField()
    current = serializers.IntegerField()
    status = serializers.ChoiceField(COMMISSION_STATES)
    accrued_at = Moment()
    release_at = Moment(required=False)
    credited_at = Moment(required=False)


class Commissions(MallEndpoint):
    """All commissions, the newest first."""

    scope = "commissions:read"

    @extend_schema(
        operation_id="commissions_list",
        parameters=[CommissionFilters],
        responses=MallCommission(many=True),
        summary="List commissions",
    )
    def get(self, request: Request) -> Response:
        rows = self.paginate_queryset(commissions(**self.filters(CommissionFilters, request)))
        ids = mall_ids([row.distributor.member_id for row in rows])
        answers = [_commission(row, ids[row.distributor.member_id]) for row in rows]
        return self.get_paginated_response(MallCommission(answers, many=True).data)


def _commission(row: Commission, member: str) -> dict[str, Any]:
    return without_nulls(
        {
            "order_no": row.line.order.number,
            "line_no": row.line.number,
            "tier": row.tier,
            "distributor": row.distributor.code,
            "member": member,
            "asset": row.asset,
            "original": row.original,
            "current": row.current,
            "status": row.state,
            "accrued_at": row.accrued_at,
            "release_at": row.release_at,
            "credited_at": row.settlement.at if row.settlement else None,
        }
    )


class WithdrawalFilters(StrictSerializer):
    status = serializers.ChoiceField(Withdrawal.Status.values, required=False)


class MallWithdrawal(serializers.Serializer):
    """Amounts in fen: gross = net + tax + fee."""

    id = serializers.CharField()
    member = serializers.CharField(help_text="The id in the mall.")
    channel = serializers.CharField()
    status = serializers.ChoiceField(Withdrawal.Status.values)
    gross = serializers.IntegerField()
    fee = serializers.IntegerField()
    tax = serializers.IntegerField()
    net = serializers.IntegerField()
    requested_at = Moment()
    ended_at = Moment(required=False)


class Withdrawals(MallEndpoint):
    """All withdrawals, the newest first."""

    scope = "withdrawals:read"

    @extend_schema(
        operation_id="mall_withdrawals_list",
        parameters=[WithdrawalFilters],
        responses=MallWithdrawal(many=True),
        summary="List withdrawals",
    )
    def get(self, request: Request) -> Response:
        rows = self.paginate_queryset(withdrawals(**self.filters(WithdrawalFilters, request)))
        ids = mall_ids([row.member_id for row in rows])
        answers = [_withdrawal(row, ids[row.member_id]) for row in rows]
        return self.get_paginated_response(MallWithdrawal(answers, many=True).data)


def _withdrawal(row: Withdrawal, member: str) -> dict[str, Any]:
    return without_nulls(
        {
            "id": row.public_id,
            "member": member,
            "channel": row.payee.channel,
            "status": row.status,
            "gross": row.gross,
            "fee": row.fee,
            "tax": row.tax,
            "net": row.net,
            "requested_at": row.requested_at,
            "ended_at": row.ended_at,
        }
    )
