"""The public page sends few password links, and answers all the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from members.models import PasswordLinkRequest, User
from members.sign_in.limits import MAX_BY_CLIENT, MAX_BY_EMAIL, count_link_request
from tests.cast import NOON

ADDRESS = "qian@example.com"


@pytest.fixture
def by_mail(qian: User, no_static_files: None) -> User:
    User.objects.filter(pk=qian.pk).update(email=ADDRESS)
    return qian


def ask(client: Client, email: str = ADDRESS, address: str = "192.0.2.1") -> str:
    page = client.post(
        reverse("admin_password_reset"), {"email": email}, REMOTE_ADDR=address, follow=True
    )
    assert page.status_code == 200
    return page.content.decode().split("csrfmiddlewaretoken")[0]


def test_an_account(by_mail: User, client: Client) -> None:
    allowed = {ask(client, address=f"192.0.2.{n}") for n in range(MAX_BY_EMAIL)}
    assert len(mail.outbox) == MAX_BY_EMAIL

    refused = {ask(client, "QIAN@example.com", "192.0.2.99"), ask(client, "nobody@example.com")}

    assert len(mail.outbox) == MAX_BY_EMAIL
    assert len(allowed | refused) == 1


def test_a_client(by_mail: User, client: Client) -> None:
    for number in range(MAX_BY_CLIENT):
        ask(client, f"nobody{number}@example.com")
    ask(client)
    assert mail.outbox == []
    ask(client, address="192.0.2.2")
    assert len(mail.outbox) == 1


def test_after_an_hour(db: None) -> None:
    asked = {"email": ADDRESS, "client": "192.0.2.1"}
    for _n in range(MAX_BY_EMAIL):
        assert count_link_request(**asked, at=NOON)
    assert not count_link_request(**asked, at=NOON + timedelta(minutes=59))
    assert count_link_request(**asked, at=NOON + timedelta(minutes=60))
    assert PasswordLinkRequest.objects.count() == 1  # the older ones are gone


def test_no_address_is_stored(by_mail: User, client: Client) -> None:
    ask(client)
    row = PasswordLinkRequest.objects.values_list("email_hash", "client_hash").get()
    assert not {"qian", "192.0.2.1"} & set("".join(row).split("@"))
    assert all(len(each) == 64 for each in row)
