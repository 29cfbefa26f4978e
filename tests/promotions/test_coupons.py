"""A coupon is drafted, published and ended; a published one no longer changes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now

from common.errors import PermissionMissing, ReasonRequired
from common.status import WrongStatus
from events.models import Event
from members.models import User
from members.reviews import ReviewTooEarly
from promotions.models import Coupon
from promotions.services import (
    CouponNeedsTwoPeople,
    create_coupon,
    discard_coupon,
    edit_coupon,
    end_coupon,
    publish_coupon,
    terms_of,
)
from tests.cast import NOON, give, staff
from tests.promotions.coupons import LATER, coupon, draft, end, marketer, product, publisher, terms

pytestmark = pytest.mark.django_db


def names() -> list[str]:
    rows = Event.objects.filter(name__startswith="promotions.").order_by("pk")
    return [name.removeprefix("promotions.coupon_") for name in rows.values_list("name", flat=True)]


def test_a_coupon_has_the_terms_it_was_drafted_with() -> None:
    tea = product()
    values = terms(
        kind="percent", rate=2_000, most=3_000, scope="products", targets=[tea.pk], stock=100,
        per_member=2, is_claimable=True,
    )  # fmt: skip

    row = create_coupon(terms=values, by=marketer(), at=NOON)

    row.refresh_from_db()
    assert terms_of(row) == values
    assert (row.status, row.granted, row.created_by) == ("draft", 0, marketer())


def test_its_life_is_on_record() -> None:
    row = draft()
    edit_coupon(coupon=row, terms=terms(amount=6_000), by=marketer(), at=LATER)
    publish_coupon(coupon=row, by=publisher(), at=LATER)
    end_coupon(coupon=row, reason="over", by=marketer(), at=LATER)

    assert names() == ["drafted", "edited", "published", "ended"]
    edited = Event.objects.get(name="promotions.coupon_edited")
    assert (edited.before, edited.after) == ({"amount": 5_000}, {"amount": 6_000})
    assert Event.objects.get(name="promotions.coupon_ended").data["reason"] == "over"
    assert (row.status, row.published_at, row.ended_at) == ("ended", LATER, LATER)


def test_nobody_publishes_what_they_wrote() -> None:
    row = draft()
    editor = give(staff("Editor"), "change_coupon", "publish_coupon")
    edit_coupon(coupon=row, terms=terms(amount=6_000), by=editor, at=LATER)
    for author in (marketer(), editor):
        with pytest.raises(CouponNeedsTwoPeople):
            publish_coupon(coupon=row, by=author, at=LATER)
    row.refresh_from_db()
    assert (row.status, row.published_by, names()) == ("draft", None, ["drafted", "edited"])

    publish_coupon(coupon=row, by=publisher(), at=LATER)

    row.refresh_from_db()
    assert (row.status, row.published_by) == ("published", publisher())


def test_an_account_that_has_just_changed_does_not_publish() -> None:
    row, by = draft(), publisher()
    User.objects.filter(pk=by.pk).update(may_review_from=now() + timedelta(days=1))
    with pytest.raises(ReviewTooEarly):
        publish_coupon(coupon=row, by=by, at=LATER)
    row.refresh_from_db()
    assert row.status == "draft"


def test_saving_a_draft_as_it_is_records_nothing() -> None:
    row = draft()

    edit_coupon(coupon=row, terms=terms_of(row), by=marketer(), at=LATER)

    assert names() == ["drafted"]


def test_a_published_one_is_not_edited_discarded_or_published_again() -> None:
    row = coupon()
    by = marketer()

    for verb in (
        lambda: edit_coupon(coupon=row, terms=terms(amount=1), by=by, at=LATER),
        lambda: discard_coupon(coupon=row, by=by, at=LATER),
        lambda: publish_coupon(coupon=row, by=publisher(), at=LATER),
    ):
        with pytest.raises(WrongStatus):
            verb()

    row.refresh_from_db()
    assert (row.amount, row.published_at) == (5_000, NOON)
    assert names() == ["drafted", "published"]


def test_a_draft_is_not_ended_and_an_ended_one_stays() -> None:
    row = draft()
    with pytest.raises(WrongStatus):
        end(row)
    publish_coupon(coupon=row, by=publisher(), at=NOON)
    end(row)
    for verb in (lambda: end(row), lambda: publish_coupon(coupon=row, by=publisher(), at=LATER)):
        with pytest.raises(WrongStatus):
            verb()


def test_an_end_needs_a_reason() -> None:
    row = coupon()

    with pytest.raises(ReasonRequired):
        end_coupon(coupon=row, reason=" ", by=marketer(), at=LATER)

    row.refresh_from_db()
    assert row.status == "published"


def test_a_draft_is_discarded_on_record() -> None:
    row, by = draft(), marketer()

    discard_coupon(coupon=row, by=by, at=LATER)

    assert not Coupon.objects.exists()
    assert names() == ["drafted", "discarded"]
    event = Event.objects.get(name="promotions.coupon_discarded")
    assert (event.subject_id, event.data) == (row.public_id, {"name": row.name})
    assert (event.actor_id, event.at) == (by.username, LATER)


def test_each_step_needs_its_right(qian: User) -> None:
    row, published = draft(), coupon()
    for verb in (
        lambda: create_coupon(terms=terms(), by=qian, at=NOON),
        lambda: edit_coupon(coupon=row, terms=terms(amount=1), by=qian, at=NOON),
        lambda: discard_coupon(coupon=row, by=qian, at=NOON),
        lambda: publish_coupon(coupon=row, by=qian, at=NOON),
        lambda: end_coupon(coupon=published, reason="over", by=qian, at=NOON),
    ):
        with pytest.raises(PermissionMissing):
            verb()

    row.refresh_from_db()
    assert (row.status, row.amount, Coupon.objects.count()) == ("draft", 5_000, 2)
    assert names() == ["drafted", "drafted", "published"]
