"""Lists for the mall's accounting: distributors, commissions and withdrawals."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import Moment, StrictSerializer, Text
from commissions.api.updates import UpdatePages
from commissions.models import Commission
from distribution.models import Distributor
from integration.api.rows import without_nulls
from integration.api.views import MallEndpoint
from integration.lists import commissions, distributors, withdrawals
from integration.member_views import mall_ids
from withdrawals.models import Withdrawal

COMMISSION_STATES = (*Commission.Status.values, Commission.VOID)
FOLLOW_UPDATES = (
    "To follow all changes, pass updated_after, follow the pages until next is null, and pass"
    " read_until as updated_after the next time. A commission is listed again after each change,"
    " as it is then; a page looks at page_size changes, so with other filters it may be empty."
)


class MemberRows(MallEndpoint):
    """A list whose rows belong to members, each named by the id in the mall."""

    answer: ClassVar[type[serializers.Serializer]]

    def member_of(self, row: Any) -> int:
        """Return the key of the member to whom a row belongs."""
        key: int = row.member_id
        return key

    def values_of(self, row: Any, member: str) -> dict[str, Any]:
        """Return what the list shows of a row; what is ``None`` is left out."""
        raise NotImplementedError

    def answer_rows(self, rows: QuerySet[Any]) -> Response:
        """Answer with a page of rows, in a fixed number of queries."""
        return self.answer_page(rows, self.answer, shown=self._shown)

    def _shown(self, page: list[Any]) -> list[dict[str, Any]]:
        ids = mall_ids([self.member_of(row) for row in page])
        return [without_nulls(self.values_of(row, ids[self.member_of(row)])) for row in page]


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


class Distributors(MemberRows):
    """All distributors, the newest first."""

    scope = "commissions:read"
    answer = DistributorRow

    @extend_schema(
        operation_id="distributors_list",
        parameters=[DistributorFilters],
        responses=DistributorRow(many=True),
        summary="List distributors",
    )
    def get(self, request: Request) -> Response:
        return self.answer_rows(distributors(**self.filters(DistributorFilters, request)))

    def values_of(self, row: Distributor, member: str) -> dict[str, Any]:
        return {
            "code": row.code,
            "member": member,
            "nickname": row.member.nickname,
            "status": row.status,
            "level": row.level.name if row.level else None,
            "segment": row.segment.code if row.segment else None,
            "since": row.since,
        }


class CommissionFilters(StrictSerializer):
    status = serializers.ChoiceField(
        COMMISSION_STATES, required=False, help_text="void: nothing is left after refunds."
    )
    distributor = Text(max_length=12, required=False, help_text="The invite code.")
    order_no = Text(max_length=64, required=False)
    accrued_after = Moment(required=False, help_text="Earned after this time.")
    updated_after = Moment(
        required=False,
        help_text="Created or changed after this time, the earliest change first.",
    )


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
    updated_at = Moment(required=False, help_text="With updated_after only.")


class Commissions(MemberRows):
    """All commissions, the newest first; with ``updated_after`` the earliest change first."""

    scope = "commissions:read"
    pagination_class = UpdatePages
    answer = MallCommission

    @extend_schema(
        operation_id="commissions_list",
        parameters=[CommissionFilters],
        responses=MallCommission(many=True),
        summary="List commissions",
        description=FOLLOW_UPDATES,
    )
    def get(self, request: Request) -> Response:
        values = self.filters(CommissionFilters, request)
        self.paginator.updated_after = values.pop("updated_after", None)
        return self.answer_rows(commissions(**values))

    def member_of(self, row: Commission) -> int:
        return row.distributor.member_id

    def values_of(self, row: Commission, member: str) -> dict[str, Any]:
        return {
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
            "updated_at": getattr(row, "updated_at", None),
        }


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


class Withdrawals(MemberRows):
    """All withdrawals, the newest first."""

    scope = "withdrawals:read"
    answer = MallWithdrawal

    @extend_schema(
        operation_id="mall_withdrawals_list",
        parameters=[WithdrawalFilters],
        responses=MallWithdrawal(many=True),
        summary="List withdrawals",
    )
    def get(self, request: Request) -> Response:
        return self.answer_rows(withdrawals(**self.filters(WithdrawalFilters, request)))

    def values_of(self, row: Withdrawal, member: str) -> dict[str, Any]:
        return {
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
