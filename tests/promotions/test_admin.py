"""Operations draft a coupon in a form, publish it, give it and end it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from catalog.models import Category
from common import clock
from events.models import Event
from members.models import Member, User
from promotions.models import Coupon, CouponGrant
from promotions.services import terms_of
from tests.cast import LONG_AGO, give, member
from tests.promotions.coupons import (
    claimable,
    counts,
    coupon,
    draft,
    end,
    grant,
    product,
    use,
)
from tests.shop import get_order, ingest, open_shop, order

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PRESS = {"_form_submitted": "True"}
FORM = {
    "name": "新人券", "kind": "amount", "amount": "50", "rate": "", "most": "",
    "threshold": "199", "scope": "all", "validity": "days", "valid_days": "7", "valid_from": "",
    "valid_until": "", "stock": "", "per_member": "1",
}  # fmt: skip


def url(page: str, *args: Any, model: str = "coupon") -> str:
    return reverse(f"admin:promotions_{model}_{page}", args=args)


def post(client: Client, **fields: Any) -> Any:
    return client.post(url("add"), {**FORM, "_save": "", **fields})


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    found: dict[str, list[str]] = response.context["adminform"].form.errors
    return found


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


@pytest.fixture
def at() -> datetime:
    return clock.now()


def test_a_coupon_is_drafted_in_yuan_and_published(as_boss: Client, boss: User) -> None:
    saved = post(as_boss, amount="50.50", stock="100", is_claimable="on")
    row = Coupon.objects.get()

    assert saved["Location"] == url("change", row.pk)
    assert (row.amount, row.threshold, row.stock) == (5_050, 19_900, 100)
    assert (row.status, row.created_by) == ("draft", boss)
    own = as_boss.post(url("publish", row.pk), PRESS, follow=True)
    assert "须由其他人审核后发布" in own.content.decode()
    row.refresh_from_db()
    assert (row.status, row.published_by) == ("draft", None)
    colleague = User.objects.create_superuser("colleague", may_review_from=LONG_AGO)
    other = Client()
    other.force_login(colleague)
    other.post(url("publish", row.pk), PRESS)
    row.refresh_from_db()
    assert (row.status, row.published_by) == ("published", colleague)
    assert "新人券" in as_boss.get(url("changelist")).content.decode()


def test_what_a_choice_hides_is_not_saved(as_boss: Client) -> None:
    tea = product()
    hidden = {
        "amount": "nonsense", "valid_days": "0", "products": [tea.pk],
        "valid_from": "2026-12-01T00:00", "valid_until": "2026-12-31T23:59",
    }  # fmt: skip

    post(as_boss, kind="percent", rate="20", most="30", validity="dates", **hidden)

    row = Coupon.objects.get()
    assert (row.amount, row.rate, row.most) == (None, 2_000, 3_000)
    assert (row.valid_days, row.targets) == (None, [])
    assert row.valid_until is not None
    assert clock.format_moment(row.valid_until) == "2026-12-31 23:59"


def test_goods_are_chosen_by_name(as_boss: Client) -> None:
    tea, shelf = product(), Category.objects.create(code="food", name="食品")

    post(as_boss, scope="products", products=[tea.pk])
    post(as_boss, scope="categories", categories=[shelf.pk])

    chosen = list(Coupon.objects.order_by("pk").values_list("scope", "targets"))
    assert chosen == [("products", [tea.pk]), ("categories", [shelf.pk])]
    row = Coupon.objects.earliest("pk")
    assert "tea" in as_boss.get(url("change", row.pk)).content.decode()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"amount": "x"}, "amount"),
        ({"amount": ""}, "amount"),
        ({"kind": "percent", "rate": "101"}, "rate"),
        ({"kind": "percent", "rate": "0"}, "rate"),
        ({"kind": "percent", "rate": "20", "most": "0"}, "most"),
        ({"threshold": "49"}, "threshold"),
        ({"kind": "product"}, "scope"),
        ({"kind": "product", "scope": "products"}, "products"),
        ({"scope": "products"}, "products"),
        ({"scope": "products", "products": ["404"]}, "products"),
        ({"scope": "categories"}, "categories"),
        ({"valid_days": ""}, "valid_days"),
        ({"valid_days": "4000"}, "valid_days"),
        ({"validity": "dates", "valid_from": "2026-12-01T00:00"}, "valid_until"),
        (
            {"validity": "dates", "valid_from": "2026-12-02T00:00",
             "valid_until": "2026-12-01T00:00"},
            "valid_until",
        ),
        ({"stock": "0"}, "stock"),
        ({"per_member": "0"}, "per_member"),
        ({"per_member": "5", "stock": "4"}, "per_member"),
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_value_is_shown_beside_its_field(
    as_boss: Client, fields: dict[str, Any], wrong: str
) -> None:
    found = errors(post(as_boss, **fields))

    assert list(found) == [wrong]
    assert not Coupon.objects.exists()


def test_a_draft_is_edited_and_a_published_one_is_not(as_boss: Client) -> None:
    row = draft()

    assert as_boss.post(url("change", row.pk), {**FORM, "amount": "60"}).status_code == 302
    row.refresh_from_db()
    assert row.amount == 6_000

    published = coupon()
    assert as_boss.post(url("change", published.pk), FORM).status_code == 403
    assert as_boss.post(url("delete", published.pk), {"post": "yes"}).status_code == 403
    page = as_boss.get(url("change", published.pk)).content.decode()
    assert "_save" not in page
    assert "¥50" in page


def test_a_draft_is_deleted(as_boss: Client) -> None:
    row = draft()

    as_boss.post(url("delete", row.pk), {"post": "yes"})

    assert not Coupon.objects.exists()
    event = Event.objects.get(name="promotions.coupon_discarded")
    assert event.subject_id == row.public_id


@pytest.mark.parametrize(
    ("terms", "figures"),
    [
        ({"stock": 1_000}, ["1,000", "¥50.00", "¥50,000.00"]),
        ({}, ["∞", "¥50.00"]),
        ({"kind": "percent", "rate": 2_000}, ["∞", "∞"]),
    ],
)
def test_the_dialog_of_publishing_says_what_it_may_cost(
    as_boss: Client, terms: dict[str, Any], figures: list[str]
) -> None:
    row = draft(**terms)

    page = as_boss.get(url("publish", row.pk)).content.decode()

    for figure in figures:
        assert figure in page


def test_publishing_what_is_not_on_sale_stays_in_the_dialog(as_boss: Client) -> None:
    row = draft(scope="products", targets=[product(on_sale=False).pk])

    response = as_boss.post(url("publish", row.pk), PRESS)

    row.refresh_from_db()
    assert row.status == "draft"
    assert "HX-Redirect" not in response
    assert "上架" in response.content.decode()


def test_ending_needs_a_reason_and_a_tick(as_boss: Client, at: datetime) -> None:
    row = coupon()
    grant(row, member("Bo"), at=at)
    assert "1" in as_boss.get(url("end", row.pk)).content.decode()

    as_boss.post(url("end", row.pk), {**PRESS, "reason": "活动结束"})
    row.refresh_from_db()
    assert row.status == "published"

    as_boss.post(url("end", row.pk), {**PRESS, "reason": "活动结束", "_confirmed": "on"})
    row.refresh_from_db()
    assert row.status == "ended"


def test_a_copy_is_a_draft_with_the_same_terms(as_boss: Client) -> None:
    row = coupon(stock=9)

    as_boss.post(url("copy", row.pk), PRESS)

    copied = Coupon.objects.get(status="draft")
    assert terms_of(copied) == terms_of(row)


def test_a_coupon_is_given_by_hand(as_boss: Client, bo: Member) -> None:
    row = coupon()

    done = as_boss.post(url("give", row.pk), {"member": bo.public_id, "reason": "晚到"})
    again = as_boss.post(url("give", row.pk), {"member": bo.public_id, "reason": "晚到"})

    assert done["Location"] == url("change", row.pk)
    assert again.status_code == 200
    assert said(again)
    assert counts() == (1, 1)


def test_a_coupon_is_revoked_by_hand_and_a_used_one_stays(
    as_boss: Client, bo: Member, at: datetime
) -> None:
    row = coupon(per_member=2)
    unused, used = (grant(row, bo, key=f"award:a{n}:1", at=at) for n in (1, 2))
    use(used, at=at)

    for held in (unused, used):
        page = url("revoke", held.pk, model="coupongrant")
        assert as_boss.post(page, {**PRESS, "reason": "重复"})["HX-Redirect"]

    assert list(CouponGrant.objects.filter(revoked_at=None)) == [used]
    assert counts() == (1, 1)


def test_the_list_of_grants_is_filtered_and_found(
    as_boss: Client, bo: Member, chen: Member, at: datetime
) -> None:
    row = coupon()
    usable = grant(row, bo, at=at)
    used = grant(row, chen, key="award:a2:1", at=at)
    use(used, "M-77", at=at)
    old = grant(coupon(), bo, key="award:a3:1", at=at - timedelta(days=8))

    def listed(**query: Any) -> set[CouponGrant]:
        response = as_boss.get(url("changelist", model="coupongrant"), query)
        return set(response.context["cl"].result_list)

    assert listed() == {usable, used, old}
    assert listed(state="usable") == {usable}
    assert listed(state="expired") == {old}
    assert listed(state="nonsense") == {usable, used, old}
    assert listed(coupon__id__exact=row.pk) == {usable, used}
    assert listed(q="M-77") == {used}
    assert listed(q=chen.public_id) == {used}


def test_a_person_page_shows_their_coupons(as_boss: Client, bo: Member, at: datetime) -> None:
    grant(coupon(), bo, at=at)
    panel = reverse("admin:members_member_panel", args=[bo.pk, "coupons"])

    page = as_boss.get(panel).content.decode()

    assert "新人券" in page
    assert "¥50" in page


def test_the_page_of_a_coupon_counts_what_became_of_it(
    as_boss: Client, bo: Member, chen: Member, at: datetime
) -> None:
    row = claimable(stock=10)
    use(grant(row, bo, at=at), at=at)
    grant(row, chen, key="award:a2:1", at=at)

    page = as_boss.get(url("change", row.pk)).content.decode()

    assert "50.0%" in page
    assert "Chen" in page


def test_the_timeline_of_a_person_names_their_coupons(
    as_boss: Client, bo: Member, at: datetime
) -> None:
    use(grant(coupon(), bo, at=at), "M-77", at=at)
    panel = reverse("admin:members_member_panel", args=[bo.pk, "timeline"])

    page = as_boss.get(panel).content.decode()

    assert "领到优惠券 · 新人券" in page
    assert "使用优惠券 · 新人券 · M-77" in page


def test_the_page_of_an_order_shows_the_coupon_that_it_used(
    as_boss: Client, bo: Member, at: datetime
) -> None:
    open_shop()
    ingest(order(bo, number="O-1"), order(bo, number="O-2"))
    use(grant(coupon(), bo, at=at), "O-1", at=at)

    pages = [
        as_boss.get(reverse("admin:orders_order_change", args=[get_order(number).pk]))
        for number in ("O-1", "O-2")
    ]

    assert ["新人券" in page.content.decode() for page in pages] == [True, False]


def test_coupons_are_found_in_the_palette(as_boss: Client) -> None:
    row = draft(name="双十一大促")

    for term in ("十一", row.public_id.upper()):
        page = as_boss.get(reverse("backoffice_find"), {"q": term}).content.decode()
        assert url("change", row.pk) in page, term


def live(client: Client, **fields: Any) -> str:
    response = client.post(url("check"), {**FORM, **fields})
    assert response.status_code == 200
    return str(response.content.decode())


def test_the_coupon_is_shown_while_it_is_typed(as_boss: Client) -> None:
    page = live(as_boss)
    assert "新人券" in page
    assert "满 ¥199" in page
    assert "¥149" in page  # what goods for 199 cost with it

    tea = product()
    page = live(as_boss, kind="percent", rate="12.5", scope="products", products=[tea.pk])
    assert "8.75 折" in page
    assert "tea" in page
    assert not Coupon.objects.exists()


def test_what_it_lacks_is_said_while_it_is_typed(as_boss: Client) -> None:
    page = live(as_boss, amount="", valid_days="")

    assert "co-errors" in page
    assert "co-ticket" not in page


def test_only_those_who_may_draft_see_it(as_qian: Client) -> None:
    assert as_qian.post(url("check"), FORM).status_code == 403


def test_rights_decide_who_may_do_what(as_qian: Client, qian: User, bo: Member) -> None:
    row, published = draft(), coupon()
    give(qian, "view_coupon")
    pages = [
        ("publish", row, PRESS), ("end", published, PRESS), ("copy", row, PRESS),
        ("give", published, {"member": bo.public_id, "reason": "x"}),
    ]  # fmt: skip

    for page, of, data in pages:
        as_qian.post(url(page, of.pk), data)
        assert as_qian.get(url("change", of.pk)).status_code == 200

    end_state = [Coupon.objects.get(pk=one.pk).status for one in (row, published)]
    assert end_state == ["draft", "published"]
    assert counts() == (0, 0)
    assert Coupon.objects.count() == 2


def test_an_ended_coupon_offers_only_a_copy(as_boss: Client) -> None:
    row = coupon()
    end(row)

    page = as_boss.get(url("change", row.pk)).content.decode()

    assert url("copy", row.pk) in page
    for name in ("publish", "end", "give"):
        assert url(name, row.pk) not in page
