"""Parallel uploads keep to the limit of a day, and parallel uses of one picture are one use."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.core.files.storage import default_storage

from commissions.models import Claim
from commissions.services import open_claim
from common import clock
from members import uploads
from members.models import Member, Upload
from members.uploads import KEPT_UNUSED, TooManyUploads, UploadUnknown, store_upload, sweep_uploads
from tests.concurrency import run_concurrently
from tests.members.pictures import picture
from tests.shop import distributor

COLORS = ("red", "green", "blue", "black", "white", "gray")


def store(who: Member, color: str = "red") -> Upload:
    return store_upload(member=who, purpose="claim", raw=picture(color=color), at=clock.now())


def claim(who: Member, order_no: str, upload: Upload) -> Claim:
    return open_claim(
        member=who, order_no=order_no, reason="missing", text="?", evidence=[upload.public_id],
        at=clock.now(),
    )  # fmt: skip


def kinds(ends: list[Any]) -> list[str]:
    return sorted(type(end).__name__ for end in ends)


def test_six_parallel_uploads_keep_to_the_limit(
    lan: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "A_DAY", 2)

    ends = run_concurrently(*[partial(store, lan, color) for color in COLORS])

    assert kinds(ends) == [TooManyUploads.__name__] * 4 + [Upload.__name__] * 2
    assert Upload.objects.filter(status="stored").count() == Upload.objects.count() == 2


def test_control_without_the_lock_they_pass_the_limit(
    lan: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "A_DAY", 2)
    monkeypatch.setattr(uploads, "lock_rows", list)
    for _ in range(10):
        run_concurrently(*[partial(store, lan, color) for color in COLORS])
        if Upload.objects.count() > 2:
            return
        Upload.objects.update(created_at=clock.now() - 2 * KEPT_UNUSED)
    pytest.fail("the lock is not needed")


def test_the_same_picture_in_parallel_is_one_upload(lan: Member) -> None:
    ends = run_concurrently(*[partial(store, lan)] * 6)

    assert {end.public_id for end in ends} == {Upload.objects.get(status="stored").public_id}


def test_one_picture_is_evidence_of_one_claim(lan: Member) -> None:
    distributor(lan)
    upload = store(lan)

    ends = run_concurrently(*[partial(claim, lan, f"O-{number}", upload) for number in range(6)])

    assert kinds(ends) == [Claim.__name__] + [UploadUnknown.__name__] * 5
    assert Claim.objects.count() == 1


def test_a_picture_is_used_or_swept(lan: Member) -> None:
    distributor(lan)
    for number in range(5):
        upload = store(lan)
        used, _swept = run_concurrently(
            partial(claim, lan, f"O-{number}", upload),
            partial(sweep_uploads, at=clock.now() + 2 * KEPT_UNUSED),
        )
        upload.refresh_from_db()

        if isinstance(used, Claim):
            assert upload.status == "used"
            assert default_storage.exists(upload.path)
        else:
            assert (type(used), upload.status) == (UploadUnknown, "erased")
