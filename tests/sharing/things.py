"""Shares and visits for the tests of this room."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from catalog.models import Product
from distribution.models import Binding
from members.models import Member, MemberSession
from members.sessions.services import open_session
from sharing.models import HomePage, MiniProgramCode, Share, Visit, VisitorClaim
from sharing.services import VisitResult, open_share, record_visit
from sharing.targets import Target
from tests import shop
from tests.cast import NOON

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0.50"


def mask(code: str = "mask") -> Product:
    """Return a product on sale."""
    product = shop.sku(code).product
    Product.objects.filter(pk=product.pk).update(status=Product.Status.ON_SALE)
    return product


def share(
    who: Member, kind: str = "recruit", target: str = "", *, channel: str = "chat", label: str = "",
    at: datetime = NOON,
) -> Share:  # fmt: skip
    opened, _is_new = open_share(
        member=who, target=Target(kind, target), channel=channel, label=label, at=at
    )
    return opened


def visit(
    code: str, *, by: Member | None = None, who: str = "", at: datetime = NOON, **more: Any
) -> VisitResult:
    return record_visit(
        code=code, anonymous_id=who, member=by, at=at, **{"user_agent": PHONE, **more}
    )


def sign_in(
    who: Member, *, anonymous_id: str = "", share: str = "", at: datetime = NOON
) -> MemberSession:
    session, _tokens = open_session(member=who, at=at, anonymous_id=anonymous_id, share=share)
    return session


def rows() -> dict[str, Any]:
    """Return every row that a refusal must leave unchanged."""
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (Share, Visit, VisitorClaim, HomePage, MiniProgramCode, Binding)
    }
