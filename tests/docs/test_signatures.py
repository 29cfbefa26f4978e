"""The vectors of docs/signatures.md are what the server computes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.conf import settings

from integration.contact_hashes import contact_hash, normalised_address, normalised_phone
from integration.signatures import sign, text_to_sign

PAGE = (Path(settings.BASE_DIR) / "docs" / "signatures.md").read_text(encoding="utf-8")
NORMALISED = {"phone": normalised_phone, "address": normalised_address}


def vectors(name: str) -> list[dict[str, Any]]:
    block = re.search(rf"```json {name}\n(.*?)```", PAGE, re.DOTALL)
    assert block
    rows: list[dict[str, Any]] = json.loads(block[1])
    return rows


def quoted(sentence: str) -> str:
    found = re.search(rf"{sentence} `([^`]+)`", PAGE)
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


@pytest.mark.parametrize("row", vectors("contacts"), ids=lambda row: row["given"])
def test_a_hash_of_a_contact_is_as_published(row: dict[str, str]) -> None:
    normalised = NORMALISED[row["kind"]](row["given"])

    assert normalised == row["normalised"]
    assert contact_hash(quoted("The key of these vectors is"), normalised) == row["hash"]


def test_spellings_of_one_contact_have_one_hash() -> None:
    hashes = [row["hash"] for row in vectors("contacts")]

    assert len(set(hashes[:3])) == 1
    assert hashes[4] == hashes[5]
