"""The table of followers; a system check proves that every name resolves.

A recorded event (see ``events.services.record``) is followed in two ways:

``IN_TRANSACTION``
    ``follower(subjects, at=at)`` in the event's transaction, in this order. For what must agree
    with the event, such as money. It raises only for a fault.
``AFTER_COMMIT``
    ``handler(events)`` by a worker after the commit, at least once, in order for each subject. For
    everything that may come a moment later. It must be idempotent.

The names are dotted paths, because a lower floor never imports a higher one.
"""

from alarms.events import ALARMS_RAISED, ALARMS_REMINDED
from catalog.events import CATALOG_ON_SALE, CATALOG_PICTURE_CHANGED
from commissions.events import (
    COMMISSIONS_ACCRUED_TO_MEMBER,
    COMMISSIONS_CLAIM_ANSWERED,
    COMMISSIONS_CLAWED_BACK,
    COMMISSIONS_CLAWED_BACK_FROM_MEMBER,
    COMMISSIONS_CREDITED,
    COMMISSIONS_CREDITED_TO_MEMBER,
)
from distribution.events import (
    DISTRIBUTION_APPROVED,
    DISTRIBUTION_BOUND,
    DISTRIBUTION_LEVEL_CHANGED,
    DISTRIBUTION_REJECTED,
    DISTRIBUTION_STATUS_CHANGED,
)
from events.declarations import EventType
from incentives.events import (
    INCENTIVES_AWARD_GRANTED,
    INCENTIVES_AWARD_HELD,
    INCENTIVES_AWARD_REFUSED,
    INCENTIVES_AWARD_TAKEN_BACK,
    INCENTIVES_CLOSING_FINAL,
    INCENTIVES_FRIEND_ORDERED,
    INCENTIVES_GIFT_CANCELLED,
    INCENTIVES_GIFT_SENT,
    INCENTIVES_LEVEL_WARNED,
    INCENTIVES_PROOF_APPROVED,
    INCENTIVES_PROOF_HANDED_IN,
    INCENTIVES_PROOF_REJECTED,
)
from members.events import MEMBERS_CLOSED, MEMBERS_MERGED, MEMBERS_SIGNED_IN
from orders.events import (
    ORDERS_CHANGED,
    ORDERS_COMPLETED,
    ORDERS_CONFLICT_DECIDED,
    ORDERS_CONFLICT_FILED,
    ORDERS_CONFLICT_RESOLVED,
)
from posters.events import POSTERS_TEMPLATE_PUBLISHED
from promotions.events import PROMOTIONS_COUPON_REVOKED
from risk.events import RISK_HELD, RISK_RELEASED
from sharing.events import SHARING_CODE_STORED
from withdrawals.events import (
    WITHDRAWALS_FAILED,
    WITHDRAWALS_FINANCE_APPROVED,
    WITHDRAWALS_PAID,
    WITHDRAWALS_READY_TO_COLLECT,
    WITHDRAWALS_REJECTED,
)

IN_TRANSACTION: dict[EventType, list[str]] = {
    MEMBERS_CLOSED: ["promotions.services.revoke_coupons_of_closed"],
    MEMBERS_SIGNED_IN: ["sharing.services.join_visits"],
    ORDERS_CHANGED: [
        "commissions.services.sync_commissions",
        "risk.services.screen_changed_orders",
    ],
    COMMISSIONS_CLAWED_BACK: ["withdrawals.services.cancel_for_debt"],
}

ALARM_SENDERS = [
    "alarms.handlers.send_mail",
    "alarms.handlers.post_to_robot",
    "alarms.handlers.report_to_sentry",
]

ALARM_CONFLICTS = ["orders.handlers.alarm_conflicts"]

NOTICE_OF_AWARD = ["notices.followers.tell_of_awards"]
NOTICE_OF_GIFT = ["notices.followers.tell_of_gifts"]
NOTICE_OF_PROOF = ["notices.followers.tell_of_proofs"]
NOTICE_OF_APPLICATION = ["notices.followers.tell_of_applications"]
NOTICE_OF_WITHDRAWAL = ["notices.followers.tell_of_withdrawals"]

COUNT_ORDERS = ["incentives.followers.count_orders"]

COUNT_PROOF = ["incentives.contest_followers.count_proofs"]

WARM_PRODUCT = ["posters.followers.warm_products"]

