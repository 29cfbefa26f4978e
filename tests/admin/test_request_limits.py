"""Requests that are too large or malformed are refused before anything is stored."""

from __future__ import annotations

import logging
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import load_handler
from django.http.multipartparser import MultiPartParser
from django.test import Client, RequestFactory
from django.urls import reverse

from tests.admin.pages import PAGES, name, url

pytestmark = pytest.mark.django_db
NUL = "%00"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_nul_in_a_list_is_refused(as_boss: Client, page: Any) -> None:
    parameters = {
        "q", "o", "p", "all", "e", "unknown", "_facets", "_to_field", "_popup",
        *(filter_parameter(each, page) for each in page.list_filter),
    }  # fmt: skip
    for parameter in parameters:
        answer = as_boss.get(f"{url(page, 'changelist')}?{parameter}=a{NUL}b")
        assert answer.status_code == 400, parameter
    for path in (f"{NUL}/change/", f"{NUL}/history/", f"1/change/?_changelist_filters=q%3D{NUL}"):
        assert as_boss.get(url(page, "changelist") + path).status_code == 400, path
    assert as_boss.get(f"{url(page, 'changelist')}?a{NUL}=1").status_code == 400


def filter_parameter(given: Any, page: Any) -> str:
    """Return the parameter of an entry of ``list_filter``."""
    if isinstance(given, tuple):
        return f"{given[0]}__exact"
    if isinstance(given, str):
        return f"{given}__exact"
    return str(given.parameter_name)


def test_a_nul_in_a_form_a_lookup_or_a_cookie_is_refused(as_boss: Client) -> None:
    assert as_boss.get(f"{reverse('admin:autocomplete')}?term={NUL}").status_code == 400
    members = reverse("admin:members_member_changelist")
    chosen = {"action": "delete_selected", "_selected_action": "1\0"}
    assert as_boss.post(members, chosen).status_code == 400
    as_boss.cookies["sessionid"] = "\0abcdefgh"
    assert as_boss.get(members).status_code == 400


@pytest.mark.parametrize("path", ["/payouts/wechat", "/admin/login/", "/healthz"])
@pytest.mark.parametrize("length", ["abc", "-1", "1.5", "¹", "0x10"])
def test_a_content_length_that_is_no_number_is_refused(
    client: Client, path: str, length: str
) -> None:
    answer = client.post(path, CONTENT_LENGTH=length)
    assert answer.status_code == 400
    assert "Traceback" not in answer.content.decode()


@pytest.mark.parametrize("path", ["/payouts/wechat", "/admin/login/", "/admin/"])
def test_a_body_that_is_too_large_is_refused_unread(client: Client, path: str) -> None:
    class Unreadable(BytesIO):
        def read(self, *_: Any) -> bytes:
            raise AssertionError("the body is read")

    for length in (settings.MAX_REQUEST_SIZE + 1, 10**30, f"{'0' * 30}{10**30}"):
        answer = client.generic(
            "POST", path, content_type="multipart/form-data; boundary=b",
            **{"CONTENT_LENGTH": str(length), "wsgi.input": Unreadable()},
        )  # fmt: skip
        assert answer.status_code == 413


def test_a_length_of_thousands_of_zeros_is_none(client: Client, settings: Any) -> None:
    settings.WECHAT_EVENTS_TOKEN = "token"

    assert client.post("/wechat/events", CONTENT_LENGTH="0" * 5_000).status_code == 401


def test_files_that_grow_past_the_limit_are_not_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any
) -> None:
    settings.MAX_REQUEST_SIZE, settings.FILE_UPLOAD_TEMP_DIR = 200_000, str(tmp_path)
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    sizes: list[int] = []
    file = SimpleUploadedFile("bill.csv", b"x" * 1_000_000)
    request = RequestFactory().post("/", {"file": file})
    handlers = [load_handler(path, request) for path in settings.FILE_UPLOAD_HANDLERS]

    def look(*_: Any) -> None:
        sizes.extend(path.stat().st_size for path in tmp_path.iterdir())

    monkeypatch.setattr(handlers[-1], "upload_interrupted", look, raising=False)
    with pytest.raises(RequestDataTooBig):
        MultiPartParser(request.META, request, handlers).parse()
    look()
    assert sum(sizes) <= settings.MAX_REQUEST_SIZE


def test_searches_are_not_logged(as_boss: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        members = reverse("admin:members_member_changelist")
        assert as_boss.get(members, {"q": "13800001111"}).status_code == 200
        as_boss.get(members, {"q": "13800001111\0"})
        as_boss.get("/no/such/page?q=13800001111")
    assert "request_finished" in caplog.text
    assert members in caplog.text
    assert "13800001111" not in caplog.text
