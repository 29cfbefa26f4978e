"""The pages of message templates: look, write, try, put into force; two writers do not collide."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from members.models import Member, User
from notices.models import Notice, NoticeKind, Wording
from notices.wordings import put_into_force, save_wording
from tests.cast import NOON, give, link
from tests.notices.test_notices import credit_times

pytestmark = pytest.mark.django_db
ALL, CREDITED = "/admin/messages/", "/admin/messages/credited/"


@pytest.fixture
def writer(qian: User) -> User:
    return give(qian, "change_wording", "view_wording", "view_notice")


@pytest.fixture
def office(as_qian: Client, writer: User) -> Client:
    as_qian.cookies["django_language"] = "en"
    return as_qian


def post(client: Client, action: str, path: str = CREDITED, **values: Any) -> Any:
    return client.post(path, {"action": action, **values})


def save(client: Client, *, after: int = 0, **texts: str) -> Any:
    return post(client, "save", channels="wechat", based_on=after, **texts)


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def test_all_messages_are_listed_with_their_texts(office: Client, writer: User) -> None:
    page = office.get(ALL).text
    assert "Credited to your wallet: cash 12.34, points 20." in page
    assert page.count("data-kind=") == len(NoticeKind)

    row = save_wording(
        kind="credited", texts={"body_en": "Yours: {amounts}"}, channels="app", based_on=0,
        by=writer, at=NOON,
    )  # fmt: skip
    put_into_force(wording=row, by=writer, at=NOON)
    assert "Yours: cash 12.34, points 20" in office.get(ALL).text


def test_the_counts_come_afterwards(office: Client, lan: Member) -> None:
    credit_times(lan, 3)
    Notice.objects.filter(pk=Notice.objects.latest("pk").pk).update(read_at=NOON)

    rows = office.get(f"{ALL}counts/").text
    found = re.search(r'data-kind="credited".*?</tr>', rows, re.DOTALL)
    assert found
    assert 'kind__exact=credited">3</a>' in found[0]
    assert "33%" in found[0]


@pytest.mark.slow
def test_more_notices_need_no_more_queries(office: Client, lan: Member) -> None:
    counts = []
    for _ in range(2):
        credit_times(lan, 2)
        with CaptureQueriesContext(connection) as seen:
            office.get(f"{ALL}counts/")
            office.get(CREDITED)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_version_is_written_and_put_into_force(office: Client) -> None:
    response = save(office, body_zh="{金额明细} 到账", body_en="Yours: {amounts}")
    assert "Version 1 is saved" in said(response)
    assert Wording.objects.get().body_zh == "{amounts} 到账"

    page = office.get(CREDITED).text
    assert "Yours: {amounts}" in page
    assert "instead of the shipped texts" in page
    assert "Version 1 is in force" in said(post(office, "force", version=1))
    assert Wording.objects.get().status == "in_force"
    assert "use the shipped texts" in said(post(office, "shipped", version=1))
    assert Wording.objects.get().status == "replaced"


def test_what_cannot_be_sent_is_said_beside_its_field(office: Client) -> None:
    response = save(office, body_zh="{昵称} 到账", title_zh="好消息")

    assert response.status_code == 200
    assert "is no value of this message" in response.text
    assert 'value="好消息"' in response.text
    assert not Wording.objects.exists()


def test_the_second_writer_keeps_what_they_typed(office: Client, feng: User) -> None:
    save_wording(
        kind="credited", texts={"body_en": "Theirs"}, channels="app", based_on=0,
        by=give(feng, "change_wording"), at=NOON,
    )  # fmt: skip
    response = save(office, body_en="Mine")

    assert "feng has saved version 1 meanwhile" in response.text
    assert "Mine" in response.text
    assert "Theirs" in response.text
    assert Wording.objects.count() == 1
    save(office, after=1, body_en="Mine")
    assert Wording.objects.get(number=2).body_en == "Mine"


def test_the_preview_follows_the_form_and_saves_nothing(office: Client) -> None:
    shown = office.post(
        f"{CREDITED}preview/",
        {"channels": "wechat", "based_on": 0, "body_en": "Yours: {amounts}", "thing": "到账"},
    ).text
    assert "Yours: cash 12.34, points 20" in shown
    assert "到账" in shown

    wrong = office.post(f"{CREDITED}preview/", {"channels": "none", "body_en": "<i>{x}</i>"}).text
    assert "is no value of this message" in wrong
    assert "do not get this message" in wrong
    assert "<i>" not in wrong
    assert not Wording.objects.exists()


def test_a_trial_is_sent_to_oneself(office: Client, writer: User, mei: Member) -> None:
    assert "belongs to no member" in said(post(office, "try"))
    link(writer, mei)

    assert "By WeChat not" in said(post(office, "try"))
    assert Notice.objects.get().member == mei


@pytest.mark.parametrize("path", ["/admin/messages/nothing/", "/admin/messages/nothing/preview/"])
def test_there_is_no_other_kind(office: Client, path: str) -> None:
    assert office.post(path, {"action": "save"}).status_code == 404


@pytest.mark.parametrize("action", ["", "delete", "force"])
def test_a_forged_action_does_nothing(office: Client, action: str) -> None:
    for version in ("", "1", "-1", "9" * 30, "１"):
        assert post(office, action, version=version).status_code == 404
    assert not Wording.objects.exists()


def test_without_the_right_it_can_only_be_looked_at(as_qian: Client, qian: User) -> None:
    give(qian, "view_wording")
    page = as_qian.get(CREDITED).text
    assert 'name="action" value="force"' not in page
    for action in ("save", "force", "shipped", "try"):
        assert post(as_qian, action, version=1).status_code == 403
    assert as_qian.post(f"{CREDITED}preview/", {}).status_code == 403
    assert not Wording.objects.exists()
