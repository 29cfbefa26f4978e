"""The kinds of alarms: what each means, what to do, and when it closes."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

StrOrPromise = str | Promise
REGISTRY: dict[str, AlarmKind] = {}
"""Every kind by code; ``docs/alarms.md`` lists them."""


class Severity(models.TextChoices):
    CRITICAL = "critical", _("critical")
    """Money is stopped or may be wrong: act now."""
    WARNING = "warning", _("warning")
    """Act today."""


@dataclass(frozen=True, slots=True)
class AlarmKind:
    """A kind of alarm.

    :param code: unique, stored with every alarm
    :param subject: the kind of its subjects, such as ``withdrawals.channel``
    :param title: what has happened
    :param advice: what to do
    :param closing: when the system closes it
    """

    code: str
    severity: Severity
    subject: str
    title: StrOrPromise
    advice: StrOrPromise
    closing: StrOrPromise

    def __post_init__(self) -> None:
        if REGISTRY.setdefault(self.code, self) is not self:
            raise ValueError(f"There are two kinds of alarms with the code {self.code}.")

    def __str__(self) -> str:
        return self.code


BY_A_PERSON = _("A person closes it.")

CHANNEL_PAUSED = AlarmKind(
    "channel_paused",
    Severity.CRITICAL,
    "withdrawals.channel",
    _("Payouts are paused"),
    _(
        "Read the reason on the page of payout channels. Remove the cause, such as an empty"
        " account at the provider, then resume the channel."
    ),
    _("The channel is resumed."),
)
PAYOUT_OVERDUE = AlarmKind(
    "payout_overdue",
    Severity.CRITICAL,
    "withdrawals.channel",
    _("Payouts have had no outcome for more than a day"),
    _(
        "Open the payout attempts, oldest first. Compare them with the provider's own page, and"
        " resolve those that it does not know from its statement."
    ),
    _("All overdue payouts of the channel have an outcome."),
)
PAYOUT_STOPPED = AlarmKind(
    "payout_stopped",
    Severity.CRITICAL,
    "withdrawals.channel",
    _("Payouts were refused, or replies do not match them"),
    _(
        "Open these payout attempts and read the evidence. Remove the cause and send them again, or"
        " resolve them from the provider's statement."
    ),
    _("None of them is open."),
)
PAYOUT_START_FAILED = AlarmKind(
    "payout_start_failed",
    Severity.CRITICAL,
    "withdrawals.channel",
    _("Payouts could not be started because of a fault"),
    _(
        "Read the traceback under payout_start_failed in the log of the worker and remove its"
        " cause. The payouts then start by themselves."
    ),
    _("Every approved withdrawal could be started."),
)
EXPIRY_FAILED = AlarmKind(
    "expiry_failed",
    Severity.WARNING,
    "withdrawals.channel",
    _("Uncollected withdrawals could not be cancelled because of a fault"),
    _(
        "Read the traceback under withdrawal_not_expired in the log of the worker and remove its"
        " cause. The withdrawals are tried again by the next run; until then their money is held."
    ),
    _("Every withdrawal that was not collected in time could be cancelled."),
)
OUTCOME_MISMATCH = AlarmKind(
    "outcome_mismatch",
    Severity.CRITICAL,
    "withdrawals.withdrawal",
    _("The provider reports another outcome than the recorded one"),
    _(
        "Do not pay this withdrawal again. Compare it with the provider's statement. If both paid,"
        " ask the member for the money or book it as a loss."
    ),
    BY_A_PERSON,
)
COMMISSION_FAULT = AlarmKind(
    "commission_fault",
    Severity.CRITICAL,
    "commissions.commissionhold",
    _("Commissions could not be credited because of a fault"),
    _(
        "Open the held commissions with the reason “could not be credited”, remove the cause that"
        " their detail names, and retry them."
    ),
    _("After a retry, no commission is held for a fault."),
)
CONTROL_FAILED = AlarmKind(
    "control_failed",
    Severity.CRITICAL,
    "closing.control",
    _("A daily control found differences"),
    _("Open the differences of this control, assign each to a person and explain its cause."),
    _("The control passes."),
)
LEDGER_INCONSISTENT = AlarmKind(
    "ledger_inconsistent",
    Severity.CRITICAL,
    "ledger",
    _("The proof of the ledger failed"),
    _(
        "Stop payouts with the kill switch, keep a copy of the database, and compare the accounts"
        " in the log with their transfers (docs/ledger.md)."
    ),
    _("The proof passes."),
)
STATEMENT_REJECTED = AlarmKind(
    "statement_rejected",
    Severity.WARNING,
    "closing.gateway",
    _("A provider's statement could not be read"),
    _(
        "Download the statement from the provider and import it by hand; the message says what is"
        " wrong with it."
    ),
    _("The next daily run reads every missing statement of the provider."),
)
REFUNDS_OVERDUE = AlarmKind(
    "refunds_overdue",
    Severity.WARNING,
    "orders.refund",
    _("Approved refunds are not done"),
    _(
        "Open the approved refunds, oldest first. Finish or withdraw them in the mall: their"
        " commissions are held until then."
    ),
    _("No approved refund is overdue."),
)
RECEIPTS_OVERDUE = AlarmKind(
    "receipts_overdue",
    Severity.WARNING,
    "orders.order",
    _("Shipped orders are not received"),
    _(
        "Open the shipped orders, oldest first. Report their receipt or close them in the mall:"
        " their commissions stay pending until then."
    ),
    _("No shipped order is overdue."),
)
ORDERS_NOT_COMPLETED = AlarmKind(
    "orders_not_completed",
    Severity.WARNING,
    "orders.order",
    _("Orders could not be completed because of a fault"),
    _(
        "Read the traceback under order_not_completed in the log of the worker and remove its"
        " cause. The orders are tried again every hour."
    ),
    _("Every order whose protection is over could be completed."),
)
CLOSURES_UNDECIDED = AlarmKind(
    "closures_undecided",
    Severity.WARNING,
    "orders.order",
    _("Paid orders were closed while goods are left"),
    _(
        "Open the commissions held for a closed order. Refund the rest in the mall, or decide"
        " there: credit, or treat as refunded."
    ),
    _("No closed order waits for a decision."),
)
ORDER_CONFLICTS = AlarmKind(
    "order_conflicts",
    Severity.WARNING,
    "orders.orderconflict",
    _("A source reports orders differently than they are known"),
    _(
        "Open the conflicts of this source. Let it report the right values, or accept or dismiss"
        " each: the commissions of these orders are held until then. If there are many, its time"
        " zone or a column may be shifted."
    ),
    _("No conflict of the source is open."),
)
CLAIMS_OVERDUE = AlarmKind(
    "claims_overdue",
    Severity.WARNING,
    "commissions.claim",
    _("Claims about commissions are not answered in time"),
    _(
        "Open the claims that are not answered, those due first, and answer them: the members see"
        " by when they should have an answer."
    ),
    _("No claim that is not answered is overdue."),
)
CLIENT_PAUSED = AlarmKind(
    "client_paused",
    Severity.CRITICAL,
    "integration.apiclient",
    _("A client of the API is paused: its orders contradict what is known"),
    _(
        "Ask the people of the mall what they changed: often a time zone or a column is shifted."
        " When it is corrected, resume the client on its page."
    ),
    _("The client is resumed."),
)
CLOSED_WITHOUT_ORDERS = AlarmKind(
    "closed_without_orders",
    Severity.WARNING,
    "incentives.periodclosing",
    _("A period of an incentive was closed without orders that no worker had counted"),
    _(
        "Read the last error of “incentives.followers” on the page of deliveries and remove its"
        " cause. The close does not change any more: compare its places and awards with these"
        " orders, confirm none that would be wrong, and pay what members miss by an adjustment."
    ),
    BY_A_PERSON,
)
DELIVERY_STUCK = AlarmKind(
    "delivery_stuck",
    Severity.CRITICAL,
    "events.follower",
    _("Events cannot be delivered"),
    _(
        "Read the last error on the page of deliveries. Remove its cause, then press “Try again"
        " now”."
    ),
    _("Nothing of this follower is stuck."),
)
WEBHOOK_FAILING = AlarmKind(
    "webhook_failing",
    Severity.WARNING,
    "webhooks.webhookendpoint",
    _("Calls of a webhook endpoint fail"),
    _(
        "Open the endpoint and read the answers of its deliveries. Ask those who run the receiver;"
        " calls are repeated, and after 3 days without a success the endpoint is switched off."
    ),
    _("A call succeeds, or the endpoint is removed."),
)
WEBHOOK_SWITCHED_OFF = AlarmKind(
    "webhook_switched_off",
    Severity.WARNING,
    "webhooks.webhookendpoint",
    _("A webhook endpoint was switched off because its calls fail"),
    _(
        "Open the endpoint and read the answers of its deliveries. When the receiver works again,"
        " switch the endpoint on: everything that waits is sent in its order."
    ),
    _("The endpoint is switched on, or removed."),
)
POSTERS_WAITING = AlarmKind(
    "posters_waiting",
    Severity.WARNING,
    "posters.queue",
    _("Posters wait for minutes to be drawn"),
    _(
        "Check that a worker of the queue “posters” runs (docs/posters.md). If one does, it is"
        " too slow for what members ask for: start another one."
    ),
    _("No poster waits for more than two minutes."),
)
POSTERS_NOT_DRAWN = AlarmKind(
    "posters_not_drawn",
    Severity.WARNING,
    "posters.postertemplate",
    _("Posters of a template could not be drawn"),
    _(
        "Read the traceback under poster_not_drawn in the log of the worker. If the template is to"
        " blame, publish an earlier version of it; members may then try again."
    ),
    _("No failed poster of the template is left: they are removed after a day."),
)
MINI_CODES_REFUSED = AlarmKind(
    "mini_codes_refused",
    Severity.WARNING,
    "sharing.codefetching",
    _("WeChat has given no codes of the mini-program for half an hour"),
    _(
        "Read the error: 45009 means too many codes, 41030 that the page of WECHAT_SHARE_PAGE is"
        " not published. Until it works, posters carry QR codes of the H5 page, and new attempts"
        " are made by themselves."
    ),
    _("WeChat gives a code again."),
)
JOB_LATE = AlarmKind(
    "job_late",
    Severity.CRITICAL,
    "alarms.job",
    _("A periodic job does not finish"),
    _(
        "Check that beat and at least one worker run and reach Redis. If they do, read the error"
        " of the job in the log of the worker."
    ),
    _("The job finishes again."),
)
