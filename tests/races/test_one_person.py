"""The mall tells at the same moment, many times, who somebody is: they are one member once."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from common import clock
from integration.clients import create_client
from integration.one_person import SavedMember, WeChatIds, save_person
from integration.people import MemberReport
from members.models import Identity, Member, MemberMerge
from members.services import join_person
from members.sessions.proofs import link_token
from members.sessions.services import open_session
from tests.cast import NOON
from tests.concurrency import run_concurrently

MINI, MALL = Identity.Provider.WECHAT_MINI, Identity.Provider.MALL
NAMES = ("a", "b", "c", "d", "e", "f")


@pytest.fixture
def lin(committed: str) -> Member:
    """Who signed in with the mini-program, and has nothing yet."""
    member, _is_new = join_person({MINI: "o-lin"}, at=NOON)
    return member


def tell(name: str, *, proof: str = "", openid: str = "") -> SavedMember:
    ids = WeChatIds("sandbox-mini", openid) if openid else None
    client, _secret = create_client(name=f"mall {name} {openid}", scopes=None, at=NOON)
    return save_person(
        MemberReport(external_id=name), proof=proof, wechat_ids=ids, source="api:mall",
        at=clock.now(), by=client,
    )  # fmt: skip


def proof_of(member: Member) -> str:
    session, _tokens = open_session(member=member, at=clock.now())
    return link_token(session, at=clock.now())


def links(ends: list[SavedMember]) -> Counter[str]:
    assert all(isinstance(end, SavedMember) for end in ends), ends
    return Counter(end.link for end in ends)


def test_one_proof_is_of_one_customer_of_the_mall(lin: Member) -> None:
    proof = proof_of(lin)

    ends = run_concurrently(*[partial(tell, name, proof=proof) for name in NAMES])

    assert links(ends) == {"linked": 1, "proposed": 5}
    assert lin.identities.filter(provider=MALL).count() == 1
    assert Member.objects.filter(merged_into=None).count() == 6
    assert not MemberMerge.objects.exclude(status="proposed").exists()


def test_ids_of_wechat_are_of_one_customer_of_the_mall(committed: str) -> None:
    ends = run_concurrently(*[partial(tell, name, openid="o-new") for name in NAMES])

    assert links(ends) == {"linked": 1, "proposed": 5}
    assert Identity.objects.filter(provider=MINI, external_id="o-new").count() == 1
    assert Member.objects.count() == 6


def test_a_sign_in_meets_the_mall(committed: str) -> None:
    told, signed_in = run_concurrently(
        partial(tell, "a", openid="o-new"),
        partial(join_person, {MINI: "o-new"}, at=clock.now()),
    )

    assert links([told]) == {"linked": 1}
    member, _is_new = signed_in
    survivor = Identity.objects.get(provider=MALL, external_id="a").member
    member.refresh_from_db()
    assert survivor in {member, member.merged_into}
    assert Identity.objects.get(provider=MINI, external_id="o-new").member == survivor
