"""Who calls the API: a member with a session, or the server of a mall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from api.errors import ScopeMissing


@dataclass(frozen=True, slots=True)
class Caller:
    """``id`` identifies the caller in stored replies and rate limits; it never changes."""

    is_authenticated: ClassVar[bool] = True

    id: str
    scopes: frozenset[str]


class HasScope(BasePermission):
    """Admit callers with the scope that the view asks for."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.user is None:
            return False
        is_read = request.method in SAFE_METHODS
        scope = view.scope if is_read else view.write_scope or view.scope
        if scope not in request.user.scopes:
            raise ScopeMissing(scope=scope)
        return True
