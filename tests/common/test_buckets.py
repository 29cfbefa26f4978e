"""Files live in a bucket instead of a folder, if the settings say so."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.request import urlopen

import boto3
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from moto.server import ThreadedMotoServer
from pytest_django import Settings

from catalog.models import ProductPicture
from catalog.picture_lists import remove_picture
from catalog.pictures import KEPT_REMOVED, paths, sweep_pictures
from common.media import save_once
from members.models import Member, User
from tests.api.phone import Phone
from tests.cast import NOON
from tests.catalog.pictures import product
from tests.catalog.pictures import uploaded as uploaded_picture
from tests.members.pictures import uploaded

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def bucket(s3: str, settings: Settings) -> None:
    settings.MEDIA_STORAGE = "s3"
    settings.S3_ENDPOINT_URL, settings.S3_BUCKET, settings.S3_REGION = s3, "shop", "us-east-1"
    settings.S3_ACCESS_KEY_ID, settings.S3_SECRET_ACCESS_KEY = "key", "secret"
    settings.S3_ADDRESSING, settings.S3_PUBLIC_URL = "path", ""
    settings.STORAGES = {
        **settings.STORAGES, "default": {"BACKEND": "common.buckets.Bucket"},
    }  # fmt: skip
    client = boto3.client(
        "s3", endpoint_url=s3, region_name="us-east-1", aws_access_key_id="key",
        aws_secret_access_key="secret",
    )  # fmt: skip
    client.create_bucket(Bucket="shop")


def test_a_file_is_saved_once_read_and_deleted() -> None:
    save_once("products/a.jpg", b"pixels")
    save_once("products/a.jpg", b"pixels")
    assert default_storage.size("products/a.jpg") == 6
    with default_storage.open("products/a.jpg") as file:
        assert file.read() == b"pixels"
    default_storage.delete("products/a.jpg")
    default_storage.delete("products/a.jpg")
    assert not default_storage.exists("products/a.jpg")
    with pytest.raises(FileNotFoundError):
        default_storage.open("products/a.jpg")


def test_a_half_written_file_is_replaced() -> None:
    default_storage.save("products/b.jpg", ContentFile(b"half"))
    save_once("products/b.jpg", b"whole file")
    assert default_storage.size("products/b.jpg") == 10


def test_a_picture_of_a_product_lives_there(qian: User) -> None:
    row = uploaded_picture(product())
    assert all(default_storage.exists(path) for path in paths(row))
    answer = Client().get(f"/media/{row.path}")
    assert answer.status_code == 302
    assert answer["Cache-Control"] == "public, max-age=1800"
    with urlopen(answer["Location"]) as shown:
        assert shown.headers["Content-Type"] == "image/jpeg"
        assert shown.read(2) == b"\xff\xd8"

    remove_picture(picture=row, by=qian, at=NOON)
    sweep_pictures(at=NOON + KEPT_REMOVED * 2)
    assert not any(default_storage.exists(path) for path in paths(row))
    assert not ProductPicture.objects.exists()


def test_public_files_may_have_an_address_of_their_own(settings: Settings) -> None:
    settings.S3_PUBLIC_URL = "https://cdn.example.com"
    answer = Client().get("/media/products/a.jpg")
    assert answer["Location"] == "https://cdn.example.com/products/a.jpg"
    assert Client().get("/media/uploads/a.jpg").status_code == 404


def test_private_pictures_go_through_our_own_server(lan: Member, chen: Member) -> None:
    upload = uploaded(lan)
    answer = Phone(lan).get(f"/uploads/{upload}")
    assert (answer.status_code, answer.content[:2]) == (200, b"\xff\xd8")
    assert Phone(chen).get(f"/uploads/{upload}").status_code == 404
