"""Neither logs nor refusals name a person's data, a token or a secret."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.test import Client, override_settings

from integration.clients import create_client
from members.models import Identity
from tests.api.mall import Mall
from tests.cast import NOON
from tests.members.api.client import ApiClient
from tests.withdrawals.factories import ID_NUMBER

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PHONE, CARD, NAME = "13800138000", "6222020200112233", "欧阳兰兰"


class Shop:
    """Collects what the shop answers to requests that it refuses."""

    def __init__(self, client: ApiClient) -> None:
        self.client, self.refusals = client, ""

    def keep(self, response: Any) -> Any:
        if response.status_code >= 400:
            self.refusals += response.content.decode()
        return response


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop(ApiClient())


def test_no_log_and_no_refusal_names_a_person_or_a_secret(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    phone, keep = shop.client, shop.keep
    with caplog.at_level(logging.INFO):
        login = phone.post("/auth/wechat/login", {"code": "lan", "phone_code": PHONE}).json()
        phone.access = login["access"]
        openid = Identity.objects.get(provider="wechat_mini").external_id
        used = [phone.access, login["refresh"]]
        for path in ("/me", "/me/data", "/me/identity", "/me/payees/wechat"):
            keep(phone.get(path))
        for name, number in ((NAME, ID_NUMBER[:-1] + "0"), (NAME * 20, ID_NUMBER), (NAME, "")):
            keep(phone.put("/me/identity", {"real_name": name, "id_number": number}))
        keep(phone.put("/me/identity", {"real_name": NAME, "id_number": ID_NUMBER}))
        for body in ({"account": CARD}, {"account": CARD, "bank": "工行"}, {"cards": CARD}):
            keep(phone.put("/me/payees/bank", body))
        keep(phone.put("/me/payees/wechat", {"account": openid}))
        keep(phone.put("/me/payees/wechat", {}))
        keep(phone.post("/me/phone", {"code": "used"}))
        keep(phone.post("/me/phone", {"code": "down"}))
        keep(phone.post("/auth/wechat/login", {"code": "used", "phone_code": PHONE}))
        key = {"Idempotency-Key": "k"}
        keep(phone.post("/withdrawals", {"amount": 1, "channel": "wechat"}, key))
        for _ in range(3):
            renewed = keep(phone.post("/auth/refresh", {"refresh": used[1]}))
            used += [text for text in renewed.json().values() if isinstance(text, str)][:2]
        keep(phone.post("/auth/refresh", {"refresh": used[1][:-1] + "x"}))
        proof = phone.post("/me/link-token").json().get("token", "none given")
        secrets = [*_of_the_mall(keep, proof, openid), proof, *used]
        keep(phone.post("/me/close"))
        keep(phone.get("/me"))

    assert shop.refusals.count('"status":4') > 10
    told = caplog.text + "".join(str(record.msg) for record in caplog.records)
    assert "request_finished" in told
    for text in (PHONE, CARD, NAME, ID_NUMBER, openid, "union-lan", *secrets):
        assert text not in told, text
        assert text not in shop.refusals, text


def _of_the_mall(keep: Any, proof: str, openid: str) -> list[str]:
    """Let the mall's server make mistakes; return its secrets and those of its sessions."""
    client, secret = create_client(name="mall", scopes=None, at=NOON)
    mall, wrong = Mall(client.key, secret), Mall(client.key, secret[::-1])
    keep(wrong.get("/members/lan"))
    ids = {"app_id": "sandbox-mini", "openid": openid}
    keep(mall.put("/members/lan", {"member": proof[:-1] + "x"}))
    keep(mall.put("/members/lan", {"member": proof, "wechat": ids}))
    keep(mall.put("/members/lan", {"wechat": {**ids, "app_id": "unknown"}}))
    keep(mall.put("/members/lan", {"wechat": ids}))
    with override_settings(EMBED_RETURN_HOSTS=["mall.example"]):
        body = {"scopes": ["me:read"], "return_to": "https://mall.example/"}
        token = mall.post("/members/lan/sessions", body).json().get("token", "none given")
    for _ in range(2):
        keep(Client().post("/api/v1/auth/embed", {"token": token}, "application/json"))
    keep(mall.post("/orders:batch", {"orders": [{"order_no": "O-1", "contact": {"phone": PHONE}}]}))
    return [secret, secret[::-1], token]
