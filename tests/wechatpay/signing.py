"""Keys, signatures and encryption of API v3."""

from __future__ import annotations

import base64
import json
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

SCHEME = "WECHATPAY2-SHA256-RSA2048"
OAEP_SHA1 = OAEP(mgf=MGF1(algorithm=SHA1()), algorithm=SHA1(), label=None)
FRESH_SECONDS = 300


class BadRequestSignature(Exception):
    """The merchant's Authorization header is missing or invalid."""


@dataclass(frozen=True)
class Keys:
    """The keys of both sides: the merchant's are for the gateway, the rest for the server."""

    merchant: RSAPrivateKey
    platform: RSAPrivateKey
    api_v3_key: str
    merchant_serial: str
    platform_serial: str

    @classmethod
    def generate(cls) -> Keys:
        return cls(
            merchant=generate_private_key(65537, 2048),
            platform=generate_private_key(65537, 2048),
            api_v3_key=secrets.token_hex(16),
            merchant_serial=secrets.token_hex(20).upper(),
            platform_serial=f"PUB_KEY_ID_{secrets.randbelow(10**28):028}",
        )

    @classmethod
    @cache
    def shared(cls) -> Keys:
        """Return the keys of this process: generating them takes longer than most tests."""
        return cls.generate()

    @classmethod
    def load_or_create(cls, folder: Path) -> Keys:
        """Load the keys from a folder, or create them there."""
        settings = folder / "keys.json"
        if not settings.exists():
            folder.mkdir(parents=True, exist_ok=True)
            keys = cls.generate()
            (folder / "merchant.pem").write_text(keys.merchant_pem)
            (folder / "platform.pem").write_text(_pem(keys.platform))
            (folder / "platform_public.pem").write_text(keys.platform_public_pem)
            names = ("api_v3_key", "merchant_serial", "platform_serial")
            settings.write_text(json.dumps({name: getattr(keys, name) for name in names}))
        return cls(
            merchant=_load((folder / "merchant.pem").read_bytes()),
            platform=_load((folder / "platform.pem").read_bytes()),
            **json.loads(settings.read_text()),
        )

    @property
    def merchant_pem(self) -> str:
        return _pem(self.merchant)

    @property
    def platform_public_pem(self) -> str:
        public = self.platform.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    # --- requests of the merchant ----------------------------------------------------------

    def check_request(
        self, method: str, path: str, authorization: str, body: bytes, *, merchant: str
    ) -> None:
        """Accept a request signed by this merchant in the last five minutes.

        :raises BadRequestSignature: anything else
        """
        scheme, _, rest = authorization.partition(" ")
        parts = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        mine = (SCHEME, merchant, self.merchant_serial)
        if (scheme, parts.get("mchid"), parts.get("serial_no")) != mine:
            raise BadRequestSignature
        if abs(time.time() - int(parts.get("timestamp", 0))) > FRESH_SECONDS:
            raise BadRequestSignature
        signed = f"{method}\n{path}\n{parts['timestamp']}\n{parts['nonce_str']}\n".encode()
        signature = base64.b64decode(parts["signature"])
        try:
            self.merchant.public_key().verify(
                signature, signed + body + b"\n", PKCS1v15(), SHA256()
            )
        except InvalidSignature:
            raise BadRequestSignature from None

    def decrypt_name(self, encrypted: str) -> str:
        return self.platform.decrypt(base64.b64decode(encrypted), OAEP_SHA1).decode()

    # --- responses and notifications of the platform ---------------------------------------

    def sign(self, body: bytes, *, timestamp: int | None = None) -> dict[str, str]:
        """Return the five signature headers of a response or notification."""
        timestamp = int(time.time()) if timestamp is None else timestamp
        nonce = secrets.token_hex(16)
        signed = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
        signature = self.platform.sign(signed, PKCS1v15(), SHA256())
        return {
            "Wechatpay-Timestamp": str(timestamp),
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Signature": base64.b64encode(signature).decode(),
            "Wechatpay-Serial": self.platform_serial,
            "Wechatpay-Signature-Type": SCHEME,
        }

    def encrypt_name(self, name: str) -> str:
        """Encrypt a name for the merchant."""
        encrypted = self.merchant.public_key().encrypt(name.encode(), OAEP_SHA1)
        return base64.b64encode(encrypted).decode()

    def encrypt_resource(self, payload: Mapping[str, Any], *, kind: str) -> dict[str, str]:
        """Return the encrypted resource of a notification."""
        nonce = secrets.token_hex(6)
        plain = json.dumps(payload, ensure_ascii=False).encode()
        ciphertext = AESGCM(self.api_v3_key.encode()).encrypt(nonce.encode(), plain, kind.encode())
        return {
            "original_type": kind,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": base64.b64encode(ciphertext).decode(),
            "associated_data": kind,
            "nonce": nonce,
        }


def _pem(key: RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _load(pem: bytes) -> RSAPrivateKey:
    key = load_pem_private_key(pem, password=None)
    assert isinstance(key, RSAPrivateKey)
    return key
