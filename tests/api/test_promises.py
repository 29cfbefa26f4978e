"""A change that breaks callers of the API is announced in ``docs/api-changelog.md``."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from api import promises

SCHEMA = json.loads(promises.SCHEMA.read_text())
ORDER = "/api/v1/integration/orders/{order_no}"
BATCH = "/api/v1/integration/orders:batch"


def order_of(schema: dict[str, Any]) -> dict[str, Any]:
    return schema["components"]["schemas"][schema_name()]


def schema_name() -> str:
    body = SCHEMA["paths"][ORDER]["put"]["requestBody"]["content"]["application/json"]
    return body["schema"]["$ref"].rpartition("/")[2]


def both(line: str) -> list[str]:
    """Return the line of a field of an order, which is sent alone and in batches."""
    sign, verb, field = line.split(" ", 2)
    return [f"{sign} POST {BATCH} {verb} orders[].{field}", f"{sign} PUT {ORDER} {verb} {field}"]


def breaks(change: Callable[[dict[str, Any]], object]) -> list[str]:
    changed = copy.deepcopy(SCHEMA)
    change(changed)
    return promises.broken(promises.promises(SCHEMA), promises.promises(changed))


def test_no_committed_promise_is_broken() -> None:
    missing = promises.unannounced(promises.broken(promises.read(), promises.of_schema_file()))

    assert not missing, promises.advice(missing)


def test_the_committed_promises_are_complete() -> None:
    assert promises.read() == promises.of_schema_file(), "Run ./manage.py api_promises."


def test_an_operation_that_goes_breaks_callers() -> None:
    found = breaks(lambda schema: schema["paths"].pop("/api/v1/me"))

    assert "- GET /api/v1/me exists" in found


def test_a_field_that_goes_from_requests_breaks_callers() -> None:
    found = breaks(lambda schema: order_of(schema)["properties"].pop("paid_at"))

    assert [line.rpartition(": ")[0] for line in found] == both("- takes paid_at")


def test_a_type_that_changes_breaks_callers() -> None:
    def change(schema: dict[str, Any]) -> None:
        order_of(schema)["properties"]["buyer"] = {"type": "integer"}

    assert breaks(change) == both("- takes buyer: string")


def test_a_field_that_becomes_required_breaks_callers() -> None:
    found = breaks(lambda schema: order_of(schema).setdefault("required", []).append("paid_at"))

    assert found == both("+ requires paid_at")


def test_new_optional_fields_break_nobody_whatever_they_require() -> None:
    def change(schema: dict[str, Any]) -> None:
        order_of(schema)["properties"]["gift"] = {
            "type": "object",
            "properties": {"text": {"type": "string"}},
            "required": ["text"],
        }

    assert breaks(change) == []


def test_a_new_operation_breaks_nobody() -> None:
    def change(schema: dict[str, Any]) -> None:
        schema["paths"]["/api/v1/new"] = schema["paths"][ORDER]

    assert breaks(change) == []


def test_a_schema_that_is_renamed_breaks_nobody() -> None:
    text, name = json.dumps(SCHEMA), schema_name()
    renamed = json.loads(text.replace(f'"{name}"', '"Renamed"').replace(f'/{name}"', '/Renamed"'))

    assert promises.promises(renamed) == promises.promises(SCHEMA)


def test_the_command_writes_a_break_only_when_it_is_announced(tmp_path, monkeypatch) -> None:
    lost = "GET /api/v1/gone exists"
    known, changelog = tmp_path / "api-promises.txt", tmp_path / "api-changelog.md"
    known.write_text(f"{lost}\n")
    changelog.write_text("# Changelog of the API\n")
    monkeypatch.setattr(promises, "PATH", known)
    monkeypatch.setattr(promises, "CHANGELOG", changelog)

    with pytest.raises(CommandError, match=f"- {lost}"):
        call_command("api_promises")
    assert known.read_text() == f"{lost}\n"

    changelog.write_text(f"# Changelog of the API\n\n- `{lost}`\n  Use `GET /api/v1/here`.\n")
    call_command("api_promises")
    assert lost not in promises.read()
