"""Members read what incentives gave them, and both sides of a referral how far it is."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.utils import translation

from distribution.models import Distributor
from distribution.services import change_status
from incentives.models import Award, Metric, PeriodKind, Version
from members.models import Member, User
from notices import followers, texts
from notices.models import Notice
from notices.scenes import fields_of
from tests.api.phone import Phone
from tests.cast import member
from tests.incentives.offers import reward
from tests.incentives.present import (
    DAY,
    MASK,
    campaign,
    completed,
    friends,
    now,
    open_shop,
    paid,
    put,
)
from tests.shop import make_referral, refund, with_refund

pytestmark = pytest.mark.django_db
KINDS = (
    "award_granted", "award_held", "award_refused", "award_taken_back", "friend_ordered",
    "first_order_counts",
)  # fmt: skip


@pytest.fixture
def bo(db: None) -> Member:
    return open_shop()


@pytest.fixture
def lan(bo: Member) -> Member:
    return Member.objects.get(nickname="Lan")


def ten_yuan(**terms: object) -> Version:
    return campaign(
        metric=Metric.OWN_ORDERS, period=PeriodKind.EACH, reach=Version.Reach.EACH,
        **{"name": "Ten yuan", "rewards": [reward(1_000)], **terms},
    )  # fmt: skip


def told(who: Member) -> list[tuple[str, str]]:
    """Return kind and body of a member's notices about incentives, the first one first."""
    rows = Phone(who).get("/notices", page_size=100).json()["results"]
    return [(row["kind"], row["body"]) for row in reversed(rows) if row["kind"] in KINDS]


def test_an_award_is_told_with_what_it_gave(bo: Member, lan: Member) -> None:
    ten_yuan()
    put(completed(bo))

    assert told(lan) == [("award_granted", "“Ten yuan”: you got ¥10.00 in cash.")]
    assert told(bo) == []
    (row,) = Phone(lan).get("/notices").json()["results"][:1]
    assert row["target"] == {"kind": "award", "id": Award.objects.get().public_id}


def test_what_was_taken_back_is_told(bo: Member, lan: Member) -> None:
    ten_yuan()
    order = completed(bo)
    put(order)
    put(with_refund(order, refund(MASK, quantity=1, at=now() - 12 * DAY)))

    assert told(lan)[1:] == [
        (
            "award_taken_back",
            "“Ten yuan”: goods that counted were refunded, so ¥10.00 in cash was taken back.",
        )
    ]


def test_a_used_up_budget_is_told(bo: Member, lan: Member) -> None:
    ten_yuan(budget_awards=1)
    put(completed(bo))
    put(completed(bo, "O-2"))

    assert told(lan)[1:] == [
        (
            "award_refused",
            "“Ten yuan”: you reached ¥10.00 in cash, but it is not given. Your rewards say why.",
        )
    ]


def test_an_award_on_hold_is_told(bo: Member, lan: Member, qian: User) -> None:
    ten_yuan()
    change_status(
        distributor=lan.distributor,
        to=Distributor.Status.FROZEN,
        by=qian,
        at=now() - DAY,
        reason="Checked.",
    )
    put(completed(bo))

    ((kind, body),) = told(lan)
    assert kind == "award_held"
    assert body.startswith("“Ten yuan”: ¥10.00 in cash is on hold.")


@pytest.fixture
def friend(lan: Member) -> Member:
    """Return Chen, whom Lan referred yesterday."""
    chen = member("Chen")
    make_referral(lan, chen, at=now() - DAY)
    return chen


def test_both_sides_are_told_that_the_first_order_counts(friend: Member, lan: Member) -> None:
    version = friends(name="Friends")
    put(paid(friend, "O-1"))
    put(paid(friend, "O-3"))

    assert told(lan) == [
        (
            "friend_ordered",
            (
                "“Friends”: a friend whom you brought has ordered. The order counts when it is"
                " completed."
            ),
        )
    ]
    assert told(friend) == [
        (
            "first_order_counts",
            (
                "“Friends”: your first order counts. You get ¥5.00 of store credit when it is"
                " completed."
            ),
        )
    ]
    (row,) = Notice.objects.filter(kind="first_order_counts")
    assert (row.target, row.target_id) == ("incentive", version.incentive.public_id)


def test_a_friend_who_gets_nothing_is_told_nothing(friend: Member, lan: Member) -> None:
    friends(rewards=[reward(1_000, asset="store_credit")])
    put(paid(friend))

    assert [kind for kind, _body in told(lan)] == ["friend_ordered"]
    assert told(friend) == []


def test_an_order_that_is_completed_at_once_is_told_by_its_awards(bo: Member, lan: Member) -> None:
    friends()
    put(completed(bo))

    assert [kind for kind, _body in told(lan)] == ["award_granted"]
    assert [kind for kind, _body in told(bo)] == ["award_granted"]


def test_a_repeated_delivery_tells_once(bo: Member, lan: Member) -> None:
    ten_yuan()
    put(completed(bo))
    notice = Notice.objects.get(kind="award_granted")

    assert notice.event
    followers.tell_of_awards([notice.event])

    assert Notice.objects.filter(kind="award_granted").count() == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "coupon", "name": "新人券"}, "新人券"),
        ({"kind": "gift", "name": "面膜"}, "面膜"),
        ({"kind": "level", "name": "金牌", "days": 30}, "金牌"),
        ({"kind": "boost", "rate": 15_000, "days": 7}, "1.5"),
        ({"kind": "factor", "rate": 20_000, "days": 7}, "2"),
        ({"kind": "amount", "asset": "points", "amount": 20}, "20"),
        ({"kind": "percent", "asset": "cash", "rate": 500, "most": 1_000}, "5%"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_kind_of_reward_has_words(
    fields: dict[str, object], words: str, language: str
) -> None:
    notice = Notice(kind="award_granted", data={"incentive": "I", "reward": [fields]})

    with translation.override(language):
        body = texts.body(notice)

    assert words in body
    assert ("you got" in body) == (language == "en")


def test_a_subscribe_message_says_it_in_chinese(settings: LazySettings) -> None:
    settings.WECHAT_TEMPLATE_FIELDS = {"award_granted": ["thing1", "phrase2"]}
    notice = Notice(kind="award_granted", data={}, at=now())

    assert fields_of(notice) == {"thing1": "您获得一份活动奖励", "phrase2": "已发放"}
