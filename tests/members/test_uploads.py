"""Members upload pictures. Only pixels are kept, and nothing stays that nobody uses."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import DatabaseError, transaction
from django.test import Client
from PIL import Image

from common import clock
from members import uploads
from members.api.uploads import Uploads
from members.closing import close_member
from members.models import Member, Upload, User
from members.uploads import (
    A_DAY,
    MAX_BYTES,
    TooManyPictures,
    UploadUnknown,
    attach_uploads,
    sweep_uploads,
)
from tests.api.phone import Phone, outcome
from tests.cast import give
from tests.members.pictures import picture, png_of, send, uploaded, with_scans

pytestmark = pytest.mark.django_db

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
GPS = 0x8825
NEVER_CACHED = "private, no-store, max-age=0, no-cache, must-revalidate"  # as the admin says it


def content(answer: Any) -> bytes:
    return bytes(answer.content)


def stored() -> bytes:
    with default_storage.open(Upload.objects.get().path) as file:
        return bytes(file.read())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_becomes_a_jpeg_with_an_id(lan: Member, kind: str) -> None:
    response = send(Phone(lan), picture(kind))

    assert response.status_code == 201
    row = Upload.objects.get()
    assert response.json() == {
        "id": row.public_id, "purpose": "claim", "width": 60, "height": 40,
        "size": len(stored()),
    }  # fmt: skip
    assert (row.member, row.status) == (lan, "stored")
    assert row.path.startswith("uploads/")
    assert Image.open(BytesIO(stored())).format == "JPEG"


def test_the_owner_reads_it_and_nobody_else(lan: Member, chen: Member) -> None:
    path = f"/uploads/{uploaded(lan)}"

    answer = Phone(lan).get(path)

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert content(answer) == stored()
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert outcome(Phone(chen).get(path)) == (404, "not_found")
    assert Client().get(f"/media/{Upload.objects.get().path}").status_code == 404
    assert Client().get(f"/media/avatars/{Upload.objects.get().path[8:]}").status_code == 404


def test_a_lost_file_is_not_found(lan: Member) -> None:
    upload = uploaded(lan)
    default_storage.delete(Upload.objects.get().path)

    assert outcome(Phone(lan).get(f"/uploads/{upload}")) == (404, "not_found")


def test_staff_read_it_with_the_right_only(lan: Member, qian: User, client: Client) -> None:
    path = f"/admin/uploads/{uploaded(lan)}"

    assert client.get(path).status_code == 302
    client.force_login(qian)
    assert client.get(path).status_code == 403
    client.force_login(give(qian, "view_upload"))
    answer = client.get(path)

    assert (answer.status_code, content(answer)) == (200, stored())
    assert answer["Cache-Control"] == NEVER_CACHED
    assert client.get("/admin/uploads/nothing").status_code == 404


def test_metadata_is_gone_and_the_picture_is_upright(lan: Member) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010E] = "at home"
    exif.get_ifd(GPS)[2] = (30.0, 15.0, 0.0)

    send(Phone(lan), picture(exif=exif, comment=b"secret comment"))

    image = Image.open(BytesIO(stored()))
    assert image.size == (40, 60)
    assert not image.getexif()
    assert b"at home" not in stored()
    assert b"secret comment" not in stored()


def test_what_is_appended_is_gone(lan: Member) -> None:
    send(Phone(lan), picture() + b"PK\x03\x04 archive <script>alert(1)</script>")

    assert b"script" not in stored()
    assert b"PK\x03\x04" not in stored()


def test_transparency_becomes_white(lan: Member) -> None:
    send(Phone(lan), picture("PNG", color=(255, 0, 0, 0)))

    pixel = Image.open(BytesIO(stored())).getpixel((5, 5))
    assert isinstance(pixel, tuple)
    assert min(pixel) > 250


@pytest.mark.slow
@pytest.mark.parametrize(("purpose", "edge"), [("claim", 2_560), ("avatar", 640)])
def test_a_large_picture_is_reduced(lan: Member, purpose: str, edge: int) -> None:
    answer = send(Phone(lan), picture(size=(4_000, 2_000)), purpose).json()

    assert (answer["width"], answer["height"]) == (edge, edge // 2)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (SVG, "picture_unreadable"),
        (b"no picture", "picture_unreadable"),
        (picture("GIF"), "picture_unreadable"),
        (picture("BMP"), "picture_unreadable"),
        (picture()[:400], "picture_unreadable"),
        (picture("PNG")[:-30], "picture_unreadable"),
        (picture("WEBP")[:-10], "picture_unreadable"),
        (png_of(100, 100)[:60], "picture_unreadable"),
        (png_of(200, 200), "picture_unreadable"),
        (b"\xff\xd8\xff" + b"\0" * 100, "picture_unreadable"),
        (with_scans(51), "picture_unreadable"),
        (png_of(6_000, 6_000), "picture_too_large"),
        (png_of(10_001, 1), "picture_too_large"),
        (png_of(40_000, 40_000), "picture_too_large"),
        (png_of(2**31 - 1, 2**31 - 1), "picture_too_large"),
    ],
)
def test_what_is_no_harmless_picture_is_refused(lan: Member, raw: bytes, code: str) -> None:
    assert outcome(send(Phone(lan), raw)) == (400, code)
    assert not Upload.objects.exists()


def test_a_progressive_picture_is_taken(lan: Member) -> None:
    assert send(Phone(lan), with_scans(50)).status_code == 201


@pytest.mark.parametrize(
    ("raw", "more", "field", "code"),
    [
        (None, {}, "file", "required"),
        (None, {"file": "text"}, "file", "invalid"),
        (b"", {}, "file", "empty"),
        (picture(), {"purpose": "holiday"}, "purpose", "invalid_choice"),
        (picture(), {"member": "x"}, "member", "unknown_field"),
    ],
)
def test_an_invalid_form_is_refused(
    lan: Member, raw: bytes | None, more: dict[str, str], field: str, code: str
) -> None:
    response = send(Phone(lan), raw, **{"purpose": "claim", **more})

    assert outcome(response) == (400, "invalid_input")
    assert [(row["field"], row["code"]) for row in response.json()["errors"]] == [(field, code)]
    assert not Upload.objects.exists()


def test_a_body_of_json_is_refused(lan: Member) -> None:
    assert outcome(Phone(lan).post("/uploads", {})) == (415, "unsupported_media_type")


@pytest.mark.parametrize("purpose", ["claim", "proof"])
@pytest.mark.parametrize("extra", [1, 100_000])
def test_a_file_above_the_limit_is_not_kept(lan: Member, extra: int, purpose: str) -> None:
    response = send(Phone(lan), b"\0" * (MAX_BYTES + extra), purpose)

    assert outcome(response) == (413, "body_too_large")
    assert response.json()["data"] == {"limit": MAX_BYTES // 1024}
    (error,) = response.json()["errors"]
    assert (error["field"], error["code"]) == ("file", "too_large")
    assert "5 MiB" in error["message"]
    assert not Upload.objects.exists()


def test_a_broken_form_is_a_problem(lan: Member) -> None:
    phone = Phone(lan)
    response = phone._http.generic(
        "POST", "/api/v1/uploads", b"nonsense", "multipart/form-data", headers=phone._headers
    )

    assert response.status_code == 400
    assert not Upload.objects.exists()


def test_the_same_picture_again_is_the_same_upload_until_it_is_used(lan: Member) -> None:
    first, again, other = uploaded(lan), uploaded(lan), uploaded(lan, "proof")
    attach_uploads(member=lan, ids=[first], purpose="claim")

    assert again == first
    assert len({first, other, uploaded(lan)}) == 3


def test_a_member_has_a_limit_a_day(lan: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "A_DAY", 2)
    uploaded(lan, color="red")
    uploaded(lan, color="green")

    response = send(Phone(lan), picture(color="blue"))

    assert outcome(response) == (429, "too_many_uploads")
    assert Upload.objects.count() == 2
    assert uploaded(lan, color="green")  # a repetition is none more
    assert A_DAY > 2


@pytest.mark.slow
def test_pictures_that_are_refused_are_limited_too(lan: Member) -> None:
    phone = Phone(lan)
    for _ in range(Uploads.calls_a_minute):
        assert outcome(send(phone, b"no picture")) == (400, "picture_unreadable")

    refused = send(phone, b"no picture")

    assert outcome(refused) == (429, "too_many_requests")
    assert refused["Retry-After"]


def test_uploads_are_used_once_by_their_owner_for_their_purpose(lan: Member, chen: Member) -> None:
    one, two = uploaded(lan, color="red"), uploaded(lan, color="green")
    proof, of_chen = uploaded(lan, "proof"), uploaded(chen)

    for ids in ([one, proof], [one, of_chen], [one, "nothing"]):
        with pytest.raises(UploadUnknown) as refused:
            attach_uploads(member=lan, ids=ids, purpose="claim")
        assert refused.value.data == {"upload": ids[1]}
    with pytest.raises(TooManyPictures):
        attach_uploads(member=lan, ids=[one, one], purpose="claim")
    with pytest.raises(TooManyPictures):
        attach_uploads(member=lan, ids=[str(number) for number in range(10)], purpose="claim")
    assert not Upload.objects.exclude(status="stored").exists()

    used = attach_uploads(member=lan, ids=[two, one], purpose="claim")

    assert [row.public_id for row in used] == [two, one]
    with pytest.raises(UploadUnknown):
        attach_uploads(member=lan, ids=[one], purpose="claim")
    assert attach_uploads(member=lan, ids=[], purpose="claim") == []


def test_what_nobody_uses_is_erased_after_a_week(lan: Member) -> None:
    unused, used = uploaded(lan, color="red"), uploaded(lan, color="green")
    attach_uploads(member=lan, ids=[used], purpose="claim")
    path = Upload.objects.get(public_id=unused).path

    assert sweep_uploads(at=clock.now() + timedelta(days=6)) == 0
    assert sweep_uploads(at=clock.now() + timedelta(days=8)) == 1
    assert sweep_uploads(at=clock.now() + timedelta(days=8)) == 0

    row = Upload.objects.get(public_id=unused)
    assert (row.status, row.path, row.sha256) == ("erased", "", "")
    assert not default_storage.exists(path)
    assert default_storage.exists(Upload.objects.get(public_id=used).path)
    assert outcome(Phone(lan).get(f"/uploads/{unused}")) == (404, "not_found")
    with pytest.raises(UploadUnknown):
        attach_uploads(member=lan, ids=[unused], purpose="claim")


def test_what_a_crash_left_is_erased(lan: Member) -> None:
    uploaded(lan)
    path = default_storage.save("uploads/torn.jpg", ContentFile(b"torn"))
    Upload.objects.create(
        member=lan, purpose="claim", path=path, sha256="0" * 64, size=1, width=1, height=1,
        created_at=clock.now(),
    )  # fmt: skip

    assert sweep_uploads(at=clock.now()) == 0
    assert sweep_uploads(at=clock.now() + timedelta(hours=2)) == 1
    assert not default_storage.exists(path)


def test_closing_erases_all_files(lan: Member, django_capture_on_commit_callbacks: Any) -> None:
    one, used = uploaded(lan, color="red"), uploaded(lan, color="green")
    attach_uploads(member=lan, ids=[used], purpose="claim")
    paths = [row.path for row in Upload.objects.filter(public_id__in=[one, used])]

    with django_capture_on_commit_callbacks(execute=True):
        close_member(member=lan, at=clock.now())

    assert {row.status for row in Upload.objects.all()} == {"erased"}
    assert not any(default_storage.exists(path) for path in paths)


def test_no_file_outlives_an_account_that_is_closed_while_it_is_written(
    lan: Member, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, save = Phone(lan), FileSystemStorage._save
    written = []

    def late(storage: FileSystemStorage, name: str, file: Any) -> str:
        with django_capture_on_commit_callbacks(execute=True):
            close_member(member=lan, at=clock.now())
        written.append(save(storage, name, file))
        return written[-1]

    monkeypatch.setattr(FileSystemStorage, "_save", late)

    assert outcome(send(phone, picture())) == (403, "account_closed")
    assert [default_storage.exists(path) for path in written] == [False]
    assert Upload.objects.get().status == "erased"


def test_the_export_lists_them(lan: Member) -> None:
    upload = uploaded(lan)

    (row,) = Phone(lan).get("/me/data").json()["uploads"]

    assert (row["id"], row["purpose"]) == (upload, "claim")


@pytest.mark.parametrize(
    "change", [{"status": "approved"}, {"status": "writing"}, {"purpose": "proof"}, {"path": ""}]
)
def test_the_database_refuses_other_changes(lan: Member, change: dict[str, str]) -> None:
    uploaded(lan)

    with pytest.raises(DatabaseError), transaction.atomic():
        Upload.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Upload.objects.all().delete()


def test_files_are_outside_of_the_code() -> None:
    assert settings.BASE_DIR / "static" not in settings.MEDIA_ROOT.parents
