"""Compare the order of a friend with those of who brought them, and of the other friends."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from django.db import connection

from risk.models import RuleName
from risk.queries import MAX_LISTED_MEMBERS, MAX_OWN_ORDERS, MAX_ROWS
from risk.rules import CONTACTS, ContactsOfFriend, Evidence

MAX_ORDERS_OF_A_FRIEND = 10


class FriendOrder(NamedTuple):
    """An order of a friend, and who brought them: persons, by primary key."""

    referrer: int
    friend: int
    order: int


def contacts_of_friends(
    friends: Collection[FriendOrder],
) -> dict[FriendOrder, dict[RuleName, Evidence]]:
    """Return the evidence for each rule about contacts that an order has, in one query.

    The newest friends of a referrer are compared, and the latest orders of each, which limits the
    cost. Accounts that were merged are one person.
    """
    if not friends:
        return {}
    names = {contact: name for name, contact in CONTACTS.items()}
    found: dict[FriendOrder, dict[RuleName, Evidence]] = {}
    columns = [list(column) for column in zip(*friends, strict=True)]
    parameters: dict[str, Any] = {
        "referrers": columns[0],
        "friends": columns[1],
        "orders": columns[2],
        "friend_limit": MAX_ROWS,
        "own_order_limit": MAX_OWN_ORDERS,
        "order_limit": MAX_ORDERS_OF_A_FRIEND,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SHARING, parameters)
        for *key, contact, buyers, shared, others, members in cursor.fetchall():
            found.setdefault(FriendOrder(*key), {})[names[contact]] = ContactsOfFriend(
                own_contacts=1, buyers=buyers, shared=shared, friends=others,
                members=(members or [])[:MAX_LISTED_MEMBERS],
            )  # fmt: skip
    return found


_SHARING = """
WITH part (part) AS (VALUES ('phone_hash'), ('device'), ('address_hash')),
asked AS (
    SELECT asked.*, part, placed.contact ->> part AS value
    FROM unnest(%(referrers)s::bigint[], %(friends)s::bigint[], %(orders)s::bigint[])
        AS asked (referrer, friend, order_id)
    JOIN orders_order AS placed ON placed.id = asked.order_id
    CROSS JOIN part
    WHERE placed.contact ->> part <> ''
), referrer AS (
    SELECT DISTINCT asked.referrer AS id FROM asked
), account AS (
    SELECT referrer.id AS referrer, member.id
    FROM referrer CROSS JOIN LATERAL (
        SELECT referrer.id UNION SELECT id FROM members_member WHERE merged_into_id = referrer.id
    ) AS member (id)
), brought AS (
    SELECT DISTINCT account.referrer, coalesce(friend.merged_into_id, friend.id) AS person
    FROM account
    CROSS JOIN LATERAL (
        SELECT member_id FROM distribution_referral
        WHERE referrer_id = account.id ORDER BY at DESC, member_id DESC LIMIT %(friend_limit)s
    ) AS referral
    JOIN members_member AS friend ON friend.id = referral.member_id
), other AS (
    SELECT referrer, referrer AS person, id AS account, %(own_order_limit)s AS most FROM account
    UNION ALL
    SELECT brought.referrer, brought.person, member.id, %(order_limit)s
    FROM brought CROSS JOIN LATERAL (
        SELECT brought.person
        UNION SELECT id FROM members_member WHERE merged_into_id = brought.person
    ) AS member (id)
    WHERE brought.person <> brought.referrer
), theirs AS (
    SELECT DISTINCT other.referrer, other.person, part, bought.contact ->> part AS value
    FROM other
    CROSS JOIN LATERAL (
        SELECT contact FROM orders_order
        WHERE buyer_id = other.account ORDER BY placed_at DESC LIMIT other.most
    ) AS bought
    CROSS JOIN part
    WHERE bought.contact ->> part <> ''
)
SELECT asked.referrer, asked.friend, asked.order_id, asked.part, count(DISTINCT theirs.person),
    count(DISTINCT theirs.person) FILTER (WHERE theirs.value = asked.value),
    count(DISTINCT theirs.person)
        FILTER (WHERE theirs.value = asked.value AND theirs.person <> asked.referrer),
    array_agg(DISTINCT member.public_id::text) FILTER (WHERE theirs.value = asked.value)
FROM asked
LEFT JOIN theirs ON theirs.referrer = asked.referrer AND theirs.part = asked.part
    AND theirs.person <> asked.friend
LEFT JOIN members_member AS member ON member.id = theirs.person
GROUP BY 1, 2, 3, 4
"""
