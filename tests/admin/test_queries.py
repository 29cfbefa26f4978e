"""A list costs as many queries with thirty rows as with one, and counts no large table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from catalog.models import Category, Product, ProductPicture, Sku
from events.declarations import EventType
from events.services import record
from ledger import services as ledger
from ledger.chart import Asset, Kind, Reason
from members.models import MemberGrade, Tag, User
from tests.admin.pages import PAGES, name, url
from tests.cast import NOON, member, staff
from tests.databases import cloned, using

pytestmark = pytest.mark.slow

LARGE = {
    "backoffice.export", "backoffice.import",
    "members.member", "ledger.account", "ledger.transfer", "events.event", "events.delivery",
    "distribution.application", "distribution.binding", "distribution.distributor",
    "distribution.referral", "distribution.purchasetotals", "orders.order", "orders.refund",
    "orders.orderconflict", "commissions.conflictacceptance", "commissions.claim",
    "commissions.commissionchange", "commissions.commission", "commissions.duecredit",
    "commissions.commissionhold", "commissions.settlement", "risk.assessment", "risk.case",
    "risk.hold",
    "withdrawals.withdrawal", "withdrawals.attempt", "withdrawals.manualresolution",
    "withdrawals.evidence", "withdrawals.taxentry", "withdrawals.payee",
    "withdrawals.payoutauthorization", "withdrawals.payoutbatch", "withdrawals.person",
    "closing.statementline",
    "closing.providerstatement", "closing.difference", "closing.treasurydocument",
    "closing.adjustment", "closing.payroll", "ledger.period", "alarms.alarm",
    "incentives.gifttask", "incentives.periodclosing", "incentives.proof",
    "materials.coursereading", "webhooks.webhookdelivery", "catalog.productpicture",
    "sharing.share", "sharing.visit", "sharing.homepage",
    "sharing.miniprogramcode", "reports.sharefigures", "posters.poster",
    "notices.notice", "notices.message", "promotions.coupongrant", "incentives.award",
    "incentives.distributorlevel", "incentives.levelreview", "incentives.levelwarning",
    "incentives.levelpin",
}  # fmt: skip


def queries(client: Client, page: Any) -> list[str]:
    client.get(url(page, "changelist"))
    with CaptureQueriesContext(connection) as seen:
        client.get(url(page, "changelist"))
    return [query["sql"] for query in seen]


@pytest.fixture(scope="module")
def crowded(kept: str, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The shop with thirty rows more in each list that people fill; the name of its database."""
    with django_db_blocker.unblock(), using(kept), cloned("crowded") as name:
        with using(name), override_settings(FLOWS="tests.admin.flows"):
            _thirty_more()
        yield name


@transaction.atomic
def _thirty_more() -> None:
    shelf = Category.objects.create(code="many", name="许多")
    for number in range(30):
        each = member(f"Member {number}")
        each.grade = MemberGrade.objects.create(rank=100 + number, name=f"grade {number}")
        each.save()
        each.tags.add(Tag.objects.create(name=f"tag {number}"))
        Category.objects.create(code=f"c{number}", name=f"c{number}", parent=shelf)
        product = Product.objects.create(name=f"p{number}", category=shelf)
        Sku.objects.create(product=product, code=f"s{number}", price=100)
        ProductPicture.objects.create(
            product=product, position=100, source_url="https://a.example/1", due_at=NOON
        )
        staff(f"staff{number}")
        ledger.transfer(
            key=f"more:{number}",
            debit=ledger.platform_account(Kind.COMMISSION_EXPENSE),
            credit=ledger.account(each, Asset.CASH),
            amount=1,
            reason=Reason.COMMISSION,
            source=ledger.Source("orders.order", f"m{number}"),
            effective_at=NOON,
        )
    record(EventType("tests.more"), [product], at=NOON)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_list_costs_the_same_with_more_rows(
    kept: str, crowded: str, page: Any, django_db_blocker: DjangoDbBlocker, no_static_files: None
) -> None:
    costs = []
    for database in (kept, crowded):
        with django_db_blocker.unblock(), using(database), transaction.atomic():
            costs.append(queries(_as_boss(), page))
            transaction.set_rollback(True)
    few, many = costs
    assert len(many) <= len(few), many
    # Two are of the frame: the number of alarms, and whether the person has a second factor.
    assert len(many) <= 12, many


def _as_boss() -> Client:
    client = Client()
    client.force_login(User.objects.get(username="boss"))
    return client


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("page", PAGES, ids=name)
def test_large_tables_are_not_counted(as_boss: Client, page: Any) -> None:
    counted = [sql for sql in queries(as_boss, page) if re.search(r"COUNT\(\*\)", sql)]
    assert bool(counted) == (name(page) not in LARGE), counted
