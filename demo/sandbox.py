"""Sign in as one of the people of the demo, for developers of clients."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from api.errors import FeatureOff
from demo.seed import PEOPLE
from members.models import Identity
from members.services import join
from members.sessions.services import open_session
from members.sessions.wechat import SignedIn, Visit
from wechat.gateway import gateway

NAMES = ("mei", "lan", "bo", "chen")
"""The names of ``PEOPLE`` for requests, in the same order."""


def sign_in(*, name: str, visit: Visit, at: datetime) -> SignedIn:
    """Sign in one of the people; create the member in a shop without the demo's history.

    :param name: one of ``NAMES``
    :raises FeatureOff: in production, where nobody signs in without a proof
    """
    if settings.PRODUCTION:
        raise FeatureOff
    number = NAMES.index(name)
    nickname, province, city = PEOPLE[number]
    member, is_new = join(
        provider=Identity.Provider.MALL, external_id=f"demo-{number + 1}", nickname=nickname,
        province=province, city=city, at=at,
    )  # fmt: skip
    wechat = gateway()
    _session, tokens = open_session(
        member=member, at=at, app_id=wechat.mini_app if wechat else "", device=visit.device,
        share=visit.share, anonymous_id=visit.anonymous_id,
    )  # fmt: skip
    return SignedIn(member, tokens, is_new)
