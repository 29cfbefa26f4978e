"""Pictures and videos are stored as they look best, and served to those with an address only."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from common import clock
from common.errors import PermissionMissing, TwotierError
from materials import services
from materials.addresses import HOUR, file_url
from materials.models import Material, MaterialFile
from materials.services import FileTooLarge, FileUnfit, MaterialPublished, files
from members.models import Member, User
from tests.api.phone import Phone
from tests.cast import NOON
from tests.materials.media import (
    draft,
    mp4,
    operator,
    photo,
    publish,
    published,
    with_files,
    withdraw,
)
from tests.members.pictures import picture, png_of, with_scans

pytestmark = pytest.mark.django_db
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def add(row: Material, *raws: bytes) -> list[MaterialFile]:
    return services.add_files(material=row, raws=raws, by=operator(), at=NOON)


def content(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def get(url: str, **headers: str) -> Any:
    parts = urlsplit(url)
    return Client().get(f"{parts.path}?{parts.query}", headers=headers)


def status(url: str, method: str = "GET") -> int:
    parts = urlsplit(url)
    response = Client().generic(method, f"{parts.path}?{parts.query}")
    if response.streaming:
        content(response)  # which closes it
    return response.status_code


def stored(path: str) -> bytes:
    with default_storage.open(path) as file:
        return bytes(file.read())


def test_a_picture_is_stored_large_with_what_lists_and_cards_show() -> None:
    (file,) = add(draft("image"), photo(size=(4_000, 1_500)))

    sizes = {
        variant: Image.open(BytesIO(stored(file.path_of(variant)))).size
        for variant in MaterialFile.Variant
    }
    assert sizes == {
        "full": (2_160, 810), "preview": (480, 180), "chat": (750, 600), "square": (600, 600),
    }  # fmt: skip
    assert (file.kind, file.status, file.width, file.height) == ("picture", "stored", 2_160, 810)
    assert file.size == len(stored(file.path))


def test_a_video_is_stored_as_it_is() -> None:
    (file,) = add(draft("video"), mp4())

    assert (file.kind, file.width, stored(file.path)) == ("video", 0, mp4())
    assert file.paths == [file.path]
    assert file.path.endswith(".mp4")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (SVG, "picture_unreadable"),
        (b"", "picture_unreadable"),
        (b"no picture", "picture_unreadable"),
        (picture("GIF", (1_080, 9)), "picture_unreadable"),
        (photo()[:400], "picture_unreadable"),
        (with_scans(51), "picture_unreadable"),
        (png_of(6_000, 6_000), "picture_too_large"),
        (picture(size=(1_079, 1_079)), "picture_too_small"),
        (mp4(brand=b"qt  "), "video_unreadable"),
        (mp4()[:-1], "video_unreadable"),
    ],
)
def test_what_is_no_harmless_file_is_refused_with_those_beside_it(raw: bytes, code: str) -> None:
    with pytest.raises(TwotierError) as refused:
        add(draft("image"), photo(), raw)

    assert refused.value.code == code
    assert not MaterialFile.objects.exists()


def test_metadata_and_what_is_appended_are_gone() -> None:
    exif = Image.Exif()
    exif[0x010E] = "at home"
    raw = picture(size=(1_080, 40), exif=exif) + b"PK\x03\x04 <script>"

    (file,) = add(draft("image"), raw)

    assert b"at home" not in stored(file.path)
    assert b"script" not in stored(file.path)


@pytest.mark.parametrize(
    ("kind", "raws"),
    [
        ("copy", [photo()]),
        ("copy", [mp4()]),
        ("image", [mp4()]),
        ("video", [mp4(), mp4(mdat=b"other")]),
        ("video", [photo("red"), photo("blue")]),
    ],
)
def test_files_fit_the_kind(kind: str, raws: list[bytes]) -> None:
    with pytest.raises(FileUnfit):
        add(draft(kind), *raws)

    assert not MaterialFile.objects.exists()


def test_pictures_are_at_most_nine() -> None:
    row = draft("image")
    add(row, *(photo((number * 25, 0, 0)) for number in range(9)))

    with pytest.raises(FileUnfit):
        add(row, photo("blue"))

    assert [file.position for file in row.files.all()] == [*range(1, 10)]


def test_a_file_may_not_be_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_PICTURE", 100)
    monkeypatch.setattr(files, "MAX_VIDEO", 60)
    for raw in (photo(), mp4()):
        with pytest.raises(FileTooLarge):
            add(draft("image"), raw)


def test_the_same_file_again_is_one() -> None:
    row = draft("image")

    assert len(add(row, photo(), photo())) == 1
    assert add(row, photo()) == []
    assert row.files.count() == 1


def test_a_published_material_takes_no_files_and_gives_none() -> None:
    row = published(photo(), kind="image")
    file = row.files.get()

    with pytest.raises(MaterialPublished):
        add(row, photo("blue"))
    with pytest.raises(MaterialPublished):
        services.remove_file(file=file, by=operator(), at=NOON)

    assert [(one.pk, one.status) for one in row.files.all()] == [(file.pk, "stored")]
    assert default_storage.exists(file.path)


def test_uploads_and_removals_need_the_right(feng: User) -> None:
    row = with_files()
    with pytest.raises(PermissionMissing):
        services.add_files(material=row, raws=[photo("blue")], by=feng, at=NOON)
    with pytest.raises(PermissionMissing):
        services.remove_file(file=row.files.get(), by=feng, at=NOON)
    assert row.files.get().status == "stored"


def test_a_removed_file_is_erased(django_capture_on_commit_callbacks: Any) -> None:
    row = with_files()
    file = row.files.get()

    with django_capture_on_commit_callbacks(execute=True):
        services.remove_file(file=file, by=operator(), at=NOON)
        services.remove_file(file=file, by=operator(), at=NOON)

    assert not MaterialFile.objects.exists()
    assert not any(default_storage.exists(path) for path in file.paths)


def test_what_a_crash_left_is_erased() -> None:
    row = draft("image")
    path = default_storage.save("materials/torn.jpg", ContentFile(b"torn"))
    MaterialFile.objects.create(
        material=row, kind="picture", path=path, sha256="0", size=1, width=1, height=1,
        created_at=NOON,
    )  # fmt: skip
    kept = add(row, photo())[0]
    publish(row)

    assert services.sweep_files(at=NOON) == 0
    assert services.sweep_files(at=NOON + 2 * HOUR) == 1
    assert services.sweep_files(at=NOON + 2 * HOUR) == 0

    assert not default_storage.exists(path)
    assert default_storage.exists(kept.path)


def urls(who: Member) -> list[dict[str, Any]]:
    (row,) = Phone(who).get("/materials").json()["results"]
    listed: list[dict[str, Any]] = row["files"]
    return listed


def test_members_open_the_addresses_that_they_get(bo: Member) -> None:
    row = published(photo("red"), photo("blue"), kind="image")

    first, second = urls(bo)

    file = row.files.first()
    assert file
    assert first.items() >= {
        "id": file.public_id, "kind": "picture", "content_type": "image/jpeg", "width": 1_080,
        "height": 40, "size": file.size,
    }.items()  # fmt: skip
    full, preview = get(first["url"]), get(first["preview_url"])
    assert content(full) == stored(file.path)
    assert content(preview) == stored(file.path_of("preview"))
    assert full["Content-Type"] == "image/jpeg"
    assert full["X-Content-Type-Options"] == "nosniff"
    assert full["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert full["Cache-Control"].startswith("private, max-age=")
    assert second["url"] != first["url"]


def test_a_video_has_its_cover(bo: Member) -> None:
    published(mp4(), photo(), kind="video")

    video, cover = urls(bo)

    assert (video["kind"], video["content_type"]) == ("video", "video/mp4")
    assert video["preview_url"] == ""
    assert content(get(video["url"])) == mp4()
    assert cover["kind"] == "picture"


def test_an_address_is_valid_for_an_hour_or_two() -> None:
    row = published(photo(), kind="image")
    file = row.files.get()
    at = clock.now()
    addresses = [file_url(file, "full", at=at - ago) for ago in (timedelta(0), 2 * HOUR, 3 * HOUR)]

    assert [status(url) for url in addresses] == [200, 404, 404]
    half_past = NOON + timedelta(minutes=30)
    assert file_url(file, "full", at=NOON) == file_url(file, "full", at=half_past)


def test_nothing_of_an_address_can_be_changed() -> None:
    row, other = published(photo(), kind="image"), published(photo("blue"), kind="image")
    file = row.files.get()
    url = file_url(file, "preview", at=clock.now())
    path, query = urlsplit(url).path, urlsplit(url).query
    until = query.partition("&")[0].removeprefix("until=")

    for changed in (
        path,
        f"{path}?{query[:-1]}",
        f"{path}?{query.replace(until, str(int(until) + 1))}",
        f"{path}?{query.replace(until, '9' * 13)}",
        f"{path}?{query.replace(until, '²')}",
        f"{path}?{query.replace(until, '')}",
        f"{path.replace('preview', 'full')}?{query}",
        f"{path.replace('.jpg', '.mp4')}?{query}",
        f"{path.replace(file.public_id, other.files.get().public_id)}?{query}",
    ):
        assert status(changed) == 404, changed
    assert [status(url, method) for method in ("GET", "HEAD", "POST")] == [200, 200, 405]
    assert status(f"/media/{file.path}") == 404


def test_a_withdrawn_material_is_no_longer_served(bo: Member) -> None:
    row = published(photo(), kind="image")
    (file,) = urls(bo)

    withdraw(row)

    assert status(file["url"]) == 404


def test_a_lost_file_is_not_found(bo: Member) -> None:
    published(photo(), kind="image")
    default_storage.delete(MaterialFile.objects.get().path)

    assert status(urls(bo)[0]["url"]) == 404


@pytest.mark.parametrize(
    ("wanted", "status", "expected", "said"),
    [
        ("bytes=0-3", 206, slice(0, 4), "bytes 0-3/70"),
        ("bytes=4-", 206, slice(4, None), "bytes 4-69/70"),
        ("bytes=-5", 206, slice(-5, None), "bytes 65-69/70"),
        ("bytes=-500", 206, slice(0, None), "bytes 0-69/70"),
        ("bytes=60-500", 206, slice(60, None), "bytes 60-69/70"),
        ("bytes=70-", 416, slice(0, 0), "bytes */70"),
        ("bytes=-0", 416, slice(0, 0), "bytes */70"),
        ("bytes=5-2", 200, slice(0, None), None),
        ("bytes=0-1,3-4", 200, slice(0, None), None),
        ("lines=1-2", 200, slice(0, None), None),
        ("bytes=٣-", 200, slice(0, None), None),
    ],
)
def test_players_get_the_part_that_they_want(
    bo: Member, wanted: str, status: int, expected: slice, said: str | None
) -> None:
    published(mp4(), kind="video")
    assert len(mp4()) == 70

    answer = get(urls(bo)[0]["url"], Range=wanted)

    body = content(answer) if answer.streaming else answer.content
    assert (answer.status_code, body) == (status, mp4()[expected])
    assert answer.get("Content-Range") == said
    if status != 416:
        assert answer["Content-Length"] == str(len(body))


def test_staff_see_files_of_drafts_with_the_right_only(feng: User, client: Client) -> None:
    file = with_files().files.get()
    path = f"/admin/materials/material/files/{file.public_id}/preview.jpg"

    assert client.get(path).status_code == 302
    client.force_login(feng)
    assert client.get(path).status_code == 403
    client.force_login(operator())
    answer = client.get(path)

    assert content(answer) == stored(file.path_of("preview"))
    assert "no-store" in answer["Cache-Control"]
    assert client.get(path.replace("preview", "other")).status_code == 404
    assert client.get(path.replace(file.public_id, "nothing")).status_code == 404


def test_files_in_a_bucket_are_redirected_to(bo: Member, settings: Any) -> None:
    settings.MEDIA_STORAGE = "s3"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.InMemoryStorage",
            "OPTIONS": {"base_url": "https://bucket.example.com/"},
        },
    }
    row = published(photo(), kind="image")

    answer = get(urls(bo)[0]["preview_url"])

    file = row.files.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"https://bucket.example.com/{file.path_of('preview')}"
    assert answer["Cache-Control"].startswith("private")
    withdraw(row)
    assert status(file_url(file, "full", at=clock.now())) == 404
