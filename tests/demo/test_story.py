"""The demo tells what is in its database, whenever it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import translation

from closing.models import ProviderStatement
from common.clock import format_moment
from demo import story
from demo.seed import seed
from ledger.proof import differences
from members.models import Member
from tests.cast import NOON
from tests.shop import WEEK, settle_all, wallet_balance

pytestmark = [pytest.mark.django_db, pytest.mark.one_transaction, pytest.mark.slow]


@pytest.fixture(params=["en", "zh-hans"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    with translation.override(request.param):
        yield request.param


def scene(number: int) -> list[str]:
    """Its lines; the next scene's first line ends it."""
    lines = list(story.report_lines())
    start = next(n for n, line in enumerate(lines) if line.startswith(f"{number}. "))
    end = next(n for n, line in enumerate(lines) if line.startswith(f"{number + 1}. "))
    return lines[start:end]


def test_without_the_demos_shop_nothing_is_told() -> None:
    assert list(story.report_lines()) == []


def test_it_is_told_in_both_languages_and_the_books_agree(language: str) -> None:
    seed(at=NOON)

    report_lines = "\n".join(story.report_lines())

    assert ("故事" in report_lines) == (language == "zh-hans")
    assert "%(" not in report_lines
    assert differences() == []


def test_what_was_taken_back_is_told_with_whom_how_much_and_why(in_english: None) -> None:
    seed(at=NOON)
    opening = NOON - timedelta(days=50)
    credited = format_moment(opening + timedelta(days=21))
    back = format_moment(opening + timedelta(days=25, hours=2))

    because = f"credited on {credited}, but on {back} refund D-R2 gave the buyer 128.00 yuan back"
    assert scene(4)[1:] == [
        "   tier 1: 兰 0.00 of 10.24 yuan, void",
        "   tier 2: 梅 0.00 of 3.84 yuan, void",
        f"   10.24 yuan were taken back from 兰: {because}",
        f"   3.84 yuan were taken back from 梅: {because}",
    ]


def test_weeks_later_the_last_order_is_told_as_it_is_by_then(in_english: None) -> None:
    seed(at=NOON)
    received = NOON - timedelta(days=1)
    first = (
        f"5. 波 received D-1005 on {format_moment(received)}: protected until"
        f" {format_moment(received + WEEK)}, then credited."
    )
    assert scene(5) == [
        first,
        "   tier 1: 兰 29.90 of 29.90 yuan, protected",
        "   tier 2: 梅 14.95 of 14.95 yuan, protected",
    ]
    before = wallet_balance(Member.objects.get(nickname="兰"))

    settle_all(at=NOON + 3 * WEEK)
    seed(at=NOON + 3 * WEEK)

    assert scene(5) == [
        first,
        "   tier 1: 兰 29.90 of 29.90 yuan, credited",
        "   tier 2: 梅 14.95 of 14.95 yuan, credited",
    ]
    assert wallet_balance(Member.objects.get(nickname="兰")) == before + 2_990


def test_the_payouts_are_told_and_the_controls_are_green(in_english: None) -> None:
    seed(at=NOON)

    assert [line.strip() for line in scene(10)[1:]][-1] == "It is paid now."
    assert "different people" in scene(12)[0]
    report_lines = list(story.report_lines())
    [begins] = [place for place, line in enumerate(report_lines) if line.startswith("13. ")]
    assert str(ProviderStatement.objects.latest("day").day) in report_lines[begins]
    [ends] = [place for place, line in enumerate(report_lines) if line.startswith("14. ")]
    controls = report_lines[begins + 1 : ends]
    assert len(controls) > 5
    assert [line for line in controls if "✗" in line] == []


def test_incentives_are_told_with_what_each_got(in_english: None) -> None:
    seed(at=NOON)

    lines = [line.strip() for line in story.report_lines()]
    assert {
        "兰: ¥10.00 in cash, granted",
        "波: ¥10.00 in cash, granted",
        "波: the coupon “Coupon for new buyers”, granted",
        "晨: the coupon “Coupon for new buyers”, granted",
        "兰: ¥100.00 in cash, granted",
    } <= set(lines)
    assert any(line.startswith("波: ¥49.4") for line in lines), "a prize is limited by the orders"
    (level,) = [line for line in lines if line.startswith("16. ")]
    assert "457.70 yuan: 兰 rises to 银牌." in level
