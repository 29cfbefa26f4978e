"""A member's wallets, with what is on its way into them."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from members.sessions.views import MemberEndpoint
from reports.queries import member_wallets
from withdrawals.api.wallets import WalletsAnswer


class Wallets(MemberEndpoint):
    scope = "me:read"

    @extend_schema(
        operation_id="me_wallets",
        responses=WalletsAnswer,
        summary="My wallets",
        description="In fen; points are integers.",
    )
    def get(self, request: Request) -> Response:
        rows = member_wallets(self.member, at=clock.now())
        return Response(WalletsAnswer({"currency": "CNY", "wallets": rows}).data)
