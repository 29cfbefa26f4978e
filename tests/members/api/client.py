"""Requests as clients of the API send them."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from common import clock
from members.models import Member
from members.sessions.services import open_session

OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}


class ApiClient:
    """A mini-program or a browser, which keeps cookies; signed in if there is a member."""

    def __init__(self, member: Member | None = None, **session: Any) -> None:
        self._http = Client()
        self.access = self.refresh = ""
        if member:
            _, tokens = open_session(member=member, at=clock.now(), **session)
            self.access, self.refresh = tokens.access, tokens.refresh

    @property
    def cookies(self) -> Any:
        return self._http.cookies

    def get(self, path: str, headers: dict[str, str] | None = None, **query: Any) -> Any:
        return self._http.get(f"/api/v1{path}", query, headers=self._headers(headers))

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        return self._send("post", path, body, headers)

    def put(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        return self._send("put", path, body, headers)

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str] | None) -> Any:
        send = getattr(self._http, method)
        raw = "" if body is None else json.dumps(body)
        return send(f"/api/v1{path}", raw, "application/json", headers=self._headers(headers))

    def _headers(self, more: dict[str, str] | None) -> dict[str, str]:
        signed = {"Authorization": f"Bearer {self.access}"} if self.access else {}
        return {"Accept-Language": "en", **signed, **(more or {})}


def problem_code(response: Any) -> tuple[int, str]:
    """Return the status and the code of a problem."""
    assert response["Content-Type"] == "application/problem+json"
    return response.status_code, response.json()["code"]
