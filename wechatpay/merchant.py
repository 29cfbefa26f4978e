"""The merchant who calls WeChat Pay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Self

from django.conf import settings

API_V3_KEY_LENGTH = 32
SETTINGS = {
    "mchid": "WECHATPAY_MERCHANT",
    "appid": "WECHATPAY_APP",
    "private_key": "WECHATPAY_PRIVATE_KEY",
    "cert_serial": "WECHATPAY_CERT_SERIAL",
    "api_v3_key": "WECHATPAY_API_V3_KEY",
    "public_key": "WECHATPAY_PUBLIC_KEY",
    "public_key_id": "WECHATPAY_PUBLIC_KEY_ID",
    "notify_url": "WECHATPAY_NOTIFY_URL",
    "base_url": "WECHATPAY_URL",
}


class NotConfigured(Exception):
    """Settings of WeChat Pay are missing or cannot be used; ``settings`` has their names."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"missing or invalid: {', '.join(names)}")
        self.settings = tuple(names)


@dataclass(frozen=True, slots=True)
class Merchant:
    """A merchant's credentials and settings."""

    mchid: str
    appid: str
    private_key: str = field(repr=False)
    """PEM, PKCS #8."""
    cert_serial: str
    """The serial number of the merchant's certificate for ``private_key``."""
    api_v3_key: str = field(repr=False)
    public_key: str = field(repr=False)
    """WeChat Pay's, PEM."""
    public_key_id: str
    """``PUB_KEY_ID_…``"""
    notify_url: str
    """https, without a query."""
    base_url: str = "https://api.mch.weixin.qq.com"
    timeout: tuple[float, float] = (3, 10)
    """Seconds to connect and to wait for data."""

    def __post_init__(self) -> None:
        if len(self.api_v3_key.encode()) != API_V3_KEY_LENGTH:
            raise ValueError("the API v3 key of WeChat Pay has 32 bytes")
        for name in ("mchid", "appid", "cert_serial", "public_key_id", "notify_url", "base_url"):
            if not getattr(self, name):
                raise ValueError(f"WeChat Pay needs {name}")

    @classmethod
    def from_settings(cls) -> Self:
        """Return the merchant of the settings.

        :raises NotConfigured: settings are missing or cannot be used
        """
        if names := invalid_settings():
            raise NotConfigured(names)
        return cls(**{name: getattr(settings, setting) for name, setting in SETTINGS.items()})


def invalid_settings() -> list[str]:
    """Return the names of the settings that are missing or cannot be used."""
    values = {name: str(getattr(settings, name)) for name in SETTINGS.values()}
    valid: dict[str, Callable[[str], object]] = {
        "WECHATPAY_API_V3_KEY": lambda key: len(key.encode()) == API_V3_KEY_LENGTH,
        "WECHATPAY_PRIVATE_KEY": partial(_can_load, "load_private_key"),
        "WECHATPAY_PUBLIC_KEY": partial(_can_load, "load_public_key"),
    }
    return [name for name, value in values.items() if not (value and valid.get(name, bool)(value))]


def _can_load(load: str, key: str) -> bool:
    from wechatpayv3 import utils  # noqa: PLC0415 - slow, and needed only where there are keys

    try:
        return getattr(utils, load)(key) is not None
    except Exception:  # noqa: BLE001 - the library raises no narrower class
        return False
