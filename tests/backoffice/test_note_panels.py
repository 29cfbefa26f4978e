"""Notes as a panel of a row's page."""

from __future__ import annotations

import pytest
from django.test import Client

from backoffice.models import Note
from members.models import Member, User
from tests.backoffice.desks import said
from tests.cast import give

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files")]


@pytest.fixture
def client(qian: User) -> Client:
    client = Client()
    client.force_login(give(qian, "view_member"))
    return client


def url(label: str, key: int) -> str:
    return f"/admin/notes/{label}/{key}/"


def page(row: Member) -> str:
    return f"/admin/members/member/{row.pk}/change/"


def test_a_note_is_saved_and_shown_on_the_page(client: Client, lan: Member, qian: User) -> None:
    response = client.post(url("members.member", lan.pk), {"note": "<i>VIP</i>"})

    assert response.headers["Location"] == page(lan)
    text = client.get(page(lan)).text
    assert "&lt;i&gt;VIP&lt;/i&gt;" in text
    assert Note.objects.get().by == qian


def test_an_empty_note_is_said_so(client: Client, lan: Member) -> None:
    response = client.post(url("members.member", lan.pk), {"note": " "})
    assert said(response) == ["error: 请填写备注，最多 1000 个字。未保存。"]
    assert not Note.objects.exists()


def test_a_get_saves_nothing(client: Client, lan: Member) -> None:
    response = client.get(url("members.member", lan.pk), {"note": "x"})
    assert response.headers["Location"] == page(lan)
    assert not Note.objects.exists()


def test_only_rows_with_the_panel_take_notes(client: Client, lan: Member, qian: User) -> None:
    assert client.post(url("members.user", qian.pk), {"note": "x"}).status_code == 404
    assert client.post(url("nothing", 1), {"note": "x"}).status_code == 404
    assert client.post(url("members.member", lan.pk + 99), {"note": "x"}).status_code == 404
    assert not Note.objects.exists()


def test_the_permission_of_the_panel_is_needed(lan: Member, feng: User) -> None:
    stranger = Client()
    assert stranger.post(url("members.member", lan.pk), {"note": "x"}).status_code == 302
    stranger.force_login(feng)
    assert stranger.post(url("members.member", lan.pk), {"note": "x"}).status_code == 403
    assert stranger.post(url("withdrawals.withdrawal", 1), {"note": "x"}).status_code == 403
    assert not Note.objects.exists()
