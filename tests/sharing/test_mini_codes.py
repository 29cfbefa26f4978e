"""Codes of the mini-program are fetched by a worker, and a refusal lets it wait."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from PIL import Image
from pytest_django import Settings

from alarms.models import Alarm
from events.models import Event
from members.models import Member
from posters.rendering.qr import read
from sharing.cards import card
from sharing.links import link_of, poster_code
from sharing.models import CodeFetching, MiniProgramCode, Share
from sharing.services import fetch_codes, mini_codes, open_share
from sharing.targets import Target
from tests.cast import NOON
from tests.sharing.things import share
from tests.wechat.server import FakeWeChat, fake_wechat
from tests.wechat.test_client import gateway as client_of
from wechat import gateway as gateways

pytestmark = pytest.mark.slow

CODE = "/wxa/getwxacodeunlimit"
MINUTE = timedelta(minutes=1)


def picture(size: tuple[int, int] = (430, 430), form: str = "JPEG") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, "white").save(target, form)
    return target.getvalue()


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: object) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def wechat(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeWeChat]:
    """WeChat's own gateway, which asks a server on this machine."""
    with fake_wechat() as fake:
        real = client_of(fake)
        gateways._gateway.cache_clear()
        monkeypatch.setattr(gateways, "_gateway", lambda _name: real)
        yield fake


def poster(who: Member) -> Share:
    opened, _new = open_share(
        member=who, target=Target("recruit"), channel="poster", template="t1", at=NOON
    )
    return opened


def test_a_poster_asks_for_a_code_and_a_worker_fetches_it(lan: Member) -> None:
    opened = poster(lan)
    assert poster_code(opened) is None

    assert fetch_codes(at=NOON) == 1
    assert fetch_codes(at=NOON) == 0

    code = poster_code(opened)
    assert code
    assert code.path.startswith("codes/")
    assert default_storage.size(code.path) == len(code.read())
    assert Event.objects.get(name="sharing.code_stored").subject_id == opened.code
    shown = card(opened, NOON)
    assert shown
    assert shown.wxa_code_url == code.url


def test_the_code_of_a_shop_without_wechat_can_be_scanned(lan: Member, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://shop.example.com"
    opened = poster(lan)
    fetch_codes(at=NOON)

    code = poster_code(opened)
    assert code
    with Image.open(io.BytesIO(code.read())) as image:
        assert image.size == (430, 430)
        assert read(image) == link_of(opened.code)


def test_cards_of_chats_need_no_code(lan: Member) -> None:
    share(lan, channel="chat")
    share(lan, channel="xiaohongshu")
    share(lan, channel="xiaohongshu")
    assert MiniProgramCode.objects.count() == 1


def test_without_wechat_there_are_no_codes(lan: Member, settings: Settings) -> None:
    settings.WECHAT_GATEWAY = "off"
    opened = poster(lan)
    assert not MiniProgramCode.objects.exists()
    assert fetch_codes(at=NOON) == 0
    assert poster_code(opened) is None


def test_another_page_needs_another_code(lan: Member, settings: Settings) -> None:
    poster(lan)
    fetch_codes(at=NOON)
    settings.WECHAT_SHARE_PAGE = "pages/other"
    opened = poster(lan)
    assert poster_code(opened) is None
    assert fetch_codes(at=NOON) == 1


def test_wechat_is_asked_for_what_the_code_opens(lan: Member, wechat: FakeWeChat) -> None:
    wechat.answers[CODE] = picture()
    opened = poster(lan)

    assert fetch_codes(at=NOON) == 1

    path, _query, body = wechat.requests[-1]
    assert (path, body) == (
        CODE,
        {"scene": opened.code, "page": "pages/share/index", "env_version": "release",
         "width": 430, "check_path": True},
    )  # fmt: skip
    code = poster_code(opened)
    assert code
    assert code.read() == picture()
    assert code.path.endswith(".jpg")


@pytest.mark.parametrize(
    "answer",
    [
        lambda: {"errcode": 45009, "errmsg": "reach max api minute limit"},
        lambda: {"errcode": 41030, "errmsg": "invalid page"},
        lambda: {"errcode": -1, "errmsg": "busy"},
        lambda: {"ok": 1},
        lambda: b"GIF89a",
        lambda: picture((430, 400)),
        lambda: picture((100, 100)),
        lambda: picture()[:300],
        lambda: picture(form="BMP"),
    ],
)
def test_a_refusal_pauses_all_and_stores_nothing(
    lan: Member, bo: Member, wechat: FakeWeChat, answer: Callable[[], object]
) -> None:
    wechat.answers[CODE] = answer()
    poster(lan)
    poster(bo)

    assert fetch_codes(at=NOON) == 0

    asked = wechat.paths().count(CODE)
    assert asked == 1  # the second did not try
    assert fetch_codes(at=NOON + MINUTE / 2) == 0
    assert wechat.paths().count(CODE) == asked
    assert not MiniProgramCode.objects.exclude(path="").exists()
    assert default_storage.exists("codes") is False
    state = CodeFetching.current()
    assert (state.paused_until, state.failures) == (NOON + MINUTE, 1)
    assert state.last_error


def test_pauses_grow_an_alarm_rings_and_a_success_ends_both(
    lan: Member, bo: Member, wechat: FakeWeChat
) -> None:
    wechat.answers[CODE] = {"errcode": 45009, "errmsg": "limit"}
    poster(lan)
    poster(bo)
    at, pauses = NOON, []
    for _ in range(8):
        fetch_codes(at=at)
        state = CodeFetching.current()
        assert state.paused_until
        pauses.append((state.paused_until - at) // MINUTE)
        at = max(state.paused_until, at + timedelta(minutes=40))
    assert pauses == [1, 2, 4, 8, 16, 32, 32, 32]
    alarm = Alarm.objects.get(kind="mini_codes_refused")
    assert (alarm.detail, alarm.closed_at) == ({"error": "45009"}, None)

    wechat.answers[CODE] = picture()
    at += timedelta(hours=2)
    assert fetch_codes(at=at) == 2

    alarm.refresh_from_db()
    assert alarm.closed_at == at
    state = CodeFetching.current()
    assert (state.paused_until, state.failing_since, state.failures) == (None, None, 0)


def test_a_worker_that_died_leaves_its_rows_to_another(lan: Member) -> None:
    poster(lan)
    wechat = gateways.gateway()
    assert wechat
    assert len(mini_codes._claim(wechat, at=NOON, limit=10)) == 1
    assert fetch_codes(at=NOON + MINUTE) == 0
    assert fetch_codes(at=NOON + 2 * MINUTE) == 1


def test_the_limit_of_a_minute_ends_a_run(
    lan: Member, bo: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    poster(lan)
    monkeypatch.setattr(mini_codes, "CODES_A_MINUTE", 0)
    assert fetch_codes(at=NOON) == 0
    assert CodeFetching.current().failures == 0


def test_a_code_is_fetched_outside_of_transactions(
    lan: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    poster(lan)
    inside = []
    wechat = gateways.gateway()

    def ask(**_: object) -> bytes:
        inside.append(bool(connection.savepoint_ids))  # the test itself is a transaction
        return picture()

    monkeypatch.setattr(wechat, "mini_program_code", ask, raising=False)
    fetch_codes(at=NOON)
    assert inside == [False]
