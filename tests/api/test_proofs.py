"""Members hand in proofs, and read what became of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from events.models import Event
from incentives.models import Metric, PeriodKind, Proof, Version
from incentives.services.proofs import reject_proof
from members.models import Member, Upload
from tests.api.phone import Phone, outcome
from tests.cast import give, staff
from tests.incentives.offers import reward
from tests.incentives.present import DAY, campaign, completed, now, open_shop, put
from tests.members.pictures import send, uploaded
from tests.promotions.coupons import coupon

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TWENTY_MEGABYTES = b"\0" * 20_000_000


@pytest.fixture
def version(db: None) -> Version:
    """Return an incentive that gives Lan, who has sold a mask, a coupon for a picture."""
    bo = open_shop()
    put(completed(bo))
    kind = coupon(at=now() - 31 * DAY, amount=500, per_member=9)
    return campaign(
        metric=Metric.PROOF, period=PeriodKind.CAMPAIGN, reach=Version.Reach.EACH,
        rewards=[reward(kind="coupon", coupon=kind)], most_per_member=9,
    )  # fmt: skip


@pytest.fixture
def lan(version: Version) -> Member:
    return Member.objects.get(nickname="Lan")


def hand_in(who: Member, version: Version, **body: Any) -> Any:
    return Phone(who).post(f"/incentives/{version.incentive.public_id}/proofs", body)


def test_a_proof_waits_for_an_answer(lan: Member, version: Version) -> None:
    picture = uploaded(lan, "proof")

    response = hand_in(lan, version, upload=picture, text="In my moments")

    assert response.status_code == 201
    proof = response.json()
    assert (proof["upload"], proof["text"], proof["status"]) == (picture, "In my moments", "open")
    assert (proof["decided_at"], proof["reason"]) == (None, "")
    assert Phone(lan).get("/incentives").json()["results"][0]["takes_proofs"] is True


def test_a_repeated_call_is_the_same_proof(lan: Member, version: Version) -> None:
    picture = uploaded(lan, "proof")

    first, again = (hand_in(lan, version, upload=picture).json()["id"] for _ in range(2))

    assert first == again
    assert Proof.objects.count() == 1


def test_a_rejection_is_read_with_its_reason(lan: Member, version: Version) -> None:
    hand_in(lan, version, upload=uploaded(lan, "proof"))
    by = give(staff("Qian"), "decide_proof")
    reject_proof(proof=Proof.objects.get(), reason="The order is not visible.", by=by, at=now())

    answer = Phone(lan).get(f"/incentives/{version.incentive.public_id}").json()

    (proof,) = answer["my_proofs"]
    assert (proof["status"], proof["reason"]) == ("rejected", "The order is not visible.")


def test_the_picture_of_another_is_unknown(lan: Member, chen: Member, version: Version) -> None:
    picture = uploaded(chen, "proof")

    assert outcome(hand_in(lan, version, upload=picture)) == (400, "upload_unknown")
    assert not Proof.objects.exists()


def test_a_used_picture_is_refused(lan: Member, version: Version) -> None:
    hand_in(lan, version, upload=uploaded(lan, "proof"))

    again = hand_in(lan, version, upload=uploaded(lan, "proof"))

    assert outcome(again) == (409, "proof_picture_used")
    assert Proof.objects.count() == 1


def test_who_may_not_earn_it_sees_no_such_incentive(chen: Member, version: Version) -> None:
    response = hand_in(chen, version, upload=uploaded(chen, "proof"))

    assert outcome(response) == (404, "not_found")
    assert not Proof.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "upload"),
        ({"upload": 7}, "upload"),
        ({"upload": "a" * 21}, "upload"),
        ({"upload": "a", "text": "x" * 201}, "text"),
        ({"upload": "a", "texts": "x"}, "texts"),
    ],
)
def test_a_bad_body_names_its_field(
    lan: Member, version: Version, body: dict[str, Any], field: str
) -> None:
    response = hand_in(lan, version, **body)

    assert outcome(response) == (400, "invalid_input")
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert not Proof.objects.exists()


def kept() -> tuple[int, int, int]:
    events = Event.objects.filter(name__startswith="incentives.")
    return Upload.objects.count(), Proof.objects.count(), events.count()


def test_a_proof_of_twenty_megabytes_is_an_error_of_its_field(
    lan: Member, version: Version
) -> None:
    before = kept()

    response = send(Phone(lan), TWENTY_MEGABYTES, "proof")

    assert outcome(response) == (413, "body_too_large")
    (error,) = response.json()["errors"]
    assert (error["field"], error["code"]) == ("file", "too_large")
    assert outcome(hand_in(lan, version, upload="never")) == (400, "upload_unknown")
    assert kept() == before


def test_a_proof_takes_the_id_of_a_picture_and_no_file(lan: Member, version: Version) -> None:
    before, phone = kept(), Phone(lan)
    file = SimpleUploadedFile("a.jpg", TWENTY_MEGABYTES, "image/jpeg")
    path = f"/api/v1/incentives/{version.incentive.public_id}/proofs"

    response = phone._http.post(path, {"upload": file}, headers=phone._headers)

    assert outcome(response) == (415, "unsupported_media_type")
    assert kept() == before


def test_an_incentive_without_proofs_wants_none(lan: Member, version: Version) -> None:
    other = campaign()

    response = hand_in(lan, other, upload=uploaded(lan, "proof"))

    assert outcome(response) == (409, "no_proofs_wanted")
