"""Random requests, valid and invalid, to every operation of the schema, as either kind of caller.

No answer is a fault, has a status that the schema does not name, or another shape than it says.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import requests
import schemathesis
from django.conf import settings
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as rounds
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response as SchemaResponse
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.idempotency import MAX_KEY_LENGTH
from common import clock
from integration.clients import create_client
from members.models import Member
from members.sessions.services import open_session
from tests.api.mall import Mall
from tests.cast import NOON
from tests.shop import ingest, open_shop, order

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.one_transaction]

SCHEMA = json.loads(Path(settings.BASE_DIR, "docs", "openapi.json").read_text())
OPERATIONS = {
    result.ok().label: result.ok()
    for result in schemathesis.openapi.from_dict(SCHEMA).get_all_operations()
}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# The logins would open a session for every request; their own tests send bad input.
LEFT_OUT = {"GET /api/v1/schema/"}


@pytest.fixture
def callers(db: None) -> dict[str, Any]:
    ingest(order(open_shop()))
    client, secret = create_client(name="mall", scopes=None, at=NOON)
    lan = Member.objects.get(nickname="Lan")
    _session, tokens = open_session(member=lan, at=clock.now())
    return {"mall": Mall(client.key, secret), "bearer": f"Bearer {tokens.access}"}


@pytest.mark.parametrize("label", sorted(OPERATIONS.keys() - LEFT_OUT))
def test_every_answer_is_as_the_schema_says(
    label: str, callers: dict[str, Any], settings: Any
) -> None:
    settings.API_REQUESTS_A_MINUTE = 10**6
    operation = OPERATIONS[label]

    @rounds(
        max_examples=10, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def play(case: Any) -> None:
        prepared = requests.Request(**_arguments(case)).prepare()
        with transaction.atomic():
            response = _send(prepared, callers)
            transaction.set_rollback(True)
        case.validate_response(response, checks=CHECKS)

    play()


def _arguments(case: Any) -> dict[str, Any]:
    arguments = case.as_transport_kwargs(base_url="http://testserver")
    names = ("method", "url", "headers", "json", "data", "params", "cookies")
    return {name: arguments[name] for name in names if arguments.get(name) is not None}


def _send(prepared: requests.PreparedRequest, callers: dict[str, Any]) -> SchemaResponse:
    parts = urlsplit(prepared.url or "")
    raw = prepared.body or b""
    body = raw.encode() if isinstance(raw, str) else raw
    method, path = str(prepared.method), unquote(parts.path)
    headers = {"Accept": "application/json", "Idempotency-Key": f"k-{len(body)}"[:MAX_KEY_LENGTH]}
    if "/integration/" in path:
        headers |= callers["mall"].headers(method, path, body, query=parts.query)
    else:
        headers["Authorization"] = callers["bearer"]
    answer = Client(raise_request_exception=False).generic(
        method, parts.path, body, prepared.headers.get("Content-Type", "application/json"),
        QUERY_STRING=parts.query, headers=headers,
    )  # fmt: skip
    return SchemaResponse(
        answer.status_code,
        {name.lower(): [value] for name, value in answer.headers.items()},
        answer.content,
        prepared,
        elapsed=0.0,
        verify=False,
    )
