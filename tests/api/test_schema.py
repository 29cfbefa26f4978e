"""``docs/openapi.json`` describes the API as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import translation

from config.api_schema import _schema

pytestmark = pytest.mark.slow

COMMITTED = Path(settings.BASE_DIR, "docs", "openapi.json")


def test_the_committed_schema_is_current(tmp_path: Path) -> None:
    made = tmp_path / "openapi.json"

    with translation.override("en"):
        call_command(
            "spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json",
            "--file", str(made),
        )  # fmt: skip

    assert json.loads(made.read_text()) == json.loads(COMMITTED.read_text()), (
        "The API has changed. Write docs/openapi.json again with"
        " './manage.py spectacular --format openapi-json --file docs/openapi.json',"
        " run './manage.py api_promises', and describe the change in CHANGELOG.md."
    )


@pytest.mark.django_db
def test_the_schema_and_its_page_are_served_without_a_login(client) -> None:
    schema = client.get("/api/v1/schema/")
    page = client.get("/api/v1/docs/")

    assert schema.json()["openapi"].startswith("3.1")
    assert schema["Content-Type"] == "application/vnd.oai.openapi+json"
    assert b"swagger-ui" in page.content
    assert b"https://" not in page.content  # nothing comes from other servers


@pytest.mark.parametrize(
    ("path", "rows", "body"),
    [
        ("orders:batch", "orders", "OrderBody"),
        ("products:batch", "products", "ProductBody"),
        ("categories:batch", "categories", "CategoryBody"),
    ],
)
def test_the_rows_of_batches_are_described(path: str, rows: str, body: str) -> None:
    schema = json.loads(COMMITTED.read_text())
    operation = schema["paths"][f"/api/v1/integration/{path}"]["post"]
    reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    described = schema["components"]["schemas"][reference.rpartition("/")[2]]["properties"][rows]

    assert described["items"] == {"$ref": f"#/components/schemas/{body}"}
    assert (described["minItems"], described["maxItems"]) == (1, 500)


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["version=%0d%0aX-Evil:1", "lang=zz", "lang=../../en", "x=1"])
def test_a_query_changes_nothing_of_the_schema(client, query: str) -> None:
    before = client.get("/api/v1/schema/").content
    generated = _schema.cache_info().misses

    answer = client.get(f"/api/v1/schema/?{query}")

    assert (answer.status_code, answer.content) == (200, before)
    assert _schema.cache_info().misses == generated


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["schema/", "docs/"])
def test_both_are_read_only(client, path: str) -> None:
    assert client.post(f"/api/v1/{path}").status_code == 405