AFTER_COMMIT: dict[EventType, list[str]] = {
    ALARMS_RAISED: ALARM_SENDERS,
    ALARMS_REMINDED: ALARM_SENDERS,
    COMMISSIONS_CLAWED_BACK: ["commissions.services.record_member_clawbacks"],
    COMMISSIONS_CREDITED: ["commissions.services.record_member_credits"],
    ORDERS_CONFLICT_FILED: ALARM_CONFLICTS,
    ORDERS_CONFLICT_RESOLVED: ALARM_CONFLICTS,
    ORDERS_CONFLICT_DECIDED: ALARM_CONFLICTS,
    COMMISSIONS_ACCRUED_TO_MEMBER: ["notices.followers.tell_of_accruals"],
    COMMISSIONS_CREDITED_TO_MEMBER: ["notices.followers.tell_of_credits"],
    COMMISSIONS_CLAWED_BACK_FROM_MEMBER: ["notices.followers.tell_of_clawbacks"],
    COMMISSIONS_CLAIM_ANSWERED: ["notices.followers.tell_of_claims"],
    CATALOG_ON_SALE: WARM_PRODUCT,
    CATALOG_PICTURE_CHANGED: WARM_PRODUCT,
    DISTRIBUTION_APPROVED: [*NOTICE_OF_APPLICATION, "posters.followers.greet_distributors"],
    DISTRIBUTION_REJECTED: NOTICE_OF_APPLICATION,
    DISTRIBUTION_BOUND: ["notices.followers.tell_of_bindings"],
    DISTRIBUTION_LEVEL_CHANGED: ["notices.followers.tell_of_levels"],
    INCENTIVES_AWARD_GRANTED: NOTICE_OF_AWARD,
    INCENTIVES_AWARD_HELD: NOTICE_OF_AWARD,
    INCENTIVES_AWARD_REFUSED: NOTICE_OF_AWARD,
    INCENTIVES_AWARD_TAKEN_BACK: [
        "withdrawals.followers.cancel_for_award_debt",
        "incentives.followers.give_instead_of_coupons",
        *NOTICE_OF_AWARD,
    ],
    INCENTIVES_FRIEND_ORDERED: ["notices.followers.tell_of_friends"],
    INCENTIVES_GIFT_CANCELLED: NOTICE_OF_GIFT,
    INCENTIVES_GIFT_SENT: NOTICE_OF_GIFT,
    INCENTIVES_LEVEL_WARNED: ["notices.followers.warn_of_levels"],
    INCENTIVES_CLOSING_FINAL: ["incentives.contest_followers.release_awards"],
    INCENTIVES_PROOF_APPROVED: [*COUNT_PROOF, *NOTICE_OF_PROOF],
    INCENTIVES_PROOF_HANDED_IN: COUNT_PROOF,
    INCENTIVES_PROOF_REJECTED: [*COUNT_PROOF, *NOTICE_OF_PROOF],
    DISTRIBUTION_STATUS_CHANGED: ["incentives.followers.follow_distributors"],
    MEMBERS_CLOSED: ["incentives.followers.follow_closed_accounts"],
    MEMBERS_MERGED: ["incentives.followers.follow_merges"],
    ORDERS_CHANGED: COUNT_ORDERS,
    ORDERS_COMPLETED: [*COUNT_ORDERS, "incentives.ladder.followers.review_sellers"],
    RISK_HELD: ["incentives.followers.follow_risk_holds"],
    RISK_RELEASED: [
        "incentives.followers.follow_risk_holds",
        "incentives.followers.give_released",
    ],
    PROMOTIONS_COUPON_REVOKED: ["incentives.followers.book_revoked_coupons"],
    POSTERS_TEMPLATE_PUBLISHED: ["posters.followers.warm_templates"],
    SHARING_CODE_STORED: ["posters.followers.replace_stand_ins"],
    WITHDRAWALS_FINANCE_APPROVED: NOTICE_OF_WITHDRAWAL,
    WITHDRAWALS_REJECTED: NOTICE_OF_WITHDRAWAL,
    WITHDRAWALS_READY_TO_COLLECT: NOTICE_OF_WITHDRAWAL,
    WITHDRAWALS_PAID: NOTICE_OF_WITHDRAWAL,
    WITHDRAWALS_FAILED: NOTICE_OF_WITHDRAWAL,
}
