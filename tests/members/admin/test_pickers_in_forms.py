"""Forms of the back office take people by name, and refusals keep what was typed."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from distribution.admin.bindings import OUTCOMES
from distribution.models import Binding, Distributor
from members.models import Member
from tests.distribution.people import rows, upline
from tests.shop import distributor, make_referral

pytestmark = pytest.mark.django_db


@pytest.fixture
def bound(bo: Member, lan: Member, mei: Member) -> Binding:
    """Bo is bound to Lan; Mei is another distributor."""
    distributor(lan)
    distributor(mei)
    make_referral(lan, bo)
    return Binding.objects.get(member=bo)


def press(client: Client, button: str, row: Binding | Distributor, **values: str) -> object:
    url = reverse(f"admin:distribution_{button}", args=[row.pk])
    return client.post(url, {"_form_submitted": "True", **values})


@pytest.mark.slow
@pytest.mark.django_db
def test_the_new_upline_is_picked_by_name_code_or_id(
    as_boss: Client, bound: Binding, bo: Member, mei: Member, lan: Member
) -> None:
    codes = {row.member_id: row.code for row in Distributor.objects.all()}
    for text, name in (
        ("Mei", "Mei"), (codes[lan.pk], "Lan"), (codes[mei.pk].upper(), "Mei"),
        (lan.distributor.public_id.upper(), "Lan"),
    ):  # fmt: skip
        binding = Binding.objects.running().get(member=bo)
        Binding.objects.filter(pk=binding.pk).update()
        answer = press(as_boss, "binding_move", binding, code=text, reason="本人要求")
        assert "HX-Redirect" in answer.headers, answer.content.decode()
        assert upline(bo) == name


def test_a_refusal_stays_in_the_dialog_with_what_was_typed(
    as_boss: Client, bound: Binding, bo: Member
) -> None:
    before = rows()
    answer = press(as_boss, "binding_move", bound, code="Lan", reason="想换一个")
    shown = answer.content.decode()
    assert "HX-Redirect" not in answer.headers
    assert 'value="想换一个"' in shown
    assert str(OUTCOMES["same_upline"]) in shown
    assert rows() == before


def test_a_part_of_a_name_is_refused_with_a_proposal(as_boss: Client, bound: Binding) -> None:
    before = rows()
    answer = press(as_boss, "binding_move", bound, code="Me", reason="本人要求")
    assert "请从列表中选择" in answer.content.decode()
    assert rows() == before


@pytest.mark.parametrize(
    ("current", "back"),
    [
        ("http://testserver/admin/members/member/7/change/?x=1", "/admin/members/member/7/change/"),
        ("http://evil.example/admin/members/member/7/change/", ""),
        ("http://testserver/elsewhere/change/", ""),
        ("", ""),
    ],
)
def test_a_button_leads_back_to_the_page_it_was_pressed_on(
    as_boss: Client, bound: Binding, current: str, back: str
) -> None:
    url = reverse("admin:distribution_binding_leave", args=[bound.pk])
    answer = as_boss.post(
        url, {"_form_submitted": "True", "reason": "本人要求"}, headers={"HX-Current-URL": current}
    )
    own = reverse("admin:distribution_binding_change", args=[bound.pk])
    assert answer.headers["HX-Redirect"] == (back or own)


def test_pages_show_the_name_behind_an_id(as_boss: Client, chen: Member) -> None:
    page = reverse("admin:distribution_binding_assign")
    shown = as_boss.get(page, {"member": chen.public_id}).content.decode()
    assert "Chen" in shown
    assert f'value="{chen.public_id}"' in shown


@pytest.mark.parametrize(
    "name",
    [
        "closing_adjustment_propose",
        "closing_treasurydocument_write_off",
        "ledger_period_statement",
        "members_membermerge_propose",
        "distribution_binding_assign",
    ],
)
def test_forms_about_a_member_have_a_picker(as_boss: Client, name: str) -> None:
    shown = as_boss.get(reverse(f"admin:{name}")).content.decode()
    assert reverse("backoffice_pick", args=["members"]) in shown
    assert "完整编号" not in shown
