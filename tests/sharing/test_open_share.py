"""A member has one share for a target, a channel and a label."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from common.errors import PermissionMissing, ReasonRequired
from distribution.services import change_status
from events.models import Event
from members.models import Member, User
from sharing.models import Share, SharingPolicy
from sharing.models.shares import ALPHABET
from sharing.services import change_policy, disable_share, enable_share, open_share
from sharing.services.enabling import InvalidSharingPolicy, ShareIsOff, ShareIsOn
from sharing.services.shares import ShareDisabled, TooManyLabels
from sharing.targets import Target, TargetUnknown
from tests.cast import NOON, give
from tests.sharing.things import mask, rows, share
from tests.shop import DAY, distributor


def test_the_same_is_shared_once(lan: Member) -> None:
    target = Target("product", mask().public_id)

    first, is_new = open_share(member=lan, target=target, channel="chat", at=NOON)
    again, is_newer = open_share(member=lan, target=target, channel="chat", at=NOON + DAY)

    assert (is_new, is_newer) == (True, False)
    assert again == first
    assert len(first.code) == 10
    assert set(first.code) <= set(ALPHABET)
    assert (first.target_id, first.channel, first.created_at) == (target.id, "chat", NOON)


def test_another_channel_label_or_member_has_another_share(lan: Member, bo: Member) -> None:
    opened = [
        share(lan), share(lan, channel="group"), share(lan, channel="group", label="邻居"),
        share(bo),
    ]  # fmt: skip
    assert len({row.code for row in opened}) == 4


def test_a_home_page_is_shared_by_its_code(lan: Member, bo: Member) -> None:
    code = distributor(lan).code

    assert share(lan, "home").target_id == code
    assert share(bo, "home", code).target_id == code


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("product", "no-such"),
        ("home", ""),
        ("recruit", "x"),
        ("home", "NOBODY"),
        ("coupon", "c1"),
        ("group", "g1"),
    ],
)
def test_what_is_not_there_is_not_shared(lan: Member, kind: str, target: str) -> None:
    before = rows()
    with pytest.raises(TargetUnknown):
        share(lan, kind, target)
    assert rows() == before


def test_a_product_off_sale_is_not_shared(lan: Member) -> None:
    product = mask()
    type(product).objects.update(status="off_sale")
    with pytest.raises(TargetUnknown):
        share(lan, "product", product.public_id)


def test_the_home_page_of_a_frozen_distributor_is_not_shared(lan: Member, qian: User) -> None:
    change_status(
        distributor=distributor(lan), to="frozen", reason="checked", by=qian, at=NOON + DAY
    )
    with pytest.raises(TargetUnknown):
        share(lan, "home", at=NOON + 2 * DAY)


def test_a_share_expires_and_goes_on_with_the_same_code(lan: Member) -> None:
    SharingPolicy.objects.update(share_days=10)

    first = share(lan)
    assert first.expires_at == NOON + 10 * DAY
    assert not first.is_live(NOON + 10 * DAY)

    again = share(lan, at=NOON + 11 * DAY)
    assert (again.code, again.expires_at) == (first.code, NOON + 21 * DAY)
    assert again.is_live(NOON + 20 * DAY)


def test_an_expiry_moves_at_most_once_a_day(lan: Member) -> None:
    SharingPolicy.objects.update(share_days=10)
    share(lan)
    assert share(lan, at=NOON + DAY / 2).expires_at == NOON + 10 * DAY


def test_the_staff_switches_a_share_off_and_on(lan: Member, qian: User) -> None:
    opened, by = share(lan), give(qian, "change_share")

    disable_share(share=opened, reason="Spam", by=by, at=NOON + DAY)

    with pytest.raises(ShareDisabled):
        share(lan, at=NOON + 2 * DAY)
    with pytest.raises(ShareIsOff):
        disable_share(share=opened, reason="Spam", by=by, at=NOON + DAY)
    event = Event.objects.get(name="sharing.share_disabled")
    assert (event.subject_id, event.actor_id, event.data) == (
        opened.code, "qian", {"reason": "Spam"},
    )  # fmt: skip

    enable_share(share=opened, reason="A mistake", by=by, at=NOON + 2 * DAY)
    assert share(lan, at=NOON + 3 * DAY).disabled_at is None
    with pytest.raises(ShareIsOn):
        enable_share(share=opened, reason="Again", by=by, at=NOON + 3 * DAY)


def test_switching_needs_the_right_and_a_reason(lan: Member, qian: User) -> None:
    opened = share(lan)
    before = rows()
    with pytest.raises(PermissionMissing):
        disable_share(share=opened, reason="Spam", by=qian, at=NOON)
    with pytest.raises(PermissionMissing):
        enable_share(share=opened, reason="Spam", by=qian, at=NOON)
    by = give(qian, "change_share")
    with pytest.raises(ReasonRequired):
        disable_share(share=opened, reason=" ", by=by, at=NOON)
    with pytest.raises(ReasonRequired):
        enable_share(share=opened, reason=" ", by=by, at=NOON)
    assert rows() == before


@pytest.mark.slow
def test_the_policy_changes_on_record(db: None, qian: User) -> None:
    change_policy(share_days=90, by=qian, at=NOON)

    event = Event.objects.get(name="sharing.policy_changed")
    assert (event.before, event.after) == ({"share_days": None}, {"share_days": 90})
    for days in (0, 36_501):
        with pytest.raises(InvalidSharingPolicy):
            change_policy(share_days=days, by=qian, at=NOON)
    assert SharingPolicy.current().share_days == 90


@pytest.mark.slow
def test_labels_are_limited_a_day(lan: Member, bo: Member) -> None:
    for number in range(50):
        share(lan, label=f"{number}")
    before = rows()

    with pytest.raises(TooManyLabels):
        share(lan, label="one more")

    assert rows() == before
    assert share(lan, label="7").label == "7"
    assert share(lan).label == ""
    assert share(bo, label="one more").label
    assert share(lan, label="one more", at=NOON + 2 * DAY).label


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        {"code": "1234567890"}, {"target_kind": "home"}, {"target_id": "x"}, {"channel": "qq"},
        {"template": "t"}, {"created_at": NOON + DAY},
    ],
    ids=str,
)  # fmt: skip
def test_what_a_share_is_for_never_changes(lan: Member, change: dict[str, object]) -> None:
    share(lan)
    with pytest.raises(DatabaseError), transaction.atomic():
        Share.objects.update(**change)


def test_a_share_is_never_deleted(lan: Member) -> None:
    opened = share(lan)
    with pytest.raises(DatabaseError), transaction.atomic():
        opened.delete()


@pytest.mark.slow
@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "0000000000"}, {"code": "short"}, {"target_kind": "blog"}, {"channel": "fax"},
        {"target_kind": "product", "target_id": ""}, {"target_id": "x"}, {"template": "t"},
        {"expires_at": NOON},
    ],
    ids=str,
)  # fmt: skip
def test_the_database_refuses_a_wrong_share(lan: Member, wrong: dict[str, object]) -> None:
    right: dict[str, object] = {
        "member": lan, "target_kind": "recruit", "target_id": "", "channel": "chat",
        "created_at": NOON,
    }  # fmt: skip
    with pytest.raises(DatabaseError), transaction.atomic():
        Share.objects.bulk_create([Share(**right | wrong)])
