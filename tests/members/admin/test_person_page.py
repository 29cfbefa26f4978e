"""The page of a person gathers what all rooms know, for those who may see it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backoffice import panels
from commissions.services import open_claim
from distribution.models import Distributor
from distribution.services import change_status
from members.models import Member, User
from members.profiles import save_phone
from orders.snapshots import OrderSnapshot
from tests.cast import NOON, give, member, staff
from tests.members.admin.merging import merge
from tests.shop import DAY, PLACED, WEEK, ingest, open_shop, order, settle_all

pytestmark = pytest.mark.django_db
NUMBER = "13812345678"
EVERYTHING = ("view_member", "view_binding", "view_distributor", "view_order", "view_commission",
              "view_claim", "view_withdrawal", "view_hold")  # fmt: skip


@pytest.fixture
def bo() -> Member:
    """Bo has bought one order; Lan and Mei have earned on it."""
    buyer = open_shop()
    ingest(order(buyer, received=True))
    settle_all(at=PLACED + 3 * DAY + WEEK)
    return buyer


@pytest.fixture
def lan(bo: Member) -> Member:
    return Member.objects.get(nickname="Lan")


def url(person: Member) -> str:
    return reverse("admin:members_member_change", args=[person.pk])


def page(client: Client, person: Member) -> str:
    return client.get(url(person)).content.decode()


def panel(client: Client, person: Member, name: str) -> str:
    address = reverse("admin:members_member_panel", args=[person.pk, name])
    return client.get(address).content.decode()


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_all_rooms_have_their_panels_in_the_order_of_the_work() -> None:
    wanted = [
        "who", "upline", "distributor", "level", "wallets", "totals", "bought", "sold",
        "commissions", "withdrawals", "claims", "risk", "notes", "timeline",
    ]  # fmt: skip
    names = [row.name for row in panels.of_model("members.member")]
    assert [name for name in wanted if name in names] == wanted
    assert names.index("wallets") < names.index("bought") < names.index("timeline")


@pytest.mark.slow
def test_the_page_says_who_the_upline_is_and_until_when_it_can_change(
    as_boss: Client, bo: Member, lan: Member
) -> None:
    shown = words(page(as_boss, bo))
    assert "Lan" in shown
    assert url(lan) in page(as_boss, bo)
    for label in ("上级", "上级的上级（二级） Mei", "可更换", "首次推荐人"):
        assert label in shown


@pytest.mark.slow
def test_a_distributor_has_buttons_figures_and_a_code(
    as_boss: Client, bo: Member, lan: Member
) -> None:
    html = page(as_boss, lan)
    distributor = Distributor.objects.get(member=lan)
    assert distributor.code in html
    for button in ("suspend", "freeze", "exit", "set_segment"):
        name = f"admin:distribution_distributor_{button}"
        assert reverse(name, args=[distributor.pk]) in html
    shown = words(html)
    assert "¥10.99" in shown  # 10 % of a mask is credited
    assert "直推销售额 ¥109.90" in shown


def test_orders_lead_to_who_is_paid(as_boss: Client, bo: Member, lan: Member) -> None:
    bought = words(panel(as_boss, bo, "bought"))
    assert "O-1" in bought
    assert bought.index("Lan") < bought.index("Mei")  # tier 1 comes first
    sold = words(panel(as_boss, lan, "sold"))
    assert "O-1" in sold
    assert "¥10.99" in sold
    assert "计算说明" in panel(as_boss, lan, "commissions")


@pytest.mark.slow
def test_a_buyer_has_no_panels_of_a_distributor(as_boss: Client, bo: Member) -> None:
    assert panel(as_boss, bo, "sold") == ""
    assert "不是分销员" in page(as_boss, bo)


def test_the_timeline_names_people(as_boss: Client, bo: Member, lan: Member) -> None:
    feng = staff("Feng")
    feng.last_name, feng.first_name = "冯", "会计"
    feng.save()
    change_status(
        distributor=lan.distributor, to=Distributor.Status.FROZEN, reason="查账", by=feng, at=PLACED
    )
    open_claim(member=lan, order_no="O-404", reason="missing", text="少一单", at=PLACED)
    shown = words(panel(as_boss, lan, "timeline"))
    assert "分销员状态 · 已冻结 · 查账" in shown or "分销员状态 · 冻结 · 查账" in shown
    for text in ("冯会计", "绑定上级 · Mei", "提出申诉 · O-404", "加入"):
        assert text in shown
    assert "feng" not in shown


def test_claims_and_risk_say_when_there_is_nothing(as_boss: Client, bo: Member) -> None:
    assert "没有申诉" in panel(as_boss, bo, "claims")
    assert "从未被拦截" in panel(as_boss, bo, "risk")
    assert "从未提现" in panel(as_boss, bo, "withdrawals")


@pytest.mark.slow
def test_the_phone_number_is_masked_until_a_reason_is_given(
    as_qian: Client, qian: User, bo: Member
) -> None:
    save_phone(member=bo, number=NUMBER, at=NOON)
    give(qian, "view_member")
    unmask = reverse("admin:members_member_unmask_phone", args=[bo.pk])
    assert "138****5678" in page(as_qian, bo)
    assert unmask not in page(as_qian, bo)
    assert as_qian.post(unmask, {"reason": "回访"}).status_code == 403
    give(qian, "unmask_contact")
    assert unmask in page(as_qian, bo)
    assert NUMBER not in as_qian.get(unmask).content.decode()
    assert NUMBER not in as_qian.post(unmask, {"reason": ""}).content.decode()
    answer = as_qian.post(unmask, {"reason": "回访"})
    assert NUMBER in answer.content.decode()
    assert url(bo) in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.slow
def test_money_and_people_need_their_rights(as_qian: Client, qian: User, lan: Member) -> None:
    give(qian, "view_member")
    shown = page(as_qian, lan)
    for name in ("upline", "distributor", "wallets", "totals", "bought", "withdrawals", "risk"):
        assert f'id="panel-{name}"' not in shown
    give(qian, *EVERYTHING)
    assert 'id="panel-wallets"' in page(as_qian, lan)
    # No buttons without the rights to press them.
    assert (
        "distribution/distributor"
        not in page(as_qian, lan).split("panel-distributor")[1].split("tt-more")[0]
    )


@pytest.mark.slow
def test_a_merged_member_leads_to_the_survivor(as_boss: Client, bo: Member, chen: Member) -> None:
    shown = page(as_boss, merge(chen, into=bo))
    assert "已并入" in shown
    assert url(bo) in shown
    assert url(chen) in page(as_boss, bo)
    assert "O-1" in panel(as_boss, bo, "bought")


@pytest.mark.slow
def test_a_nickname_is_never_read_as_html(as_boss: Client, bo: Member, lan: Member) -> None:
    for person in (bo, lan):
        Member.objects.filter(pk=person.pk).update(nickname="<script>alert(1)</script>")
    for html in (
        page(as_boss, bo), panel(as_boss, bo, "bought"), panel(as_boss, lan, "sold"),
        panel(as_boss, lan, "timeline"),
    ):  # fmt: skip
        assert "<script>alert" not in html


def test_the_page_offers_to_bind_and_to_enrol(as_boss: Client, chen: Member) -> None:
    shown = page(as_boss, chen)
    assert f"{reverse('admin:distribution_binding_assign')}?member={chen.public_id}" in shown
    assert f"{reverse('admin:distribution_distributor_add')}?member={chen.pk}" in shown


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def grow(bo: Member, lan: Member, again: OrderSnapshot, numbers: range) -> None:
    """Let Bo buy more, Lan claim more, and more members be merged into Bo."""
    for number in numbers:
        ingest(replace(again, number=f"O-{number}"))
        open_claim(member=lan, order_no=f"X-{number}", reason="missing", text="少一单", at=PLACED)
    for number in numbers:
        merge(member(f"Extra {number}"), into=bo)


@pytest.mark.slow
def test_more_rows_need_no_more_queries(as_boss: Client, bo: Member, lan: Member) -> None:
    names = [row.name for row in panels.of_model("members.member")]
    addresses = [url(bo), url(lan)] + [
        reverse("admin:members_member_panel", args=[person.pk, name])
        for person in (bo, lan)
        for name in names
    ]
    again = order(bo, received=True)
    grow(bo, lan, again, range(2, 4))
    few = [queries(as_boss, address) for address in addresses]
    grow(bo, lan, again, range(4, 12))
    many = [queries(as_boss, address) for address in addresses]
    grown = {
        address: (before, after)
        for address, before, after in zip(addresses, few, many, strict=True)
        if after > before
    }
    assert grown == {}
    assert max(many) <= 45
