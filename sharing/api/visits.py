"""Opening a share: counted once a day, and the only call that may bind by a share."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import StrictSerializer, Text
from api.throttling import CallerThrottle, ExpensiveCalls
from api.views import PublicEndpoint
from common import clock
from common.errors import TwotierError
from members.models import Member
from members.sessions.authentication import MemberCaller, MemberToken
from members.sign_in.lockout import client_address
from sharing.api.answers import VisitAnswer, only_known
from sharing.services import VisitResult, record_page, record_visit

SAME_ORIGIN = "same-origin"
MINI_PROGRAM = "https://servicewechat.com/"
"""What mini-programs send as Referer; the developer tools of WeChat are a browser beside it."""


class CrossSiteVisit(TwotierError):
    code = "cross_site_visit"
    message = _("Another site has sent this visit. Open the link itself. Nothing was counted.")
    status = 403


class VisitBody(StrictSerializer):
    share = Text(max_length=64, help_text="The code of the share that was opened.")
    anonymous_id = Text(
        max_length=64, required=False, allow_blank=True,
        help_text="As an earlier visit answered it; one that is not ours is replaced.",
    )  # fmt: skip
    tapped = serializers.BooleanField(
        required=False,
        help_text=(
            "The member has tapped to follow this distributor: only then the visit may replace an"
            " idle referrer, if the shop allows that."
        ),
    )


class PageBody(StrictSerializer):
    path = Text(max_length=500, help_text="Of the page that was opened; parameters are cut off.")


class VisitCall(PublicEndpoint):
    """A call that counts; many people may share an address."""

    throttle_classes = [CallerThrottle, ExpensiveCalls]
    throttle_scope = "visits"
    calls_a_minute = 3_000


class Visits(VisitCall):
    """Record that a share was opened; with a session it may bind."""

    authentication_classes = [MemberToken]

    @extend_schema(
        operation_id="visits",
        summary="Open a share",
        description=(
            "One visit for a visitor, share and day in Shanghai: repeat it as you like. Without a"
            " session the visit joins the member who signs in with its anonymous_id within 30 days."
            " Every code that opens nothing has the same answer. From browsers only our own pages"
            " may call it."
        ),
        request=VisitBody,
        responses=VisitAnswer,
    )
    def post(self, request: Request) -> Response:
        require_same_origin(request)
        body: dict[str, Any] = self.validated(VisitBody, request.data)
        result = record_visit(
            code=body["share"], anonymous_id=body.get("anonymous_id", ""),
            member=_member(request), user_agent=request.headers.get("User-Agent", ""),
            ip=client_address(request._request), is_tapped=body.get("tapped", False),
            at=clock.now(),
        )  # fmt: skip
        return Response(VisitAnswer(_shown(result)).data)


class VisitPages(VisitCall):
    """Record which pages a visitor went on to."""

    @extend_schema(
        operation_id="visits_pages",
        summary="Add a page to a visit of today",
        description="The same page twice in a row is one; after 50 nothing is added.",
        request=PageBody,
        responses={204: None},
    )
    def post(self, request: Request, visit: str) -> Response:
        require_same_origin(request)
        body = self.validated(PageBody, request.data)
        record_page(visit=visit, path=body["path"], at=clock.now())
        return Response(status=204)


def require_same_origin(request: Request) -> None:
    """Check that a browser calls from our own pages; apps send no such headers.

    :raises CrossSiteVisit: another site has made the browser send this
    """
    if request.headers.get("Referer", "").startswith(MINI_PROGRAM):
        return  # no page of another site can send this one
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site != SAME_ORIGIN:
            raise CrossSiteVisit
        return
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.get_host():
        raise CrossSiteVisit


def _member(request: Request) -> Member | None:
    caller = request.user
    return caller.member if isinstance(caller, MemberCaller) else None


def _shown(result: VisitResult) -> dict[str, Any]:
    target, facts = result.target, result.facts
    return only_known({
        "visit": result.visit.public_id if result.visit else "",
        "anonymous_id": result.anonymous_id,
        "bound": result.is_bound,
        "own": result.is_own,
        "distributor": result.distributor,
        "target": {
            "kind": target.kind, "id": target.id, "title": facts.title,
            "description": facts.description, "picture": facts.picture_url,
        } if target and facts else None,
        "landing": result.landing,
    })  # fmt: skip
