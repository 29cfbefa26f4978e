"""Which events other systems may read: a list of the public ones, and why the others are private.

A test requires that every declared event is in exactly one of the two.
"""

from __future__ import annotations

from typing import Any

from catalog import events as catalog
from commissions import events as commissions
from distribution import events as distribution
from events.declarations import EventType
from incentives import events as incentives
from integration import events as integration
from members import events as members
from orders import events as orders
from promotions import events as promotions
from withdrawals import events as withdrawals

AWARD_FIELDS = ("member", "kind", "asset", "amount")

# The fields that are given out. Free texts of the staff are not.
_PUBLIC: dict[EventType, tuple[str, ...]] = {
    catalog.CATALOG_ON_SALE: (),
    catalog.CATALOG_OFF_SALE: (),
    commissions.COMMISSIONS_ACCRUED_TO_MEMBER: ("orders", "count", "amounts"),
    commissions.COMMISSIONS_CLAIM_OPENED: ("order", "reason"),
    commissions.COMMISSIONS_CLAIM_ANSWERED: ("answer",),
    commissions.COMMISSIONS_CLAWED_BACK_FROM_MEMBER: ("commission", "refund", "amounts", "owed"),
    commissions.COMMISSIONS_CREDITED_TO_MEMBER: ("settlement", "count", "amounts"),
    distribution.DISTRIBUTION_APPLIED: ("route",),
    distribution.DISTRIBUTION_APPROVED: ("route",),
    distribution.DISTRIBUTION_REJECTED: (),
    distribution.DISTRIBUTION_ENROLLED: ("route",),
    distribution.DISTRIBUTION_BOUND: ("binding", "source"),
    distribution.DISTRIBUTION_UNBOUND: ("binding", "end_reason"),
    distribution.DISTRIBUTION_EXPIRED: (),
    distribution.DISTRIBUTION_ASSIGNED: (),
    distribution.DISTRIBUTION_REASSIGNED: (),
    distribution.DISTRIBUTION_EXTENDED: ("binding",),
    distribution.DISTRIBUTION_STATUS_CHANGED: (),
    distribution.DISTRIBUTION_LEVEL_CHANGED: (),
    distribution.DISTRIBUTION_SEGMENT_CHANGED: (),
    incentives.INCENTIVES_AWARD_GRANTED: AWARD_FIELDS,
    incentives.INCENTIVES_AWARD_HELD: (*AWARD_FIELDS, "reason"),
    incentives.INCENTIVES_AWARD_REFUSED: (*AWARD_FIELDS, "reason"),
    incentives.INCENTIVES_AWARD_TAKEN_BACK: AWARD_FIELDS,
    incentives.INCENTIVES_CLOSING_FINAL: ("incentive", "awards", "amount"),
    incentives.INCENTIVES_FRIEND_ORDERED: ("incentive", "referrer"),
    incentives.INCENTIVES_GIFT_CANCELLED: ("member", "sku", "award"),
    incentives.INCENTIVES_GIFT_OPENED: ("member", "sku", "award"),
    incentives.INCENTIVES_GIFT_SENT: ("member", "sku", "award", "note"),
    incentives.INCENTIVES_LEVEL_WARNED: ("level", "lower", "last_day"),
    incentives.INCENTIVES_PERIOD_CLOSED: ("incentive", "period_start"),
    incentives.INCENTIVES_PROOF_APPROVED: ("member", "incentive"),
    incentives.INCENTIVES_PROOF_HANDED_IN: ("member", "incentive"),
    incentives.INCENTIVES_PROOF_REJECTED: ("member", "incentive", "reason"),
    integration.INTEGRATION_GOODS_CHANGED: (),
    integration.INTEGRATION_MEMBER_CHANGED: ("fields",),
    integration.INTEGRATION_MEMBER_MOVED_IN: ("joined", "enrolled", "referred"),
    members.MEMBERS_JOINED: ("provider",),
    members.MEMBERS_CLOSED: (),
    members.MEMBERS_LOCKED: (),
    members.MEMBERS_UNLOCKED: (),
    members.MEMBERS_MERGED: ("survivor", "amounts", "bindings", "ended"),
    orders.ORDERS_CHANGED: (),
    orders.ORDERS_COMPLETED: (),
    orders.ORDERS_RECEIPT_ASSUMED: (),
    orders.ORDERS_CLOSURE_DECIDED: ("outcome",),
    orders.ORDERS_CONFLICT_FILED: ("source",),
    orders.ORDERS_CONFLICT_RESOLVED: ("source",),
    orders.ORDERS_CONFLICT_DECIDED: ("outcome",),
    orders.ORDERS_REFUND_OVERDUE: (),
    promotions.PROMOTIONS_COUPON_PUBLISHED: (),
    promotions.PROMOTIONS_COUPON_ENDED: (),
    promotions.PROMOTIONS_COUPON_GRANTED: ("coupon", "member", "valid_from", "valid_until"),
    promotions.PROMOTIONS_COUPON_USED: ("coupon", "member", "order"),
    promotions.PROMOTIONS_COUPON_RETURNED: ("coupon", "member", "order"),
    promotions.PROMOTIONS_COUPON_REVOKED: ("coupon", "member"),
    withdrawals.WITHDRAWALS_REQUESTED: ("gross", "tax", "fee"),
    withdrawals.WITHDRAWALS_FINANCE_APPROVED: (),
    withdrawals.WITHDRAWALS_REJECTED: (),
    withdrawals.WITHDRAWALS_CANCELLED: (),
    withdrawals.WITHDRAWALS_FAILED: (),
    withdrawals.WITHDRAWALS_READY_TO_COLLECT: (),
    withdrawals.WITHDRAWALS_PAYING: (),
    withdrawals.WITHDRAWALS_PAID: ("net",),
    withdrawals.WITHDRAWALS_RETURNED: ("gross",),
    withdrawals.WITHDRAWALS_MARKED_PAID: (),
    withdrawals.WITHDRAWALS_MARKED_UNPAID: (),
}
PUBLIC: dict[str, tuple[EventType, tuple[str, ...]]] = {
    event_type.name: (event_type, fields) for event_type, fields in sorted(
        _PUBLIC.items(), key=lambda item: item[0].name
    )
}  # fmt: skip
TYPES = tuple(PUBLIC)

