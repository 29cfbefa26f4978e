"""The OpenAPI schema has every public event, and what is sent fits it."""

from __future__ import annotations

from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator

from tests.api.mall import Mall
from tests.shop import open_shop
from webhooks.catalogue import PUBLIC

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return SchemaGenerator().get_schema(public=True)


def body(schema: dict[str, Any], name: str) -> dict[str, Any]:
    post = schema["webhooks"][name]["post"]
    return post["requestBody"]["content"]["application/json"]


def test_the_schema_has_every_public_event_and_is_valid(schema: dict[str, Any]) -> None:
    assert list(schema["webhooks"]) == list(PUBLIC)
    validate_schema(schema)


@pytest.mark.parametrize("name", PUBLIC)
def test_the_sample_fits_its_schema(schema: dict[str, Any], name: str) -> None:
    described = body(schema, name)

    Draft202012Validator(described["schema"]).validate(described["example"])
    assert described["example"]["type"] == name


def test_what_is_sent_fits_its_schema(schema: dict[str, Any], mall: Mall) -> None:
    open_shop()
    events = mall.get("/events").json()["results"]

    assert events
    for event in events:
        Draft202012Validator(body(schema, event["type"])["schema"]).validate(event)
