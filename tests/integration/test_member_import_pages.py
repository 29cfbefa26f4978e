"""Members are imported on pages: as Chinese spreadsheets save them, marked, confirmed, applied."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from backoffice.import_work import claim_import, run_import
from backoffice.models import Import
from distribution.models import Binding
from members.models import Member, User
from tests.backoffice.files import csv_file, xlsx_file
from tests.cast import CLOCK, give, staff

pytestmark = pytest.mark.django_db

START = "/admin/imports/members/"
TITLES = ["会员编号", "昵称", "注册时间", "是否分销员", "推荐人", "绑定时间"]
MEI = ["mei", "梅", "2025/1/5 9:03", "是", "", ""]
LAN = ["lan", "兰", "2025/1/5 9:10", "", "mei", "2025/1/5 9:10"]
BAD = ["bo", "波", "5/1/2025", "", "nobody", ""]


@pytest.fixture
def qian(qian: User) -> User:
    return give(qian, "import_member", "view_member")


@pytest.fixture
def client(qian: User) -> Client:
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(qian)
    return client


def upload(client: Client, content: bytes, name: str = "会员.csv") -> Any:
    return client.post(START, {"file": SimpleUploadedFile(name, content)}, follow=True)


def work() -> Import:
    row = claim_import(at=CLOCK)
    assert row
    run_import(row=row, now=lambda: CLOCK)
    row.refresh_from_db()
    return row


def confirm(client: Client, row: Import, **values: str) -> Any:
    page = f"{START}{row.public_id}/"
    seen = re.search(r'name="checked_at" value="([^"]+)"', client.get(page).content.decode())
    given = {"verb": "confirm", "checked_at": seen[1] if seen else "", **values}
    return client.post(f"{page}decide/", given, follow=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [
        csv_file(TITLES, MEI, LAN, encoding="gb18030"),
        csv_file(TITLES, MEI, LAN, encoding="utf-8-sig"),
        xlsx_file(TITLES, MEI, LAN),
    ],
    ids=["gb18030", "utf-8", "xlsx"],
)
def test_members_are_imported_by_their_page(client: Client, content: bytes) -> None:
    upload(client, content)
    row = work()
    assert (row.status, row.new, row.wrong) == ("checked", 2, 0)
    assert Member.objects.count() == 0  # the check writes nothing

    confirm(client, row)
    while work().status not in ("done", "stopped"):
        pass

    assert Binding.objects.get().member.nickname == "兰"
    assert Import.objects.get().applied == 2


def test_wrong_cells_are_marked_with_their_sentences(client: Client) -> None:
    upload(client, csv_file(TITLES, MEI, BAD))
    row = work()
    html = client.get(f"{START}{row.public_id}/").content.decode()

    assert (row.new, row.wrong) == (1, 1)
    assert "5/1/2025" in html
    assert "年" in html


def test_the_list_of_members_leads_there(client: Client, qian: User) -> None:
    path = "/admin/members/member/"

    assert START in client.get(path).content.decode()
    client.force_login(give(staff("Chen"), "view_member"))
    assert START not in client.get(path).content.decode()
    assert client.get(START).status_code == 403
    assert upload(client, csv_file(TITLES, MEI)).status_code == 403


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "cell"),
    [
        (0, "=1+1"), (0, "a\u202eb"), (0, "x" * 129), (1, "<b>\u200bx"), (1, "x" * 81),
        (2, "10" * 18), (2, "2999/12/31"), (5, "2024/1/1 9:00"), (4, "'mei"),
    ],
)  # fmt: skip
def test_hostile_cells_are_wrong_and_nothing_moves(client: Client, place: int, cell: str) -> None:
    line = [*LAN]
    line[place] = cell
    upload(client, csv_file(TITLES, MEI, line))
    row = work()
    answer = client.get(f"{START}{row.public_id}/")

    assert (row.wrong, answer.status_code) == (1, 200)
    assert "<b>" not in answer.content.decode()
    confirm(client, row)  # without leaving the wrong row out
    row.refresh_from_db()
    assert (row.status, Member.objects.count()) == ("checked", 0)
