"""The home pages of distributors."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import NotFound
from api.serializers import StrictSerializer, Text
from api.views import PublicEndpoint
from common import clock
from distribution.queries import distributor_of
from members.sessions.views import MemberEndpoint
from sharing.decency import require_decent_line
from sharing.homes import Home, home_of, own_home
from sharing.models.homes import MAX_LINE, MAX_PRODUCTS
from sharing.services import save_home


class HomeBody(StrictSerializer):
    line = Text(max_length=MAX_LINE, allow_blank=True, help_text="What the page says on top.")
    products = serializers.ListField(
        child=Text(max_length=64), max_length=MAX_PRODUCTS,
        help_text="Ids of products on sale, in the order of the page.",
    )  # fmt: skip


class HomeProductAnswer(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    title = serializers.CharField()
    price = serializers.IntegerField(help_text="In fen, the lowest; left out without any.")
    strike_price = serializers.IntegerField(help_text="In fen; left out without any.")
    picture = serializers.CharField(help_text="Its address; may be empty.")


class HomeAnswer(serializers.Serializer):
    code = serializers.CharField()
    nickname = serializers.CharField()
    avatar = serializers.CharField(help_text="Its address; may be empty.")
    line = serializers.CharField()
    products = HomeProductAnswer(many=True)


class MyHome(MemberEndpoint):
    """What the own home page shows."""

    scope = "me:read"
    write_scope = "me:write"

    @extend_schema(operation_id="distributor_home", summary="My home page", responses=HomeAnswer)
    def get(self, request: Request) -> Response:
        return Response(_shown(own_home(distributor_of(self.member), at=clock.now())))

    @extend_schema(
        operation_id="distributor_home_put",
        summary="Change my home page",
        description=(
            "Else: words_forbidden, line_refused (by WeChat), home_products_invalid, home_closed."
        ),
        request=HomeBody,
        responses=HomeAnswer,
    )
    def put(self, request: Request) -> Response:
        body: dict[str, Any] = self.validated(HomeBody, request.data)
        at = clock.now()
        distributor = distributor_of(self.member)
        require_decent_line(self.member, body["line"])
        save_home(member=self.member, line=body["line"], products=body["products"], at=at)
        return Response(_shown(own_home(distributor, at=at)))


class OneHome(PublicEndpoint):
    """The home page of an active distributor."""

    @extend_schema(
        operation_id="homes_one",
        summary="The home page of a distributor",
        description="Codes of nobody, and of distributors who are not active, answer not_found.",
        responses=HomeAnswer,
    )
    def get(self, request: Request, code: str) -> Response:
        home = home_of(code, at=clock.now())
        if home is None:
            raise NotFound
        return Response(_shown(home))


def _shown(home: Home) -> dict[str, Any]:
    """Return the answer, without prices that there are not."""
    answer: dict[str, Any] = HomeAnswer(home).data
    for product in answer["products"]:
        for name in ("price", "strike_price"):
            if product[name] is None:
                del product[name]
    return answer
