"""The core of imports of a mall: two people, no start by one, errors with their cells."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from common.errors import SelfApprovalForbidden
from integration.mall_imports import findings
from integration.mall_imports.running import start
from integration.models import MallImport
from members.models import User
from orders.models import Order
from tests.cast import CLOCK
from tests.integration.files import FILES
from tests.integration.mall_imports.malls import (
    changed,
    checked,
    packed,
    preparer,
    starter,
    work,
)

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def post(user: User, row: MallImport, action: str, **values: Any) -> None:
    signed_in(user).post(address(row), {"action": action, **values}, follow=True)


def address(row: MallImport) -> str:
    return f"/admin/mall-imports/{row.public_id}/"


def found(row: MallImport, language: str = "en") -> dict[str, Any]:
    with translation.override(language):
        return findings.read(row)


def test_a_mall_is_imported_by_two_people_on_its_page() -> None:
    qian, feng = preparer(), starter()
    signed_in(qian).post("/admin/mall-imports/new/", {"name": "有赞"})
    row = MallImport.objects.get()

    post(qian, row, "add", files=[SimpleUploadedFile("mall.zip", packed(FILES))])
    post(qian, row, "check")
    assert "A worker checks the files" in signed_in(qian).get(address(row)).content.decode()
    work(row)
    page = signed_in(feng).get(address(row))
    assert "Start the import" in page.content.decode()
    post(feng, row, "start", seal=row.seal)
    while work(row).status == "running":
        pass

    html = signed_in(feng).get(address(row)).content.decode()
    assert (row.status, Order.objects.count()) == ("done", 1)
    assert "Everything is imported." in html
    assert "¥109.90" in html


def test_who_prepared_it_does_not_start_it() -> None:
    row = checked()

    with pytest.raises(SelfApprovalForbidden):
        start(mall_import=row, seal=row.seal, by=row.by, at=CLOCK)

    row.refresh_from_db()
    assert (row.status, row.starter) == ("ready", None)


def test_errors_have_their_place_and_their_cell_in_both_languages() -> None:
    row = checked(changed("orders.csv", "109.90", "much"))

    assert row.status == "faulty"
    (group,) = found(row)["errors"]
    (place,) = group["places"]
    assert (place["file"], place["line"], place["column"], place["cell"]) == (
        "orders.csv", 2, "unit_price", "much",
    )  # fmt: skip
    assert "not an amount" in place["message"]
    (chinese,) = found(row, "zh-hans")["errors"]
    assert chinese["title"] == "金额"
    assert "much" in chinese["places"][0]["message"]
    assert "amount" not in chinese["places"][0]["message"]
    assert (row.differences, row.publishes_plan, found(row)["count"]) == ({}, False, 1)
