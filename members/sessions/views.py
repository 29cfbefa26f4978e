"""The base of the calls of members."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from api.views import Endpoint
from members.models import Member, MemberSession
from members.sessions.authentication import MemberCaller, MemberToken


class MemberEndpoint(Endpoint):
    """A view for members with a session."""

    authentication_classes = [MemberToken]

    @property
    def member(self) -> Member:
        """Return the member who calls; a merged one goes on as the survivor."""
        return cast("MemberCaller", self.request.user).member

    @property
    def session(self) -> MemberSession:
        return cast("MemberCaller", self.request.user).session


class OpenEndpoint(Endpoint):
    """A view for everybody, which shows more to members with a session."""

    authentication_classes = [MemberToken]
    permission_classes: ClassVar[list[Any]] = []
    scope = ""

    @property
    def reader(self) -> Member | None:
        """Return the member who calls, if the session may read what is theirs."""
        return self._with_scope("me:read")

    @property
    def sharer(self) -> Member | None:
        """Return the member who calls, if the session may share."""
        return self._with_scope("share")

    def _with_scope(self, scope: str) -> Member | None:
        caller = cast("MemberCaller | None", self.request.user)
        return caller.member if caller and scope in caller.scopes else None
