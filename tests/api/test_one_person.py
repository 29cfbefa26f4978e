"""The mall says whom its members are in WeChat; both ids become one member."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from common import clock
from events.models import Event
from integration.clients import create_client
from integration.merges import MergeNotProposed, merge_members, propose_merge, refuse_merge
from members.models import Identity, Member, MemberMerge
from members.services import join_person
from members.sessions.proofs import LIFETIME, link_token
from members.sessions.services import end_sessions, open_session
from orders.models import Order
from tests.api.mall import Mall
from tests.api.phone import Phone, outcome
from tests.api.test_order_batches import body
from tests.cast import NOON, give, staff
from tests.sharing.things import share
from tests.shop import distributor, open_shop

pytestmark = pytest.mark.django_db

MINI, UNION = Identity.Provider.WECHAT_MINI, Identity.Provider.WECHAT_UNION
OPENID = {"app_id": "sandbox-mini", "openid": "o-lin"}


@pytest.fixture
def mall(db: None) -> Mall:
    client, secret = create_client(name="mall", scopes=None, at=NOON)
    return Mall(client.key, secret)


@pytest.fixture
def lin(db: None) -> Member:
    """Who signed in with the mini-program, and has nothing yet."""
    member, _is_new = join_person({MINI: "o-lin", UNION: "u-lin"}, at=NOON)
    return member


def proof(member: Member) -> str:
    return str(Phone(member).post("/me/link-token").json()["token"])


def put(mall: Mall, name: str, **fields: Any) -> tuple[str, str]:
    response = mall.put(f"/members/{name}", fields)
    assert response.status_code == 200, response.content
    return response.json()["status"], response.json()["link"]


def refused(mall: Mall, **fields: Any) -> tuple[int, str]:
    return outcome(mall.put("/members/lan", fields))


def of_mall(name: str) -> Member:
    return Member.objects.get(identities__provider="mall", identities__external_id=name)


def of_wechat() -> Member:
    return Member.objects.get(identities__provider=MINI, identities__external_id="o-lin")


def test_a_new_id_of_the_mall_leads_to_the_member_by_wechat(mall: Mall, lin: Member) -> None:
    distributor(lin)

    assert put(mall, "lin", member=proof(lin), nickname="Lin") == ("created", "linked")
    assert of_mall("lin") == lin
    assert put(mall, "lin", member=proof(lin)) == ("unchanged", "linked")


@pytest.mark.parametrize("by_proof", [True, False])
def test_who_has_nothing_is_merged_at_once(mall: Mall, lin: Member, by_proof: bool) -> None:
    open_shop()
    lan = of_mall("lan")
    phone = Phone(lin)
    share(lin)  # stays under the old id, and goes on
    fields = {"member": proof(lin)} if by_proof else {"wechat": OPENID}

    assert put(mall, "lan", **fields) == ("unchanged", "linked")
    assert of_wechat() == lan
    assert phone.get("/me").json()["id"] == lan.public_id
    merge = MemberMerge.objects.get()
    assert (merge.status, merge.source, merge.proposer, merge.decider) == (
        "agreed",
        "api:mall",
        None,
        None,
    )
    assert put(mall, "lan", wechat=OPENID) == ("unchanged", "linked")
    assert Event.objects.filter(name="members.merged").count() == 1


def test_with_a_proof_the_member_of_the_mall_may_be_the_new_one(mall: Mall, lin: Member) -> None:
    distributor(lin)
    mall.put("/members/lan", {})

    assert put(mall, "lan", member=proof(lin)) == ("unchanged", "linked")
    assert of_mall("lan") == lin


def test_the_mall_cannot_claim_a_stranger(mall: Mall, lin: Member) -> None:
    distributor(lin)

    assert put(mall, "lan", wechat=OPENID) == ("created", "proposed")
    assert put(mall, "lan", wechat=OPENID) == ("unchanged", "proposed")
    assert (of_wechat(), of_mall("lan") == lin) == (lin, False)
    assert MemberMerge.objects.get().status == "proposed"


def test_two_people_decide_where_both_have_something(mall: Mall, lin: Member) -> None:
    open_shop()
    distributor(lin)
    assert put(mall, "lan", member=proof(lin)) == ("unchanged", "proposed")
    told = MemberMerge.objects.get()
    qian = give(staff("Qian"), "propose_merge", "decide_merge")
    feng = give(staff("Feng"), "decide_merge")

    with pytest.raises(MergeNotProposed):
        merge_members(proposal=told, by=feng, at=clock.now())
    with pytest.raises(IntegrityError, match="merge_agreed_by_two"), transaction.atomic():
        MemberMerge.objects.update(
            status="agreed", decider=feng, decider_member=0, decided_at=clock.now()
        )
    mine = propose_merge(
        merged=told.merged, survivor=told.survivor, reason="yes", by=qian, at=clock.now()
    )
    merge_members(proposal=mine, by=feng, at=clock.now())

    assert of_wechat() == of_mall("lan")


def test_what_people_refused_is_not_asked_again(mall: Mall, lin: Member) -> None:
    distributor(lin)
    put(mall, "lan", wechat=OPENID)
    feng = give(staff("Feng"), "decide_merge")
    refuse_merge(proposal=MemberMerge.objects.get(), by=feng, at=clock.now())

    assert put(mall, "lan", wechat=OPENID) == ("unchanged", "refused")
    assert MemberMerge.objects.count() == 1


def test_a_second_customer_of_the_mall_is_not_merged_at_once(mall: Mall, lin: Member) -> None:
    put(mall, "lan", member=proof(lin))

    assert put(mall, "bo", member=proof(lin)) == ("created", "proposed")
    assert of_mall("bo") != lin


def test_ids_that_nobody_has_wait_for_the_sign_in(mall: Mall) -> None:
    ids = OPENID | {"unionid": "u-lin"}

    assert put(mall, "lan", wechat=ids) == ("created", "linked")
    member, is_new = join_person({MINI: "o-lin", UNION: "u-lin"}, at=NOON)
    assert (member, is_new) == (of_mall("lan"), False)
    other = {"app_id": "sandbox-mini", "openid": "o-bo"}
    assert refused(mall, wechat=other) == (409, "wechat_id_differs")


def test_bad_proofs_change_nothing(mall: Mall, lin: Member) -> None:
    session, tokens = open_session(member=lin, at=clock.now())
    late = link_token(session, at=clock.now() - LIFETIME)
    ended = link_token(session, at=clock.now())
    for text in ("nothing", "ü", tokens.access, late):
        assert refused(mall, member=text) == (422, "link_token_invalid")
    end_sessions([session], reason="signed_out", at=clock.now())

    assert refused(mall, member=ended) == (422, "link_token_invalid")
    assert refused(mall, wechat={"app_id": "wx1", "openid": "o"}) == (400, "unknown_app")
    assert refused(mall, wechat=OPENID, member=ended) == (400, "invalid_input")
    assert not Identity.objects.filter(provider="mall").exists()


def test_a_proof_opens_no_session(lin: Member) -> None:
    phone = Phone()
    phone._headers["Authorization"] = f"Bearer {proof(lin)}"

    assert outcome(phone.get("/me")) == (401, "token_invalid")


def test_an_order_names_its_buyer_by_either_id(mall: Mall, lin: Member) -> None:
    bo = open_shop()

    for number, buyer in (("A1", bo.public_id), ("A2", lin.public_id)):
        for _ in range(2):
            sent = mall.post("/orders:batch", {"orders": [body(order_no=number, buyer=buyer)]})
        assert sent.json()["results"][0]["status"] == "unchanged", sent.json()

    assert dict(Order.objects.values_list("number", "buyer")) == {"A1": bo.pk, "A2": lin.pk}
    assert mall.get("/orders/A1").json()["buyer"] == "bo"
    again = mall.post("/orders:batch", {"orders": [body(order_no="A1", buyer="bo")]})
    assert again.json()["results"][0]["status"] == "unchanged"
