"""The dialogs of distributors and bindings say in numbers what they touch, and ask again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from backoffice.impacts import Effect, effects
from distribution.models import Binding, Distributor
from distribution.services import change_status
from members.models import Member, User
from tests.cast import NOON, member
from tests.distribution.people import REASON, rows
from tests.reports.folding import fold_all
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    distributor,
    ingest,
    make_referral,
    open_shop,
    order,
    settle_all,
)
from tests.withdrawals import factories

pytestmark = pytest.mark.django_db
DISTRIBUTOR, BINDING = "distribution.distributor", "distribution.binding"
AT = PLACED + DAY
PRESS = {"_form_submitted": "True", "reason": REASON}


@pytest.fixture
def lan(db: None) -> Distributor:
    """Mei is above Lan, who has Bo and Chen; Bo has bought for 109.90."""
    bo = open_shop()
    own = Distributor.objects.get(member__nickname="Lan")
    make_referral(own.member, member("Chen"))
    ingest(order(bo))
    fold_all()
    return own


def shown(button: str, row: Any, at: datetime = AT) -> list[str]:
    with translation.override("en"):
        return [f"{effect.figure} {effect.text}" for effect in effects(button, row, at=at)]


def url(row: Any, button: str) -> str:
    return reverse(f"admin:distribution_{row._meta.model_name}_{button}", args=[row.pk])


def test_a_suspension_stops_pay_for_new_orders(lan: Distributor) -> None:
    assert shown(f"{DISTRIBUTOR}.suspend", lan) == [
        (
            "2 members bound to them and staying so. Tier 1 of new orders is not paid, and nobody"
            " moves up."
        ),
        "¥109.90 sold in the last 30 days (1 order): such orders no longer pay them.",
        "¥10.99 of commission is not credited yet, and is still credited when it is due.",
    ]


def test_a_freeze_also_holds_commission_wallet_and_withdrawal(lan: Distributor) -> None:
    later = PLACED + 3 * DAY + WEEK
    ingest(order(member("Chen"), number="O-2", received=True))
    settle_all(at=later)
    fold_all()

    texts = shown(f"{DISTRIBUTOR}.freeze", lan, later + 2 * DAY)

    assert "¥10.99 of commission is not credited yet, and waits until they are unfrozen." in texts
    assert "¥10.99 in the wallet cannot be withdrawn while frozen." in texts


def test_an_open_withdrawal_is_named(lan: Distributor) -> None:
    mei = factories.ready(member("Mei"), 1_000 * factories.YUAN)
    factories.asked(mei, 300 * factories.YUAN)
    own = Distributor.objects.get(member=mei)

    assert "¥300.00 in an open withdrawal: it is not paid while frozen." in shown(
        f"{DISTRIBUTOR}.freeze", own, factories.NOW
    )
    assert "¥300.00 in an open withdrawal goes on as usual." in shown(
        f"{DISTRIBUTOR}.exit", own, factories.NOW
    )


def test_an_exit_ends_bindings_and_loses_tier_2(lan: Distributor) -> None:
    mei = Distributor.objects.get(member__nickname="Mei")

    texts = shown(f"{DISTRIBUTOR}.exit", mei)

    assert "1 member without an upline at once: new orders pay nobody." in texts
    assert "2 members of tier 2: out of this team, and still with their own upline." in texts


def test_an_activation_pays_again(lan: Distributor, qian: User) -> None:
    change_status(
        distributor=lan, to=Distributor.Status.FROZEN, by=qian, at=NOON + DAY, reason=REASON
    )

    assert shown(f"{DISTRIBUTOR}.activate", lan) == [
        "2 members bound to them: new orders pay again."
    ]


def test_a_change_of_upline_says_what_stays_and_what_moves(lan: Distributor) -> None:
    of_lan = Binding.objects.get(member=lan.member)
    of_bo = Binding.objects.get(member=member("Bo"))

    assert shown(f"{BINDING}.move", of_lan) == [
        "2 members in this member's own team: no longer in tier 2 of Mei.",
        "¥109.90 sold by this member in the last 30 days: tier 2 of such orders leaves Mei.",
    ]
    assert shown(f"{BINDING}.leave", of_bo) == [
        "1 order placed before: nothing changes for their commissions.",
        "¥10.99 of commission for these orders is still to be credited to Lan.",
    ]


def test_without_anything_to_touch_nothing_is_said(mei: Member) -> None:
    own = distributor(mei)

    for button in ("activate", "suspend", "freeze", "exit"):
        assert effects(f"{DISTRIBUTOR}.{button}", own, at=AT) == []


@pytest.mark.parametrize(("button", "status"), [("freeze", "frozen"), ("exit", "exited")])
def test_a_dangerous_button_is_red_and_asks_again(
    as_boss: Client, lan: Distributor, button: str, status: str
) -> None:
    before = rows()
    dialog = as_boss.get(url(lan, button)).content.decode()
    assert "tt-impact tt-danger" in dialog
    assert "tt-button-danger" in dialog

    answer = as_boss.post(url(lan, button), PRESS)

    assert "HX-Redirect" not in answer.headers
    assert rows() == before
    assert REASON in answer.content.decode()  # what was typed is kept
    confirmed = as_boss.post(url(lan, button), {**PRESS, "_confirmed": "on"})
    assert "HX-Redirect" in confirmed.headers
    lan.refresh_from_db()
    assert lan.status == status


def test_opening_a_dialog_changes_nothing(as_boss: Client, lan: Distributor) -> None:
    before = rows()
    binding = Binding.objects.get(member=lan.member)
    for row, button in ((lan, "suspend"), (lan, "freeze"), (lan, "exit"), (binding, "move")):
        page = as_boss.get(url(row, button), headers={"accept-language": "en"}).content.decode()
        assert "What this touches" in page
    assert rows() == before


def test_effects_are_values() -> None:
    assert Effect("48", "members") == Effect("48", "members")
