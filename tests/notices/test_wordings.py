"""Operations change what members read; what was sent keeps its words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from common.errors import PermissionMissing
from common.status import WrongStatus
from events.models import Event
from members.models import Member, User
from notices import texts
from notices.models import Notice, Wording
from notices.models import NoticeKind as Kind
from notices.placeholders import unknown
from notices.samples import sample
from notices.scenes import fields_of
from notices.wordings import (
    NoMemberLinked,
    WordingInvalid,
    WordingOutdated,
    WordingUnchanged,
    put_into_force,
    save_wording,
    send_trial,
    use_shipped_texts,
)
from tests.api.phone import Phone
from tests.cast import NOON, give, link
from tests.notices.test_notices import credit_times
from tests.shop import DAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def writer(qian: User) -> User:
    return give(qian, "change_wording")


def saved(by: User, kind: str = Kind.CREDITED, *, after: int = 0, **given: Any) -> Wording:
    channels = given.pop("channels", "wechat" if kind == Kind.CREDITED else "app")
    return save_wording(kind=kind, texts=given, channels=channels, based_on=after, by=by, at=NOON)


def in_force(by: User, kind: str = Kind.CREDITED, *, after: int = 0, **given: Any) -> Wording:
    row = saved(by, kind, after=after, **given)
    put_into_force(wording=row, by=by, at=NOON + DAY)
    return row


def test_a_saved_version_changes_nothing_yet(lan: Member, writer: User) -> None:
    saved(writer, body_zh="{金额明细} 到账啦")
    credit_times(lan, 1)

    notice = Notice.objects.get()
    assert notice.wording is None
    with translation.override("zh-hans"):
        assert "到账啦" not in texts.body(notice)


def test_a_version_in_force_is_what_members_read(lan: Member, writer: User) -> None:
    row = in_force(writer, title_zh="到账", body_zh="{金额明细} 到账啦")
    assert row.body_zh == "{amounts} 到账啦"
    credit_times(lan, 1)

    notice = Notice.objects.get()
    with translation.override("zh-hans"):
        assert (texts.title(notice), texts.body(notice)) == ("到账", "现金 10.99，积分 20 到账啦")
    with translation.override("en"):  # no text of ours in this language
        assert texts.body(notice) == "Credited to your wallet: cash 10.99, points 20."


def test_what_was_sent_keeps_its_words(lan: Member, writer: User) -> None:
    first = in_force(writer, body_zh="一 {amounts}")
    credit_times(lan, 1)
    put_into_force(wording=saved(writer, after=1, body_zh="二"), by=writer, at=NOON + 2 * DAY)
    credit_times(lan, 1)

    with translation.override("zh-hans"):
        assert [texts.body(row)[0] for row in Notice.objects.order_by("pk")] == ["一", "二"]
    first.refresh_from_db()
    assert first.status == "replaced"
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.update(wording=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Wording.objects.update(body_zh="三")
    with pytest.raises(IntegrityError), transaction.atomic():
        Wording.objects.filter(status="replaced").delete()


def test_an_earlier_version_returns(writer: User) -> None:
    first, second = in_force(writer, body_zh="一"), in_force(writer, after=1, body_zh="二")
    put_into_force(wording=first, by=writer, at=NOON + 3 * DAY)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("in_force", "replaced")
    assert first.in_force_since == NOON + 3 * DAY
    changes = Event.objects.filter(name="notices.wording_changed").order_by("pk")
    assert [(row.before["version"], row.after["version"]) for row in changes] == [
        (0, 1), (1, 2), (2, 1),
    ]  # fmt: skip


def test_the_shipped_texts_return(lan: Member, writer: User) -> None:
    row = in_force(writer, body_zh="一")
    use_shipped_texts(wording=row, by=writer, at=NOON + DAY)
    credit_times(lan, 1)

    assert Notice.objects.get().wording is None
    with pytest.raises(WrongStatus):
        use_shipped_texts(wording=row, by=writer, at=NOON + DAY)


def test_a_kind_that_is_not_sent_writes_no_notice(lan: Member, writer: User) -> None:
    in_force(writer, channels="none")
    credit_times(lan, 1)

    assert not Notice.objects.exists()


def test_one_version_is_in_force_at_most(writer: User) -> None:
    in_force(writer, body_zh="一")
    second = saved(writer, after=1, body_zh="二")

    with pytest.raises(IntegrityError, match="wording_one_in_force"), transaction.atomic():
        Wording.objects.filter(pk=second.pk).update(
            status="in_force", in_force_by=writer, in_force_since=NOON
        )
    with pytest.raises(WrongStatus):
        put_into_force(wording=Wording.objects.get(number=1), by=writer, at=NOON)


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("credited", {"body_zh": "{nickname}"}, "“{nickname}” is no value of this message"),
        ("credited", {"body_zh": "{amounts"}, "“{” is no value"),
        ("credited", {"body_zh": "{amounts.__class__}"}, "is no value"),
        ("credited", {"body_zh": "{}"}, "is no value"),
        ("upline_bound", {"body_zh": "{amounts}"}, "It has: none"),
        ("credited", {"title_zh": "{amounts}"}, "for the text only"),
        ("credited", {"thing": "{amounts}"}, "for the text only"),
        ("credited", {"body_zh": "长" * 301}, "has 301 characters; 300 fit"),
        ("credited", {"title_zh": "长" * 41}, "40 fit"),
        ("credited", {"thing": "长" * 21}, "20 fit"),
        ("credited", {"phrase": "ok"}, "one to five Chinese"),
        ("credited", {"phrase": "已入账到钱包"}, "5 fit"),
        ("credited", {"body_zh": "到账\u202e啦"}, "invisible character"),
        ("credited", {"body_zh": "到账\0啦"}, "invisible character"),
        ("credited", {"body_zh": "到账\u200b啦"}, "invisible character"),
    ],
)
def test_a_text_that_cannot_be_sent_is_refused(
    writer: User, kind: str, text: dict[str, str], words: str
) -> None:
    with pytest.raises(WordingInvalid, match="Nothing was saved") as refusal:
        saved(writer, kind, channels="app", **text)

    assert words in str(refusal.value)
    assert refusal.value.data["field"] == next(iter(text))
    assert not Wording.objects.exists()


def test_markup_is_text(lan: Member, writer: User) -> None:
    in_force(writer, body_zh="<b>{amounts}</b> 👨‍👩‍👧")
    credit_times(lan, 1)

    with translation.override("zh-hans"):
        assert texts.body(Notice.objects.get()) == "<b>现金 10.99，积分 20</b> 👨‍👩‍👧"


@pytest.mark.parametrize(("kind", "channels"), [("direct_joined", "wechat"), ("credited", "sms")])
def test_a_channel_that_a_kind_lacks_is_refused(writer: User, kind: str, channels: str) -> None:
    with pytest.raises(WordingInvalid):
        saved(writer, kind, channels=channels, body_zh="一")
    assert not Wording.objects.exists()


def test_the_second_of_two_people_is_refused_and_learns_who_was_faster(
    writer: User, feng: User
) -> None:
    saved(writer, body_zh="一")

    with pytest.raises(WordingOutdated, match=r"qian has saved version 1"):
        saved(give(feng, "change_wording"), after=0, body_zh="二")
    assert Wording.objects.get().body_zh == "一"


def test_the_same_texts_are_no_new_version(writer: User) -> None:
    saved(writer, body_zh="一")
    with pytest.raises(WordingUnchanged):
        saved(writer, after=1, body_zh=" 一 ")
    assert Wording.objects.count() == 1


def test_only_those_with_the_right_change_templates(writer: User, feng: User) -> None:
    row = saved(writer, body_zh="一")

    for attempt in (
        lambda: saved(feng, after=1, body_zh="二"),
        lambda: put_into_force(wording=row, by=feng, at=NOON),
        lambda: use_shipped_texts(wording=row, by=feng, at=NOON),
        lambda: send_trial(kind=Kind.CREDITED, wording=row, by=feng, at=NOON),
    ):
        with pytest.raises(PermissionMissing):
            attempt()
    row.refresh_from_db()
    assert (row.status, Wording.objects.count(), Notice.objects.count()) == ("draft", 1, 0)


def test_a_trial_reaches_only_the_person_who_tries(lan: Member, mei: Member, writer: User) -> None:
    link(writer, mei)
    trial = send_trial(
        kind=Kind.CREDITED, wording=saved(writer, body_zh="{amounts} 到账"), by=writer, at=NOON
    )

    assert (trial.by_wechat, str(trial.reason)) == (
        False, "No template of WeChat is set for this message.",
    )  # fmt: skip
    with translation.override("zh-hans"):
        assert texts.title(trial.notice) == "试发：佣金入账"
        assert texts.body(trial.notice) == "现金 12.34，积分 20 到账"
    assert [row["id"] for row in Phone(mei).get("/notices").json()["results"]] == [
        trial.notice.public_id
    ]
    assert Phone(lan).get("/notices").json()["results"] == []


def test_who_is_no_member_cannot_try(writer: User) -> None:
    with pytest.raises(NoMemberLinked):
        send_trial(kind=Kind.CREDITED, wording=None, by=writer, at=NOON)
    assert not Notice.objects.exists()


def test_a_notice_is_of_an_event_or_a_trial(lan: Member, writer: User) -> None:
    credit_times(lan, 1)
    for values in ({"tester": writer}, {"event": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Notice.objects.update(**values)


def test_a_level_that_ends_can_be_worded(lan: Member, writer: User) -> None:
    row = in_force(writer, Kind.LEVEL_CHANGED, body_en="Level: {level}", body_zh="等级：{等级}")
    notice = Notice(kind=Kind.LEVEL_CHANGED, data={"level": ""}, wording=row, member=lan)

    with translation.override("en"):
        assert texts.body(notice) == "Level: none"
    with translation.override("zh-hans"):
        assert texts.body(notice) == "等级：无"


def test_wechat_shows_the_words_of_the_version(lan: Member, writer: User, settings: Any) -> None:
    settings.WECHAT_TEMPLATE_FIELDS = {"credited": ["thing1", "phrase2", "amount3"]}
    in_force(writer, thing="佣金到账啦", phrase="到账")
    credit_times(lan, 1)

    assert fields_of(Notice.objects.get()) == {
        "thing1": "佣金到账啦", "phrase2": "到账", "amount3": "¥10.99",
    }  # fmt: skip


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_a_sample_and_a_shipped_text(kind: str, lan: Member) -> None:
    notice = sample(kind, None, at=NOON)
    assert "{" not in texts.body(notice)
    assert texts.body(notice)
    assert unknown(kind, texts.shipped_body(kind)) == ""
