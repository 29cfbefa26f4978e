"""What a poster shows. Everything is at hand: drawing asks neither the database nor the network.

All classes are values. The layers of a template are stored under them, so a picture counts by its
key, not by its bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

FEN = 100


@dataclass(frozen=True, slots=True)
class ProductData:
    """Prices are in fen; ``picture`` is a JPEG, PNG or WebP, best 1080 pixels wide or less."""

    title: str
    price_fen: int | None = None
    strike_fen: int | None = None
    picture: bytes | None = field(default=None, compare=False, repr=False)
    picture_key: str = ""
    badge: str = ""
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "tags", tuple(self.tags))
        object.__setattr__(self, "picture_key", _key(self.picture, self.picture_key))


@dataclass(frozen=True, slots=True)
class UserData:
    nickname: str = ""
    avatar: bytes | None = field(default=None, compare=False, repr=False)
    avatar_key: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "avatar_key", _key(self.avatar, self.avatar_key))


@dataclass(frozen=True, slots=True)
class ShareData:
    """``link`` is drawn as a QR code, unless there is a picture of a mini-program code."""

    link: str
    code_picture: bytes | None = field(default=None, repr=False)
    line: str = ""


@dataclass(frozen=True, slots=True)
class ShopData:
    """``is_ad`` marks the poster as advertising."""

    name: str = ""
    logo: bytes | None = field(default=None, repr=False)
    slogan: str = ""
    cta: str = ""
    cta2: str = ""
    footer: str = ""
    is_ad: bool = True


@dataclass(frozen=True, slots=True)
class PosterData:
    share: ShareData
    product: ProductData | None = None
    user: UserData = field(default_factory=UserData)
    shop: ShopData = field(default_factory=ShopData)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A finished poster.

    ``qr_text`` is what the QR code was read as. A mini-program code cannot be read by anything but
    WeChat: then it is empty, and ``is_qr_readable`` says that its picture was drawn.
    """

    content: bytes = field(repr=False)
    width: int
    height: int
    is_qr_readable: bool
    qr_text: str


def price_text(fen: int | None) -> str:
    """Format a price as posters show it: whole yuan without fen, else two decimals."""
    if fen is None or fen < 0:
        return ""
    yuan, rest = divmod(fen, FEN)
    return f"{yuan}.{rest:02}" if rest else str(yuan)


def _key(content: bytes | None, key: str) -> str:
    if content is None:
        return ""
    return key or sha256(content).hexdigest()
