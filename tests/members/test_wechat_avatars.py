"""A member who has chosen no avatar gets the picture that WeChat names, once it is checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction
from pytest_django import Settings

from common import fetch
from common.fetch import FetchRefused, Refusal
from members import wechat_avatars
from members.avatars import avatar_url, check_avatars
from members.closing import close_member
from members.models import Identity, Member, Upload, WeChatAvatar
from members.services import join_person
from members.wechat_avatars import fetch_wechat_avatars, note_wechat_avatar
from tests.cast import NOON
from tests.common.file_host import FileHost, hosting, send
from tests.members.pictures import picture, uploaded
from wechat.gateway import gateway

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
URL = "https://thirdwx.qlogo.cn/mmopen/a/132"


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def host(settings: Settings) -> Iterator[FileHost]:
    settings.FETCH_ALLOW_LOOPBACK = True
    with hosting() as server:
        yield server


def note(who: Member, url: str) -> WeChatAvatar:
    """Note an address as it is: those of this machine have no TLS."""
    digest = hashlib.sha256(url.encode()).hexdigest()
    return WeChatAvatar.objects.create(member=who, url=url, url_sha256=digest, due_at=NOON)


def row(who: Member) -> WeChatAvatar:
    return WeChatAvatar.objects.get(member=who)


def shown(who: Member) -> str:
    who.refresh_from_db()
    return avatar_url(who)


def test_the_address_is_noted_once_and_with_tls(lan: Member) -> None:
    note_wechat_avatar(member=lan, url=URL.replace("https", "http"), at=NOON)
    assert (row(lan).url, row(lan).due_at) == (URL, NOON)
    note_wechat_avatar(member=lan, url=URL, at=NOON + MINUTE)
    assert row(lan).due_at == NOON
    note_wechat_avatar(member=lan, url=f"{URL}?new", at=NOON + MINUTE)
    assert (row(lan).url, row(lan).due_at) == (f"{URL}?new", NOON + MINUTE)


@pytest.mark.parametrize("url", ["", "https://thirdwx.qlogo.cn/" + "a" * 500])
def test_what_is_no_address_is_not_noted(lan: Member, url: str) -> None:
    note_wechat_avatar(member=lan, url=url, at=NOON)
    assert not WeChatAvatar.objects.exists()


def test_who_has_chosen_one_keeps_it(lan: Member, host: FileHost) -> None:
    note(lan, host.add("/a", picture()))
    lan_upload = uploaded(lan, "avatar", color="green")
    Upload.objects.filter(public_id=lan_upload).update(status="pending")
    fetch_wechat_avatars(at=NOON)
    assert Upload.objects.filter(member=lan, status="pending").get().public_id == lan_upload
    WeChatAvatar.objects.all().delete()
    note_wechat_avatar(member=lan, url=URL, at=NOON)
    assert not WeChatAvatar.objects.exists()


def test_a_picture_is_fetched_and_shown(lan: Member, host: FileHost) -> None:
    url = note(lan, host.add("/a", picture(size=(1_000, 1_000)))).url
    assert fetch_wechat_avatars(at=NOON) == 1
    assert shown(lan).endswith(f"/media/{lan.avatar}")
    assert Upload.objects.get().width == 640
    assert (row(lan).url, row(lan).due_at, row(lan).reason) == ("", None, "")
    note_wechat_avatar(member=lan, url=url, at=NOON)
    assert fetch_wechat_avatars(at=NOON + MINUTE) == 0


def test_wechat_checks_it_like_any_other(host: FileHost) -> None:
    lan, _ = join_person({Identity.Provider.WECHAT_MINI: "openid-lan"}, at=NOON)
    note(lan, host.add("/a", picture()))
    fetch_wechat_avatars(at=NOON)
    assert shown(lan) == ""
    wechat = gateway()
    assert wechat
    check_avatars(gateway=wechat, at=NOON)
    assert shown(lan) != ""


def test_another_host_than_wechats_is_not_asked(lan: Member) -> None:
    note(lan, "https://qlogo.cn.evil.com/a")
    fetch_wechat_avatars(at=NOON)
    assert (row(lan).reason, row(lan).url, shown(lan)) == ("host", "", "")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"<svg/>", "picture_unreadable"),
        (picture()[:-50], "picture_unreadable"),
        (b"x" * (wechat_avatars.MAX_BYTES + 1), "too_large"),
    ],
    ids=["svg", "cut off", "long"],
)
def test_what_is_no_picture_is_forgotten(
    lan: Member, host: FileHost, raw: bytes, reason: str
) -> None:
    note(lan, host.add("/a", raw))
    fetch_wechat_avatars(at=NOON)
    assert (row(lan).reason, row(lan).due_at, shown(lan)) == (reason, None, "")
    assert not Upload.objects.exists()


def test_a_host_that_fails_is_tried_four_times(lan: Member, host: FileHost) -> None:
    note(lan, host.add("/a", lambda to: send(to, b"", status=502)))
    at = NOON
    while fetch_wechat_avatars(at=at):
        at = row(lan).due_at or at + MINUTE
    assert (len(host.calls), row(lan).reason, row(lan).url) == (4, "status", "")
    assert at == NOON + (5 + 10 + 15 + 1) * MINUTE


def test_closing_deletes_it(lan: Member) -> None:
    note_wechat_avatar(member=lan, url=URL, at=NOON)
    close_member(member=lan, at=NOON)
    assert not WeChatAvatar.objects.exists()


def test_an_account_that_is_closed_meanwhile_gets_none(lan: Member, host: FileHost) -> None:
    waiting = note(lan, host.add("/a", picture()))
    Member.objects.filter(pk=lan.pk).update(nickname="", closed_at=NOON)
    fetch_wechat_avatars(at=NOON)
    waiting.refresh_from_db()
    assert (waiting.reason, shown(lan)) == ("account_closed", "")


def test_the_database_refuses_an_address_that_nobody_fetches(lan: Member) -> None:
    waiting = note(lan, URL)
    with pytest.raises(DatabaseError), transaction.atomic():
        WeChatAvatar.objects.filter(pk=waiting.pk).update(due_at=None)


def test_the_hosts_are_wechats() -> None:
    assert fetch.is_listed("wx.qlogo.cn", wechat_avatars.HOSTS)
    assert not FetchRefused(Refusal.HOST).is_temporary
