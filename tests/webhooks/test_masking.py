"""Personal data in what was sent and answered is masked; ids and amounts stay."""

from __future__ import annotations

import json

import pytest

from webhooks.masking import masked_body, masked_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("call 13812345678 now", "call 138****5678 now"),
        ("+86 138 1234 5678", "138****5678"),
        ("440301199001011234", "44****************"),
        ("44030119900101123X!", "44****************!"),
        ("mei.li@example.com", "m***@example.com"),
        ('{"phone": "8888", "id": 5', '{"phone": "***", "id": 5'),
        ('{"receiver_name":"李梅', '{"receiver_name":"***"'),
        ("order 20261101138123456781", "order 20261101138123456781"),
        ("e20260001 ¥1,234.50 1699999999", "e20260001 ¥1,234.50 1699999999"),
        ("", ""),
    ],
)
def test_texts(text: str, shown: str) -> None:
    assert masked_text(text) == shown


def test_a_body_keeps_its_shape() -> None:
    body = {
        "id": "evt_1",
        "subject": {"type": "orders.order", "id": "20261101-1"},
        "data": {"amounts": {"cash": 1_200}, "nickname": "梅", "Phone": 13812345678,
                 "address": {"city": "深圳", "lines": ["路 1"]}, "note": "13812345678",
                 "name": None},
    }  # fmt: skip
    shown = json.loads(masked_body(json.dumps(body).encode()))

    assert shown["subject"] == body["subject"]
    assert shown["data"] == {
        "amounts": {"cash": 1_200}, "nickname": "***", "Phone": "***",
        "address": {"city": "***", "lines": ["***"]}, "note": "138****5678", "name": None,
    }  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"\xff 13812345678", b"[" * 5_000])
def test_a_body_that_is_no_json_is_text(body: bytes) -> None:
    assert "13812345678" not in masked_body(body)
