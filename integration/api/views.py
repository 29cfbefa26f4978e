"""The base of the calls of the mall's server."""

from __future__ import annotations

from typing import Any, cast

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import ScopeMissing
from api.views import Endpoint
from common import clock
from integration.clients import ClientCaller, SignedRequest
from integration.models import ApiClient
from integration.usage import count_call


class MallEndpoint(Endpoint):
    """A view for signed requests."""

    authentication_classes = [SignedRequest]

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        finished: Response = super().finalize_response(request, response, *args, **kwargs)
        # Not request.user: it would check a signature again that was refused.
        caller = getattr(request, "_user", None)
        if isinstance(caller, ClientCaller):
            writes = request.method not in SAFE_METHODS
            data = getattr(finished, "data", None)
            body = data if isinstance(data, dict) else {}
            count_call(
                client=caller.client, scope=(writes and self.write_scope) or self.scope,
                status=finished.status_code, code=str(body.get("code", "")), at=clock.now(),
            )  # fmt: skip
        return finished

    def client(self, request: Request) -> ApiClient:
        return cast("ClientCaller", request.user).client

    def require_scope(self, request: Request, scope: str) -> None:
        """Check a scope that only some bodies need.

        :raises ScopeMissing: the client does not have it
        """
        if scope not in self.client(request).scopes:
            raise ScopeMissing(scope=scope)
