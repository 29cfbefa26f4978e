"""Lan claims a commission; Qian of operations answers, and Lan reads it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from commissions.admin.claims import ClaimAdmin
from commissions.models import Claim
from commissions.services import answer_claim
from commissions.services.claims import OwnClaimForbidden
from common import clock
from common.errors import PermissionMissing, ReasonRequired
from common.status import WrongStatus
from distribution.models import Distributor
from distribution.services import change_status
from ledger.models import Transfer
from members.models import Member, User
from tests.api.phone import Phone, outcome
from tests.cast import give, link
from tests.distribution.people import REASON
from tests.shop import DAY, PLACED, ingest, open_shop, order

pytestmark = pytest.mark.django_db
BODY = {"order_no": "O-404", "reason": "missing", "text": "Bo bought a mask on Monday."}


@pytest.fixture
def lan(db: None) -> Member:
    ingest(order(open_shop()))
    return Member.objects.get(nickname="Lan")


@pytest.fixture
def phone(lan: Member) -> Phone:
    return Phone(lan)


@pytest.fixture
def operator(qian: User) -> User:
    return give(qian, "change_claim")


def answer(claim: Claim, by: User, **changes: Any) -> None:
    values = {"outcome": Claim.Status.REJECTED, "answer": "Bo paid with a gift card."} | changes
    answer_claim(claim=claim, by=by, at=clock.now(), **values)


def test_a_claim_is_opened_once_and_answered(phone: Phone, lan: Member, operator: User) -> None:
    first, again = phone.post("/distributor/claims", BODY), phone.post("/distributor/claims", BODY)

    assert (first.status_code, again.json()) == (201, first.json())
    assert (first.json()["status"], first.json()["answer"]) == ("open", "")
    claim = Claim.objects.get()
    assert claim.due_at == claim.opened_at + 3 * DAY
    transfers = Transfer.objects.count()

    answer(claim, operator)

    body = phone.get(f"/distributor/claims/{claim.public_id}")
    assert (body.json()["status"], body.json()["answer"]) == (
        "rejected",
        "Bo paid with a gift card.",
    )
    assert b"qian" not in body.content.lower()
    assert Transfer.objects.count() == transfers
    assert phone.get("/distributor/claims", status="open").json()["results"] == []
    assert len(phone.get("/distributor/claims").json()["results"]) == 1
    assert phone.post("/distributor/claims", BODY).json()["id"] != claim.public_id


def test_a_claim_may_name_a_commission(phone: Phone) -> None:
    body = {"commission": "O-1-1-1", "reason": "amount", "text": "It should be more."}

    made = phone.post("/distributor/claims", body)

    assert made.json()["order_no"] == "O-1"
    assert Claim.objects.get().commission.tier == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"commission": "O-1-1-1"}, (400, "invalid_input")),
        ({"order_no": 7}, (400, "invalid_input")),
        ({"reason": "anger"}, (400, "invalid_input")),
        ({"text": ""}, (400, "invalid_input")),
        ({"money": 100}, (400, "invalid_input")),
    ],
)
def test_a_bad_claim_is_refused(
    phone: Phone, changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert outcome(phone.post("/distributor/claims", BODY | changes)) == expected
    assert not Claim.objects.exists()


def test_nobody_claims_the_commission_of_another(phone: Phone) -> None:
    body = {"commission": "O-1-1-2", "reason": "amount", "text": "That of Mei."}

    assert outcome(phone.post("/distributor/claims", body)) == (404, "commission_not_found")
    assert not Claim.objects.exists()


def test_strangers_find_no_claim(phone: Phone, chen: Member) -> None:
    made = phone.post("/distributor/claims", BODY).json()["id"]

    assert outcome(Phone(chen).get(f"/distributor/claims/{made}")) == (404, "not_found")
    assert Phone(chen).get("/distributor/claims").json()["results"] == []
    assert outcome(Phone(chen).post("/distributor/claims", BODY)) == (404, "not_distributor")
    for path in ("/distributor/claims", f"/distributor/claims/{made}"):
        assert outcome(Phone().get(path)) == (401, "not_signed_in")


def test_a_frozen_distributor_may_claim(phone: Phone, lan: Member, qian: User) -> None:
    change_status(
        distributor=lan.distributor, to=Distributor.Status.FROZEN, by=qian, at=PLACED + DAY,
        reason=REASON,
    )  # fmt: skip

    assert phone.post("/distributor/claims", BODY).status_code == 201


def test_an_answer_needs_the_right_a_reason_and_another_person(
    phone: Phone, lan: Member, feng: User, operator: User
) -> None:
    phone.post("/distributor/claims", BODY)
    claim = Claim.objects.get()

    with pytest.raises(PermissionMissing):
        answer(claim, feng)
    with pytest.raises(ReasonRequired):
        answer(claim, operator, answer=" ")
    colleague = give(feng, "change_claim")
    link(colleague, lan)
    with pytest.raises(OwnClaimForbidden):
        answer(claim, colleague)
    assert Claim.objects.get().status == "open"
    answer(claim, operator)
    with pytest.raises(WrongStatus):
        answer(claim, operator, outcome=Claim.Status.ACCEPTED)


def test_the_database_keeps_an_answer(phone: Phone, operator: User) -> None:
    phone.post("/distributor/claims", BODY)
    claim = Claim.objects.get()
    answer(claim, operator)

    for change in ({"answer": "Other"}, {"status": "open"}, {"text": "Other"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Claim.objects.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        claim.delete()


def test_operations_see_open_claims_first_by_deadline(phone: Phone, operator: User) -> None:
    for number in ("O-1", "O-2", "O-3", "O-4"):
        phone.post("/distributor/claims", BODY | {"order_no": number})
    for number in ("O-1", "O-3"):
        answer(Claim.objects.get(order_number=number), operator)

    queue = Claim.objects.order_by(*ClaimAdmin.ordering)

    assert [row.order_number for row in queue] == ["O-2", "O-4", "O-3", "O-1"]
