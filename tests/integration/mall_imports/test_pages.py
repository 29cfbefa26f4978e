"""The pages of an import: what each person sees and may press, and what bad input gets."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from backoffice import office, queues
from integration.mall_imports.preparing import ask_check
from integration.models import MallImport
from members.models import User
from tests.admin.words import chinese_in, english_in, typed_words, words_of
from tests.cast import give, staff
from tests.integration.files import FILES
from tests.integration.mall_imports.malls import (
    changed,
    checked,
    packed,
    prepared,
    preparer,
    started,
    starter,
    work,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NEW = "/admin/mall-imports/new/"
LIST = "/admin/integration/mallimport/"


def signed_in(user: User, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    return client


def address(row: MallImport, part: str = "") -> str:
    return f"/admin/mall-imports/{row.public_id}/{part}"


def post(user: User, row: MallImport, action: str, **values: Any) -> Any:
    return signed_in(user).post(address(row), {"action": action, **values}, follow=True)


def buttons(user: User, row: MallImport) -> set[str]:
    html = signed_in(user).get(address(row)).content.decode()
    return set(re.findall(r'name="action" value="(\w+)"', html))


def mall_zip(files: Any = FILES) -> SimpleUploadedFile:
    return SimpleUploadedFile("mall.zip", packed(files))


def test_the_list_leads_to_a_new_import_and_to_each() -> None:
    row = checked()
    html = signed_in(give(row.by, "view_mallimport")).get(LIST).content.decode()

    assert address(row) in html
    assert NEW in html
    assert NEW not in signed_in(give(starter(), "view_mallimport")).get(LIST).content.decode()


@pytest.mark.parametrize(
    ("state", "own", "others"),
    [
        ("draft", {"add", "remove", "options", "check", "discard"}, set()),
        ("ready", {"add", "remove", "options", "check", "discard"}, {"start"}),
        ("running", {"stop"}, {"stop"}),
        ("done", set(), set()),
    ],
)
def test_each_sees_the_buttons_that_work_for_them(
    state: str, own: set[str], others: set[str]
) -> None:
    row = {"draft": prepared, "ready": checked, "running": started, "done": started}[state]()
    while state == "done" and row.status == "running":
        work(row)

    assert buttons(row.by, row) == own
    assert buttons(starter(), row) == others
    assert buttons(give(staff("Chen"), "view_mallimport"), row) == set()


def test_the_page_says_why_one_cannot_start() -> None:
    row = checked()
    lin = give(staff("Lin"), "start_mallimport")

    own = signed_in(row.by).get(address(row)).content.decode()
    assert "You have prepared it, so a colleague starts it." in own
    without = signed_in(lin).get(address(row)).content.decode()
    assert "only those who may publish plans can start it" in without


def test_a_checked_import_waits_for_a_colleague() -> None:
    row = checked()
    queue = queues.get("mall_imports")

    assert list(queue.waiting(starter())) == [row]
    assert list(queue.waiting(row.by)) == []


def test_errors_are_shown_with_their_cells() -> None:
    row = checked(changed("orders.csv", "109.90", "<b>much</b>"))

    html = signed_in(row.by).get(address(row)).content.decode()
    assert '<mark class="mi-cell">&lt;b&gt;much&lt;/b&gt;</mark>' in html
    assert "1 error" in html
    answer = signed_in(row.by).get(address(row, "files/report/"))
    assert answer["Content-Disposition"].endswith('.xlsx"')
    assert b"".join(answer.streaming_content).startswith(b"PK")  # type: ignore[attr-defined]


def test_each_reads_the_errors_in_their_language() -> None:
    row = checked(changed("orders.csv", "109.90", "much"))

    assert "不是" in signed_in(row.by, "zh-hans").get(address(row)).content.decode()
    assert "不是" not in signed_in(row.by).get(address(row)).content.decode()


@pytest.mark.parametrize(
    ("action", "values", "sentence"),
    [
        ("add", {}, "Choose at least one file."),
        ("add", {"files": [SimpleUploadedFile("<b>.csv", b"x")]}, "none of the mall&#x27;s files"),
        ("check", {}, "These files are missing: refunds."),
        ("options", {"zone": "Mars"}, "is not a time zone"),
        ("options", {"zone": "UTC", "until": "31.12.2025"}, "This is not a moment."),
        ("options", {"zone": "x" * 61}, "at most 60 characters"),
        ("start", {"seal": "x" * 10_000}, "You have no right to do this."),
    ],
)
def test_a_refusal_is_said_on_the_page(action: str, values: Any, sentence: str) -> None:
    files = {name: text for name, text in FILES.items() if name != "refunds.csv"}
    qian = give(staff("Qian"), "prepare_mallimport")
    row = prepared(files, by=qian)

    answer = post(qian, row, action, **values)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    row.refresh_from_db()
    assert (row.status, row.zone, row.files.count()) == ("draft", "Asia/Shanghai", 5)


@pytest.mark.parametrize("action", ["add", "remove", "options", "check", "start", "stop",
                                    "discard", "", "unknown"])  # fmt: skip
def test_those_who_only_look_cannot_act(action: str) -> None:
    row = checked()
    chen = give(staff("Chen"), "view_mallimport")

    answer = post(chen, row, action, seal=row.seal, zone="UTC", kind="orders")

    assert answer.status_code == 403
    row.refresh_from_db()
    assert (row.status, row.zone, row.files.count()) == ("ready", "Asia/Shanghai", 6)


def test_finance_starts_and_does_not_prepare() -> None:
    row = checked()
    feng = starter()

    assert signed_in(feng).get(NEW).status_code == 403
    assert signed_in(feng).post(NEW, {"name": "x"}).status_code == 403
    for action in ("add", "remove", "options", "check", "discard"):
        answer = post(feng, row, action, zone="UTC", kind="orders")
        assert answer.status_code == 422, action
    row.refresh_from_db()
    assert (row.status, MallImport.objects.count()) == ("ready", 1)


@pytest.mark.parametrize("part", ["", "progress/", "files/report/", "files/left-out/"])
def test_strangers_see_nothing(part: str) -> None:
    row = checked(changed("orders.csv", "109.90", "much"))

    assert signed_in(staff("Chen")).get(address(row, part)).status_code == 403
    looking = signed_in(give(staff("Lin"), "view_mallimport")).get(address(row, part))
    assert looking.status_code == (403 if part.startswith("files") else 200)


@pytest.mark.parametrize("part", ["", "progress/", "files/report/", "files/x/"])
@pytest.mark.parametrize("key", ["x", "0" * 20, "%3Cb%3E"])
def test_an_unknown_import_is_not_found(part: str, key: str) -> None:
    boss = User.objects.create_superuser("boss")

    assert signed_in(boss).get(f"/admin/mall-imports/{key}/{part}").status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("state", ["draft", "checking", "faulty", "ready", "running", "done"])
def test_the_page_speaks_one_language(state: str, language: str) -> None:
    row = {
        "draft": prepared, "checking": prepared, "ready": checked, "running": started,
        "faulty": lambda: checked(changed("orders.csv", "109.90", "much")), "done": started,
    }[state]()  # fmt: skip
    if state == "checking":
        ask_check(mall_import=row, by=row.by)
    while state == "done" and row.status == "running":
        work(row)
    people = (row.by, starter())
    typed = sorted({*typed_words(), "much"}, key=len, reverse=True)
    faults = english_in if language == "zh-hans" else chinese_in

    for user in people:
        html = signed_in(user, language).get(address(row)).content.decode()
        assert faults(words_of(html), typed) == []
    if state == "draft":
        assert faults(words_of(signed_in(row.by, language).get(NEW).content.decode()), typed) == []


def test_a_file_that_was_removed_is_not_found() -> None:
    row = checked(changed("orders.csv", "109.90", "much"))
    MallImport.objects.filter(pk=row.pk).update(report_path="mall_imports/gone.xlsx")

    assert signed_in(row.by).get(address(row, "files/report/")).status_code == 404


def test_progress_asks_again_until_the_worker_is_done() -> None:
    row = prepared()
    ask_check(mall_import=row, by=row.by)
    client = signed_in(row.by)

    answer = client.get(address(row, "progress/"))
    assert "every 2s" in answer.content.decode()
    work(row)
    answer = client.get(address(row, "progress/"))
    assert answer["HX-Refresh"] == "true"


def test_the_name_is_kept_when_it_is_refused() -> None:
    answer = signed_in(preparer()).post(NEW, {"name": "x" * 41})

    assert "x" * 41 in answer.content.decode()
    assert MallImport.objects.count() == 0


def test_a_page_costs_the_same_with_many_errors(
    django_assert_max_num_queries: Any,
) -> None:
    row = checked(changed("orders.csv", "109.90", "much"))
    client = signed_in(row.by)
    client.get(address(row))

    with django_assert_max_num_queries(14):
        client.get(address(row))


def test_the_pages_belong_to_the_list() -> None:
    assert office.place_of("mall_import") == "integration.mallimport"
    assert reverse("admin:integration_mallimport_changelist") == LIST
