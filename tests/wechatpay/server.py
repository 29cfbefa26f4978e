"""The fake provider: it accepts signed calls and stores bills; tests act for members."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from tests.wechatpay import authorizations, notifications, statement
from tests.wechatpay.api import Api
from tests.wechatpay.authorizations import Authorization
from tests.wechatpay.bills import FINAL, Pace, TransferBill
from tests.wechatpay.faults import Fault
from tests.wechatpay.ledger import Ledger, Paid
from tests.wechatpay.notifications import Notification
from tests.wechatpay.signing import Keys
from tests.wechatpay.web import Listener

CONFIRM_WINDOW = timedelta(hours=24)
CALLS = {
    "send", "query", "cancel", "statement", "download", "authorize", "query_authorization",
    "close_authorization",
}  # fmt: skip


class Server:
    """A server that listens after ``start`` or in ``with``. Public methods are thread-safe.

    :param balance: fen in the operation account
    :param at: a fixed clock that only ``pass_time`` moves; the real clock by default
    :param latency: delay of every response in seconds
    :param notifying: post a notification when a bill is settled
    :param books_when_locked: the fund flow shows the debit with the lock, and its return
    """

    def __init__(
        self,
        *,
        keys: Keys | None = None,
        port: int = 0,
        merchant: str = "1900000001",
        app: str = "wx1900000000000001",
        balance: int = 100_000_000,
        at: datetime | None = None,
        pace: Pace | None = None,
        latency: float = 0.0,
        notifying: bool = False,
        book_on_lock: bool = False,
    ) -> None:
        self.keys = keys or Keys.shared()
        self.merchant, self.app = merchant, app
        self.apps = {app}
        """The apps of the merchant: a test adds that of the official account."""
        self.pace, self.latency, self.notifying = pace or Pace(), latency, notifying
        self.ledger = Ledger(balance, book_on_lock=book_on_lock)
        self.lock = threading.RLock()
        self.stopping = threading.Event()
        self.calls: list[tuple[str, str]] = []
        """What was asked of the server, and of which bill, in order: ("send", "W1")."""
        self.in_flight = 0
        self.max_in_flight = 0
        self.names: dict[str, str] = {}
        self.future_failures: dict[str, str] = {}
        self.authorizations: dict[str, str] = {}
        self._authorizations: dict[str, Authorization] = {}
        self._frozen_at, self._passed = at, timedelta(0)
        self._bills: dict[str, TransferBill] = {}
        self._script: list[tuple[str, str, Fault]] = []
        self._notified: set[str] = set()
        self._numbers = itertools.count(1)
        self._listener = Listener(Api(self), port)

    def start(self) -> Self:
        self._listener.start()
        return self

    def stop(self) -> None:
        """Stop the server and end scripted delays."""
        self.stopping.set()
        self._listener.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *raised: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.port}"

    # --- time ----------------------------------------------------------------------------------

    @property
    def at(self) -> datetime:
        return (self._frozen_at or datetime.now(UTC)) + self._passed

    def pass_time(self, **time: float) -> None:
        """Move the clock by the arguments of a timedelta."""
        with self.lock:
            self._passed += timedelta(**time)
            self._advance_all()

    def expire(self) -> None:
        """Let 24 hours and the closing time pass, so that open bills expire."""
        self.pass_time(seconds=(CONFIRM_WINDOW + self.pace.closing).total_seconds())

    # --- bills and payments --------------------------------------------------------------------

    @property
    def bills(self) -> dict[str, TransferBill]:
        """Return the current bills by number."""
        with self.lock:
            self._advance_all()
            return dict(self._bills)

    def paid(self, out_bill_no: str) -> Paid:
        """Return how often and how much a bill was paid: at most once if the client is correct."""
        with self.lock:
            self.find(out_bill_no)
            return self.ledger.paid(out_bill_no)

    def paid_to(self, openid: str) -> Paid:
        """Return the payments of all bills to a member, which reveals a duplicate bill."""
        with self.lock:
            self._advance_all()
            return self.ledger.paid_to(openid)

    # --- actions of members and provider -------------------------------------------------------

    def set_real_name(self, openid: str, *, name: str) -> None:
        """Set the real name of a member; an unknown member accepts any name."""
        with self.lock:
            self.names[openid] = name

    def authorize(self, openid: str) -> str:
        """Authorize transfers without confirmation and return the authorization id."""
        with self.lock:
            number = f"2012{next(self._numbers):023}"
            self.authorizations[number] = openid
            return number

    def grant(self, number: str) -> None:
        """Confirm an authorization that was asked for, as the member does."""
        with self.lock:
            row = self.find_authorization(number)
            assert row, f"{number} is unknown"
            assert row.state == "WAIT_USER_CONFIRM", f"{number} cannot be confirmed"
            row.confirm(at=self.at)

    def revoke(self, number: str, reason: str = "USER_CLOSE") -> None:
        """End an authorization, as the member does in WeChat."""
        with self.lock:
            row = self.find_authorization(number)
            assert row, f"nobody has asked for {number}"
            row.close(reason, at=self.at)

    def authorized(self) -> list[Authorization]:
        """Return every authorization that was asked for, in its order."""
        with self.lock:
            return list(self._authorizations.values())

    def confirm(self, out_bill_no: str) -> bool:
        """Confirm a bill; return false if its page no longer opens."""
        with self.lock:
            bill = self._require_bill(out_bill_no)
            in_time = self.at < bill.created + CONFIRM_WINDOW
            if bill.state != "WAIT_USER_CONFIRM" or not in_time:
                return False
            bill.enter("TRANSFERING", at=self.at, ledger=self.ledger)
            self._advance(bill)
            return True

    def fail(self, out_bill_no: str, reason: str) -> None:
        """Fail an unsettled bill."""
        with self.lock:
            bill = self._require_bill(out_bill_no)
            assert bill.state not in FINAL, f"{out_bill_no} is {bill.state}"
            bill.enter("FAIL", at=self.at, ledger=self.ledger, reason=reason)
            self._advance(bill)

    def fail_future_bills(self, openid: str, reason: str) -> None:
        """Fail every later bill of this member after acceptance; "" ends this."""
        with self.lock:
            self.future_failures[openid] = reason

    def top_up(self, amount: int) -> None:
        with self.lock:
            self.ledger.top_up(amount, at=self.at)

    # --- faults --------------------------------------------------------------------------------

    def script(self, *, on: str, faults: Iterable[Fault], no: str = "") -> None:
        """Apply a fault to each of the next calls, optionally only to calls about one bill.

        :param on: one of ``CALLS``
        """
        assert on in CALLS, on
        with self.lock:
            self._script += [(on, no, fault) for fault in faults]

    def next_fault(self, on: str, no: str) -> Fault | None:
        with self.lock:
            for index, (call, number, fault) in enumerate(self._script):
                if call == on and number in {"", no}:
                    del self._script[index]
                    return fault
            return None

    # --- notifications -------------------------------------------------------------------------

    def notify(
        self,
        out_bill_no: str,
        /,
        *,
        times: int = 1,
        aged: timedelta = timedelta(0),
        event: str = notifications.FINISHED,
        **false: Any,
    ) -> list[Notification]:
        """Return deliveries of a notification, which the test posts itself.

        :param aged: age of the signature
        :param false: false fields: ``transfer_amount=1``
        """
        with self.lock:
            truth = self._require_bill(out_bill_no).notification_payload(self.merchant)
            number, at = f"EV-{next(self._numbers):032}", self.at - aged
        write = notifications.write
        return [
            write(self.keys, truth | false, at=at, number=number, event=event) for _ in range(times)
        ]

    def notify_authorization(
        self, authorization_no: str, /, *, times: int = 1, **false: Any
    ) -> list[Notification]:
        """Return deliveries of a notification about an authorization."""
        with self.lock:
            row = self.find_authorization(authorization_no)
            assert row, f"nobody has asked for {authorization_no}"
            truth = row.notification_payload(self.merchant)
            event = authorizations.CLOSED if row.state == "CLOSED" else authorizations.CONFIRMED
            number = f"EV-{next(self._numbers):032}"
        write = notifications.write
        return [
            write(self.keys, truth | false, at=self.at, number=number, event=event)
            for _ in range(times)
        ]

    def probe(self, out_bill_no: str) -> Notification:
        """Return a notification with the probe prefix WECHATPAY/SIGNTEST/ as its signature."""
        return notifications.probe(self.notify(out_bill_no)[0])

    def deliver(self, notification: Notification, url: str) -> int:
        """Post a notification and return the HTTP status, 0 without a response."""
        return notifications.deliver(notification, url)

    # --- for the API, under the lock -----------------------------------------------------------

    def add_authorization(self, content: Mapping[str, Any]) -> Authorization:
        row = Authorization(content, self.at)
        self._authorizations[row.number] = row
        return row

    def find_authorization(self, number: str) -> Authorization | None:
        if row := self._authorizations.get(number):
            row.advance(to=self.at)
        return row

    def live_authorization(self, openid: str) -> bool:
        rows = [self.find_authorization(number) for number in self._authorizations]
        return any(row and row.openid == openid and row.state != "CLOSED" for row in rows)

    def is_authorized(self, authorization_id: str, openid: str) -> bool:
        if self.authorizations.get(authorization_id) == openid:
            return True
        return any(
            row.is_in_effect and (row.authorization_id, row.openid) == (authorization_id, openid)
            for row in self._authorizations.values()
        )

    def add(self, bill: TransferBill) -> None:
        self._bills[bill.out_bill_no] = bill
        self._advance(bill)

    def find(self, out_bill_no: str) -> TransferBill | None:
        """Return the current bill without advancing the others: there may be thousands."""
        if bill := self._bills.get(out_bill_no):
            self._advance(bill)
        return bill

    def statement(self, day: Any) -> bytes:
        """Return the uncompressed fund flow file of a day."""
        with self.lock:
            self._advance_all()
            return statement.build_statement(self.ledger.rows, day, at=self.at)

    def state(self) -> Mapping[str, Any]:
        """Return the state as JSON for another process."""
        with self.lock:
            self._advance_all()
            bills = {
                number: {
                    "state": bill.state, "fail_reason": bill.fail_reason, "openid": bill.openid,
                    "amount": bill.amount, "paid": self.ledger.paid(number)._asdict(),
                }
                for number, bill in self._bills.items()
            }  # fmt: skip
            return {"balance": self.ledger.balance, "bills": bills, "calls": self.calls}

    def _require_bill(self, out_bill_no: str) -> TransferBill:
        bill = self.find(out_bill_no)
        assert bill, f"nobody has asked for {out_bill_no}"
        return bill

    def _advance_all(self) -> None:
        for bill in self._bills.values():
            self._advance(bill)

    def _advance(self, bill: TransferBill) -> None:
        bill.advance(to=self.at, pace=self.pace, ledger=self.ledger)
        url, number = bill.content.get("notify_url"), bill.out_bill_no
        if not (self.notifying and url and bill.state in FINAL and number not in self._notified):
            return
        self._notified.add(number)
        notification = notifications.write(
            self.keys, bill.notification_payload(self.merchant),
            at=self.at, number=f"EV-{next(self._numbers):032}",
        )  # fmt: skip
        threading.Thread(
            target=notifications.deliver, args=(notification, url), daemon=True
        ).start()
