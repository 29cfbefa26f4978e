"""What front-end developers get: both quick starts, types, a clean schema, a Postman collection."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients.conftest import ROOT, Demo, Kit, run_command

pytestmark = pytest.mark.slow

QUICK_STARTS = {
    "quickstart.py": sys.executable,
    "quickstart.mjs": "node",
}


@pytest.mark.parametrize("name", QUICK_STARTS)
def test_a_quick_start_has_at_most_100_lines(name: str) -> None:
    lines = (ROOT / "docs" / name).read_text(encoding="utf-8").splitlines()

    assert len(lines) <= 100


@pytest.mark.parametrize("name", QUICK_STARTS)
def test_a_quick_start_sees_a_commission_and_a_genuine_webhook(demo: Demo, name: str) -> None:
    command = (QUICK_STARTS[name], str(ROOT / "docs" / name))

    printed = run_command(command, ROOT, demo.variables)

    assert "1. The signature is accepted" in printed
    assert "is created." in printed
    assert '"original": 1099' in printed or '"original":1099' in printed
    assert "(genuine)" in printed


def test_the_types_of_the_schema_compile_with_an_example(kit: Kit) -> None:
    kit.npm("run", "types")

    kit.npm("run", "check")


def test_the_types_refuse_an_amount_that_is_a_text(kit: Kit) -> None:
    kit.npm("run", "types")
    example = kit.folder / "example.ts"
    example.write_text(example.read_text().replace("amount: 10_000", 'amount: "100.00"'))

    try:
        with pytest.raises(AssertionError, match="not assignable to type 'number'"):
            kit.npm("run", "check")
    finally:
        example.write_text(example.read_text().replace('amount: "100.00"', "amount: 10_000"))


def test_redocly_finds_nothing_in_the_schema(kit: Kit) -> None:
    printed = kit.npm("run", "lint")

    assert "Your API description is valid" in printed


def test_the_postman_collection_signs_what_it_sends(kit: Kit, demo: Demo) -> None:
    kit.npm("run", "postman")
    path = kit.folder / "twotier.postman_collection.json"
    collection = json.loads(path.read_text())
    schema = json.loads((ROOT / "docs" / "openapi.json").read_text())
    requests = {
        (item["request"]["method"].lower(), "/" + "/".join(item["request"]["url"]["path"])): item
        for item in _requests_in(collection["item"])
    }

    assert len(requests) == sum(len(operations) for operations in schema["paths"].values())
    chosen = [
        requests["post", "/api/v1/integration/echo"],
        requests["put", "/api/v1/integration/products/:sku"],
        requests["get", "/api/v1/integration/distributors"],
    ]
    goods = chosen[1]["request"]
    goods["url"]["variable"][0]["value"] = "面膜"
    goods["body"]["raw"] = json.dumps(
        {"sku": "面膜", "name": "面膜", "category": "beauty", "price": 10_990}, ensure_ascii=False
    )
    (status,) = (row for row in chosen[2]["request"]["url"]["query"] if row["key"] == "status")
    status |= {"value": "active", "disabled": False}
    path.write_text(json.dumps(collection | {"item": chosen}))
    kit.npm(
        "exec", "--", "newman", "run", path.name, "--reporters", "json",
        "--reporter-json-export", "answers.json", "--env-var", f"baseUrl={demo.url}",
        "--env-var", f"key={demo.key}", "--env-var", f"secret={demo.secret}",
    )  # fmt: skip

    answers = json.loads((kit.folder / "answers.json").read_text())["run"]["executions"]
    assert [answer["response"]["code"] for answer in answers] == [200, 200, 200]


def _requests_in(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        if "item" in item:
            yield from _requests_in(item["item"])
        else:
            yield item
