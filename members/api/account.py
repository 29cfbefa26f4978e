"""Export the member's data, and close the account."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from members.api.transport import without_cookie
from members.closing import close_member
from members.exports import export
from members.sessions.views import MemberEndpoint


class OwnData(MemberEndpoint):
    """All data of the member."""

    # It shows phone and ids unmasked: not for sessions that the mall opens.
    scope = "me:write"

    @extend_schema(
        operation_id="me_data",
        summary="Export the own data",
        description="Everything that the shop stores about the member, by part.",
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        return Response(export(self.member))


class Close(MemberEndpoint):
    """Close the account."""

    scope = "me:write"

    @extend_schema(
        operation_id="me_close",
        summary="Close the account",
        description=(
            "Deletes the profile and ends all sessions. If something stands against it, the answer"
            " is close_blocked with data.blockers. A closed account cannot be opened again."
        ),
        request=None,
        responses={204: None},
    )
    def post(self, request: Request) -> Response:
        close_member(member=self.member, at=clock.now())
        return without_cookie(Response(status=204))
