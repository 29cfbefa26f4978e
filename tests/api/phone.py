"""A member's phone: a client with a session."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from common import clock
from members.models import Member
from members.sessions.services import MEMBER_SCOPES, open_session


class Phone:
    """Sends the requests of a member; without a member those of an anonymous client."""

    def __init__(
        self,
        member: Member | None = None,
        *,
        app_id: str = "",
        scopes: tuple[str, ...] = MEMBER_SCOPES,
    ) -> None:
        self._http, self._headers = Client(), {"Accept-Language": "en"}
        if member:
            _, tokens = open_session(member=member, at=clock.now(), app_id=app_id, scopes=scopes)
            self._headers["Authorization"] = f"Bearer {tokens.access}"

    def get(self, path: str, *, etag: str = "", **query: Any) -> Any:
        headers = self._headers | ({"If-None-Match": etag} if etag else {})
        return self._http.get(f"/api/v1{path}", query or None, headers=headers)

    def post(self, path: str, body: Any = None, *, key: str = "") -> Any:
        headers = self._headers | ({"Idempotency-Key": key} if key else {})
        return self._http.post(
            f"/api/v1{path}", json.dumps(body or {}), "application/json", headers=headers
        )

    def put(self, path: str, body: Any) -> Any:
        return self._http.put(
            f"/api/v1{path}", json.dumps(body), "application/json", headers=self._headers
        )


def outcome(response: Any) -> tuple[int, str]:
    """Return the status and the code of a problem."""
    return response.status_code, response.json()["code"]
