"""The base of every view of the API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from api.errors import FeatureOff
from api.serializers import StrictSerializer
from api.throttling import count_guess, refuse_guessing


class Endpoint(GenericAPIView):
    """A view with a scope, and another for writing if it has one.

    GET, POST and PUT only: a mini-program has no PATCH.
    """

    http_method_names = ["get", "head", "post", "put"]
    metadata_class = None
    scope: ClassVar[str]
    write_scope: ClassVar[str] = ""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # First, so that a wrong method uses up no limit.
        if request.method not in self.allowed_methods:
            raise MethodNotAllowed(request.method)
        refuse_guessing(request)
        super().initial(request, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> Response:
        if getattr(exc, "is_guess", False):
            count_guess(self.request)
        return super().handle_exception(exc)

    def validated(self, serializer: type[StrictSerializer], data: Any) -> dict[str, Any]:
        """Return the valid values of a body or a query.

        :raises InvalidInput: with every invalid field
        """
        checked: BaseSerializer[Any] = serializer(data=data)
        checked.is_valid(raise_exception=True)
        values: dict[str, Any] = checked.validated_data
        return values

    def filters(self, serializer: type[StrictSerializer], request: Request) -> dict[str, Any]:
        """Return the valid filters of a list, without the parameters of its pages."""
        pages = ("cursor", "page_size")
        query = {name: value for name, value in request.query_params.items() if name not in pages}
        return self.validated(serializer, query)

    def answer_page(
        self,
        rows: QuerySet[Any],
        answer: type[BaseSerializer[Any]],
        *,
        shown: Callable[[list[Any]], Sequence[Any]] | None = None,
    ) -> Response:
        """Answer with the page of a list that the request asks for.

        :param shown: returns what the answer shows of the rows of the page, by default themselves
        """
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(answer(shown(page) if shown else page, many=True).data)


class PublicEndpoint(Endpoint):
    """A view without a login."""

    authentication_classes: ClassVar[list[Any]] = []
    permission_classes: ClassVar[list[Any]] = []
    scope = ""


@extend_schema(exclude=True)
class FeatureOffView(PublicEndpoint):
    """Answers at the addresses of features that this shop does not use."""

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        raise FeatureOff

    post = put = get