AWARD_SAMPLE = {
    "member": "3v9k2m8q4d7w1x5c6z0t",
    "kind": "amount",
    "asset": "store_credit",
    "amount": 1_000,
}
GIFT_SAMPLE = {
    "member": "3v9k2m8q4d7w1x5c6z0t",
    "sku": "mask-10",
    "award": "7q3m9x2k5w8d1v4c6z0t",
}
SAMPLES: dict[EventType, dict[str, Any]] = {
    commissions.COMMISSIONS_ACCRUED_TO_MEMBER: {"orders": 1, "count": 2},
    commissions.COMMISSIONS_CLAWED_BACK_FROM_MEMBER: {
        "commission": "20261101-0001-1-1",
        "refund": "R-20261103-7",
        "amounts": {"cash": -1_200},
        "owed": 0,
    },
    incentives.INCENTIVES_AWARD_GRANTED: AWARD_SAMPLE,
    incentives.INCENTIVES_AWARD_TAKEN_BACK: AWARD_SAMPLE,
    incentives.INCENTIVES_AWARD_HELD: {**AWARD_SAMPLE, "reason": "frozen"},
    incentives.INCENTIVES_AWARD_REFUSED: {**AWARD_SAMPLE, "reason": "budget"},
    incentives.INCENTIVES_FRIEND_ORDERED: {
        "incentive": "5d8w1v4c6z0t7q3m9x2k",
        "referrer": "3v9k2m8q4d7w1x5c6z0t",
    },
    incentives.INCENTIVES_GIFT_OPENED: GIFT_SAMPLE,
    incentives.INCENTIVES_GIFT_SENT: GIFT_SAMPLE,
    incentives.INCENTIVES_GIFT_CANCELLED: GIFT_SAMPLE,
    incentives.INCENTIVES_LEVEL_WARNED: {
        "level": "Gold",
        "lower": "Silver",
        "last_day": "2026-12-31",
    },
    promotions.PROMOTIONS_COUPON_GRANTED: {
        "coupon": "7q3m9x2k5w8d1v4c6z0t",
        "member": "3v9k2m8q4d7w1x5c6z0t",
        "valid_from": "2026-11-01T12:00:00+08:00",
        "valid_until": "2026-11-08T12:00:00+08:00",
    },
}
"""Values of the samples where one of the same type would say something wrong."""

