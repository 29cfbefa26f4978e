"""The OpenAPI schema, for those who write clients."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpResponse
from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from api.views import PublicEndpoint


@extend_schema(exclude=True)
class Schema(PublicEndpoint):
    """Serves the schema.

    Generating it takes seconds and anybody may ask, so each process does it once for each of our
    languages. The library's own view takes a version and any language from the query instead.
    """

    renderer_classes = [OpenApiJsonRenderer, OpenApiJsonRenderer2]

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        media_type = request.accepted_renderer.media_type
        return HttpResponse(_schema(get_language()), content_type=media_type)


@cache
def _schema(_language: str) -> bytes:
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    rendered: bytes = OpenApiJsonRenderer().render(schema, renderer_context={})
    return rendered
