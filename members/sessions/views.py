"""The base of the calls of members."""

from __future__ import annotations

from typing import cast

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
