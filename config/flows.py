"""What follows from what. One screen; a system check proves that every name resolves.

A recorded fact (see ``events.services.happened``) is followed in two ways:

``TOGETHER``
    ``follower(subjects, at=at)`` in the fact's own transaction, in this order. For what must agree
    with the fact, such as money. It raises only for a fault.
``AFTERWARDS``
    ``handler(facts)`` by a worker after the commit, at least once, in order for each subject. For
    everything that may come a moment later. It must be harmless when it comes twice.

The names are dotted paths: a lower floor never imports a higher one.
"""

TOGETHER: dict[str, list[str]] = {
    "orders.changed": ["commissions.services.catch_up", "risk.services.screen"],
    "distribution.status_changed": ["commissions.services.hold_or_lift"],
    "commissions.clawed_back": ["withdrawals.services.stop_for_debt"],
}

AFTERWARDS: dict[str, list[str]] = {}
