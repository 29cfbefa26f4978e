"""Orders, commissions and money are looked at, never edited: not even by a superuser."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from alarms.models import Alarm, Job
from backoffice.base import ReadOnlyAdmin
from backoffice.models import Export, Import
from catalog.models import ProductPicture
from closing.models import (
    Adjustment,
    Difference,
    Payroll,
    ProviderStatement,
    StatementLine,
    TreasuryDocument,
)
from commissions.models import (
    Claim,
    Commission,
    CommissionChange,
    CommissionHold,
    ConflictAcceptance,
    DueCredit,
    Settlement,
)
from distribution.models import Application, Binding, PurchaseTotals, Referral
from events.models import Delivery, Event
from incentives.models import (
    Award,
    GiftTask,
    Incentive,
    LevelPin,
    LevelReview,
    LevelWarning,
    PeriodClosing,
    Proof,
)
from integration.models import ApiClient, MallImport
from ledger.models import Account, Period, Transfer
from materials.models import CourseReading
from members.models import Member, MemberMerge, StaffLinkProposal
from notices.models import Message, Notice
from orders.models import Order, OrderConflict, Refund
from posters.models import Poster
from promotions.models import CouponGrant
from reports.models import ShareFigures
from risk.models import Assessment, Case, Hold
from sharing.models import HomePage, MiniProgramCode, Share, Visit
from tests.admin.pages import PAGES, name, row, url
from webhooks.models import WebhookDelivery, WebhookEndpoint
from withdrawals.models import (
    Attempt,
    Channel,
    Evidence,
    ManualResolution,
    Payee,
    PayoutAuthorization,
    PayoutBatch,
    Person,
    TaxEntry,
    Withdrawal,
)

pytestmark = [pytest.mark.usefixtures("shop"), pytest.mark.slow]

FACTS = [page for page in PAGES if isinstance(page, ReadOnlyAdmin)]


def test_these_are_read_only() -> None:
    assert {page.model for page in FACTS} == {
        ProductPicture, Export, Import,
        Account, Transfer, Event, Delivery, Application, Binding, Referral,
        Order,
        Refund,
        Commission, DueCredit, CommissionHold, Settlement, CommissionChange, PurchaseTotals,
        Withdrawal, Attempt, ManualResolution, Evidence, TaxEntry, Payee, Person, Channel,
        PayoutAuthorization, PayoutBatch, Assessment, Case, Hold,
        ProviderStatement, StatementLine, Difference, TreasuryDocument, Adjustment, Payroll, Period,
        Alarm, Job, OrderConflict, ConflictAcceptance, Claim, MemberMerge, StaffLinkProposal,
        ApiClient, MallImport, WebhookDelivery, WebhookEndpoint, CourseReading,
        LevelPin, LevelReview, LevelWarning,
        Share, Visit, HomePage, MiniProgramCode, ShareFigures, Poster, Notice, Message, CouponGrant,
        Incentive, Award, GiftTask, PeriodClosing, Proof,
    }  # fmt: skip


@pytest.mark.parametrize("page", FACTS, ids=name)
def test_no_post_adds_changes_or_deletes(as_boss: Client, page: Any) -> None:
    table = page.model._default_manager.order_by("pk")
    before = list(table.values())
    given = {field.name: "1" for field in page.opts.fields} | {"post": "yes"}
    pk = row(page).pk
    for path in (url(page, "add"), url(page, "change", pk), url(page, "delete", pk)):
        assert as_boss.post(path, given).status_code == 403
    as_boss.post(
        url(page, "changelist"),
        {"action": "delete_selected", "_selected_action": [pk], "post": "yes"},
    )
    assert list(table.values()) == before


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_nothing_is_deleted_in_bulk(as_boss: Client, page: Any) -> None:
    actions = page.get_actions(as_boss.get(url(page, "changelist")).wsgi_request)
    assert "delete_selected" not in actions


def test_money_is_shown_in_yuan_and_points_whole(as_boss: Client) -> None:
    page = as_boss.get(reverse("admin:ledger_transfer_changelist")).content.decode()
    assert "¥1,234.56" in page
    assert "123,456" in page
    accounts = as_boss.get(
        reverse("admin:ledger_account_changelist"), {"q": "Mei"}
    ).content.decode()
    assert "1,234.56" in accounts
    assert "123,456" in accounts


def test_a_platform_account_is_summed_up_on_its_page(as_boss: Client) -> None:
    issued = Account.objects.get(kind="issued", asset="points", member=None)
    page = as_boss.get(reverse("admin:ledger_account_change", args=[issued.pk])).content.decode()
    assert "-123,456" in page


@pytest.mark.parametrize(
    ("words", "found"),
    [("commission:cash", 1), ("o1", 2), ("Mei", 2), ("mei", 2), ("Chen", 0), ("commission", 0)],
)
def test_transfers_are_found_by_key_source_and_member(
    as_boss: Client, words: str, found: int
) -> None:
    answer = as_boss.get(reverse("admin:ledger_transfer_changelist"), {"q": words})
    assert len(answer.context["cl"].result_list) == found


def test_transfers_are_found_by_the_member_id(as_boss: Client, mei: Member) -> None:
    answer = as_boss.get(reverse("admin:ledger_transfer_changelist"), {"q": mei.public_id})
    assert len(answer.context["cl"].result_list) == 2


def test_facts_are_found_by_their_subject(as_boss: Client, mei: Member) -> None:
    for words in (mei.public_id, f"members.member:{mei.public_id}"):
        answer = as_boss.get(reverse("admin:events_event_changelist"), {"q": words})
        facts = answer.context["cl"].result_list
        assert "members.joined" in [fact.name for fact in facts]
        assert {fact.subject_id for fact in facts} == {mei.public_id}
