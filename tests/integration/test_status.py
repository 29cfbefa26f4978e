"""A status that contradicts the times is reported; the times count."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from orders.models import Order
from tests.integration.files import Write, summary

pytestmark = pytest.mark.django_db

TITLE = "Statuses that contradict the times"


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("received,", "shipped,", "is “shipped”, but received_at is 2025/11/05 15:00:00"),
        ("received,", "placed,", "is “placed”, but received_at is 2025/11/05 15:00:00"),
        ("received,", "closed,", "is “closed”, but closed_at is empty"),
        ("2025-11-05T15:00:00+08:00", "", "is “received”, but received_at is empty"),
    ],
)
def test_a_status_that_contradicts_its_row_is_reported(
    mall: Write, old: str, new: str, message: str
) -> None:
    output = summary(mall("orders.csv", old, new))

    assert f"{TITLE}: 1" in output
    assert f"orders.csv:2 status: {message}" in output
    assert Order.objects.exists()


@pytest.mark.parametrize("status", ["received", "completed"])
def test_a_status_that_agrees_is_not_reported(mall: Write, status: str) -> None:
    assert TITLE not in summary(mall("orders.csv", "received,", f"{status},"))


def test_an_export_without_a_known_receipt_is_reported(mall: Write) -> None:
    summary(mall())
    folder = mall("orders.csv", "2025-11-05T15:00:00+08:00", "")
    text = (folder / "orders.csv").read_text().replace("received,", "shipped,")
    (folder / "orders.csv").write_text(text)

    output = summary(folder)

    assert "is “shipped”, but received_at is stored: 2025/11/05 15:00:00" in output
    assert Order.objects.get().received_at


def test_an_import_up_to_a_time_does_not_compare_statuses(mall: Write) -> None:
    folder = mall("orders.csv", "received,", "shipped,")

    assert TITLE not in summary(folder, "--until", "2025-12-01T00:00:00+08:00")
