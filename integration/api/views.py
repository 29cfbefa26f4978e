"""The base of the calls of the mall's server."""

from __future__ import annotations

from typing import cast

from rest_framework.request import Request

from api.errors import ScopeMissing
from api.views import Endpoint
from integration.clients import ClientCaller, SignedRequest
from integration.models import ApiClient


class MallEndpoint(Endpoint):
    """A view for signed requests."""

    authentication_classes = [SignedRequest]

    def client(self, request: Request) -> ApiClient:
        return cast("ClientCaller", request.user).client

    def require_scope(self, request: Request, scope: str) -> None:
        """Check a scope that only some bodies need.

        :raises ScopeMissing: the client does not have it
        """
        if scope not in self.client(request).scopes:
            raise ScopeMissing(scope=scope)