_STAFF = "the staff's own work"
_KEY = "its subject has no public id"
_PERSONAL = "personal data"
_BOOKS = "the books of the merchant"
_RISK = "those concerned must not learn what the rules see"
_ACCESS = "who may do what in the back office"
PRIVATE: dict[str, str] = {
    "alarms.": _STAFF,
    "catalog.category_moved": "the mall has a tree of its own",
    "catalog.picture_changed": "the mall knows its pictures; workers follow it",
    "closing.": _BOOKS,
    "commissions.plan_": _STAFF,
    "commissions.credited": "each member gets an event: commissions.credited_to_member",
    "commissions.clawed_back": "each member gets an event: commissions.clawed_back_from_member",
    "commissions.retried": _KEY,
    "commissions.conflict_acceptance_": _STAFF,
    "distribution.form_published": _STAFF,
    "distribution.policy_changed": _STAFF,
    "incentives.closing_waits": _STAFF,
    "incentives.level_pinned": _STAFF,
    "incentives.level_unpinned": _STAFF,
    "incentives.ladder_changed": _STAFF,
    "incentives.version_": _STAFF,
    "incentives.incentive_stopped": _STAFF,
    "incentives.policy_changed": _STAFF,
    "integration.category_changed": _KEY,
    "materials.": _STAFF,
    "integration.client_": _ACCESS,
    "integration.import_": _STAFF,
    "ledger.": _BOOKS,
    "members.password_": _ACCESS,
    "members.email_changed": _PERSONAL,
    "members.second_factor_": _ACCESS,
    "members.staff_": _ACCESS,
    "members.merge_": _STAFF,
    "members.rights_changed": _ACCESS,
    "members.group_changed": _ACCESS,
    "members.signed_in": _PERSONAL,
    "members.agreement_": "what a member agreed to with the shop",
    "members.avatar_checked": _PERSONAL,
    "members.consent_revoked": _PERSONAL,
    "members.contact_unmasked": _PERSONAL,
    "members.duplicate_found": _STAFF,
    "members.phone_changed": _PERSONAL,
    "members.profile_changed": _PERSONAL,
    "members.session_ended": _PERSONAL,
    "members.session_offered": _PERSONAL,
    "notices.": _STAFF,
    "orders.policy_changed": _STAFF,
    "posters.": _STAFF,
    "promotions.coupon_drafted": _STAFF,
    "promotions.coupon_edited": _STAFF,
    "promotions.coupon_discarded": _STAFF,
    "risk.": _RISK,
    "sharing.": "the calls about shares and home pages answer it",
    "webhooks.": "it would be sent to whom it is about",
    "withdrawals.ops_approved": _STAFF,
    "withdrawals.finance_approved_once": _STAFF,
    "withdrawals.review_restarted": _STAFF,
    "withdrawals.payout_": _STAFF,
    "withdrawals.reply_mismatch": _STAFF,
    "withdrawals.outcome_mismatch": _STAFF,
    "withdrawals.retried_with_new_number": _STAFF,
    "withdrawals.resent": _STAFF,
    "withdrawals.cancel_requested": _STAFF,
    "withdrawals.batch_": _STAFF,
    "withdrawals.manual_": _STAFF,
    "withdrawals.manually_": _STAFF,
    "withdrawals.channel_": _STAFF,
    "withdrawals.identified": _PERSONAL,
    "withdrawals.payee_set": _PERSONAL,
    "withdrawals.authorization_closed": _PERSONAL,
    "withdrawals.authorized": _PERSONAL,
    "withdrawals.unmasked": _PERSONAL,
    "withdrawals.voucher_opened": _PERSONAL,
    "withdrawals.policy_changed": _STAFF,
}
"""Why events are private, by name; a name that ends with ``_`` or ``.`` stands for all that begin
with it."""


def why_private(name: str) -> list[str]:
    """Return the entries of ``PRIVATE`` that an event falls under."""
    return [
        entry
        for entry in PRIVATE
        if entry == name or (entry.endswith((".", "_")) and name.startswith(entry))
    ]
