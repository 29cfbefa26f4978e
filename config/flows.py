"""What follows from what. One screen; a system check proves that every name resolves.

A recorded fact (see ``events.services.happened``) is followed in two ways:

``IN_TRANSACTION``
    ``follower(subjects, at=at)`` in the fact's own transaction, in this order. For what must agree
    with the fact, such as money. It raises only for a fault.
``AFTER_COMMIT``
    ``handler(facts)`` by a worker after the commit, at least once, in order for each subject. For
    everything that may come a moment later. It must be harmless when it comes twice.

The names are dotted paths: a lower floor never imports a higher one.
"""

IN_TRANSACTION: dict[str, list[str]] = {
    "orders.changed": [
        "commissions.services.sync_commissions",
        "risk.services.screen_changed_orders",
    ],
    "distribution.status_changed": ["commissions.services.sync_freeze_holds"],
    "commissions.clawed_back": ["withdrawals.services.cancel_for_debt"],
}

AFTER_COMMIT: dict[str, list[str]] = {}
