"""The provider: takes signed calls, keeps bills and money; tests act as members and fate."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from tests.wechatpay import notifications, statement
from tests.wechatpay.api import Api
from tests.wechatpay.bills import FINAL, Pace, TransferBill
from tests.wechatpay.faults import Fault
from tests.wechatpay.ledger import Ledger, Paid
from tests.wechatpay.notifications import Notification
from tests.wechatpay.signing import Keys
from tests.wechatpay.web import Listener

CONFIRM_WINDOW = timedelta(hours=24)


class Server:
    """Listens from ``start`` (or ``with``) on. All that is public may be used from any thread.

    :param balance: fen in the operation account
    :param at: a clock that stands still there until ``pass_time``; else it is the real one
    :param latency: seconds that every answer takes
    :param notifying: post a notice by itself once a bill is settled
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
        """Ends scripted silences too."""
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
        """Move the clock on, in the words of a timedelta."""
        with self.lock:
            self._passed += timedelta(**time)
            self._advance_all()

    def expire(self) -> None:
        """Let the member's 24 hours pass, and what it takes until the bills say so."""
        self.pass_time(seconds=(CONFIRM_WINDOW + self.pace.closing).total_seconds())

    # --- what there is -------------------------------------------------------------------------

    @property
    def bills(self) -> dict[str, TransferBill]:
        """By number, as they stand now."""
        with self.lock:
            self._advance_all()
            return dict(self._bills)

    def paid(self, out_bill_no: str) -> Paid:
        """How often and how much a bill was paid: 0 or 1 times, if all is well."""
        with self.lock:
            self.find(out_bill_no)
            return self.ledger.paid(out_bill_no)

    def paid_to(self, openid: str) -> Paid:
        """What a member has received from all bills: shows a second bill for the same thing."""
        with self.lock:
            self._advance_all()
            return self.ledger.paid_to(openid)

    # --- what members and fate do --------------------------------------------------------------

    def set_real_name(self, openid: str, *, name: str) -> None:
        """The real name of a member; one who is not known has any name."""
        with self.lock:
            self.names[openid] = name

    def authorize(self, openid: str) -> str:
        """The member lets money come in without confirming; the authorization's id."""
        with self.lock:
            number = f"2012{next(self._numbers):023}"
            self.authorizations[number] = openid
            return number

    def confirm(self, out_bill_no: str) -> bool:
        """The member taps *receive*; false when the page would not open any more."""
        with self.lock:
            bill = self._require_bill(out_bill_no)
            in_time = self.at < bill.created + CONFIRM_WINDOW
            if bill.state != "WAIT_USER_CONFIRM" or not in_time:
                return False
            bill.enter("TRANSFERING", at=self.at, ledger=self.ledger)
            self._advance(bill)
            return True

    def fail(self, out_bill_no: str, reason: str) -> None:
        """The provider gives up on a bill that is not settled yet."""
        with self.lock:
            bill = self._require_bill(out_bill_no)
            assert bill.state not in FINAL, f"{out_bill_no} is {bill.state}"
            bill.enter("FAIL", at=self.at, ledger=self.ledger, reason=reason)
            self._advance(bill)

    def fail_future_bills(self, openid: str, reason: str) -> None:
        """Every later bill of this member is accepted and then fails; "" lifts it."""
        with self.lock:
            self.future_failures[openid] = reason

    def top_up(self, amount: int) -> None:
        with self.lock:
            self.ledger.top_up(amount, at=self.at)

    # --- what goes wrong -----------------------------------------------------------------------

    def script(self, *, on: str, faults: Iterable[Fault], no: str = "") -> None:
        """Spoil the next calls, one fault each; of one bill only, if it is named.

        :param on: send | ask | cancel | statement | download
        """
        assert on in {"send", "query", "cancel", "statement", "download"}, on
        with self.lock:
            self._script += [(on, no, fault) for fault in faults]

    def next_fault(self, on: str, no: str) -> Fault | None:
        with self.lock:
            for index, (call, number, fault) in enumerate(self._script):
                if call == on and number in {"", no}:
                    del self._script[index]
                    return fault
            return None

    # --- notices -------------------------------------------------------------------------------

    def notify(
        self,
        out_bill_no: str,
        /,
        *,
        times: int = 1,
        aged: timedelta = timedelta(0),
        event: str = notifications.FINISHED,
        **said: Any,
    ) -> list[Notification]:
        """Deliveries of one notice, to be handed in by the test.

        :param aged: signed so long ago
        :param said: what it says instead of the truth: ``transfer_amount=1``
        """
        with self.lock:
            truth = self._require_bill(out_bill_no).notification_payload(self.merchant)
            number, at = f"EV-{next(self._numbers):032}", self.at - aged
        write = notifications.write
        return [
            write(self.keys, truth | said, at=at, number=number, event=event) for _ in range(times)
        ]

    def probe(self, out_bill_no: str) -> Notification:
        """A notice with WECHATPAY/SIGNTEST/ in place of its signature."""
        return notifications.probe(self.notify(out_bill_no)[0])

    def deliver(self, notice: Notification, url: str) -> int:
        """Post it; the status of the answer, 0 for none."""
        return notifications.deliver(notice, url)

    # --- for the API, under the lock -----------------------------------------------------------

    def add(self, bill: TransferBill) -> None:
        self._bills[bill.out_bill_no] = bill
        self._advance(bill)

    def find(self, out_bill_no: str) -> TransferBill | None:
        """As it stands now; the others are left alone, for there may be thousands."""
        if bill := self._bills.get(out_bill_no):
            self._advance(bill)
        return bill

    def statement(self, day: Any) -> bytes:
        """The plain fund flow file of a day."""
        with self.lock:
            self._advance_all()
            return statement.build_statement(self.ledger.rows, day, at=self.at)

    def state(self) -> Mapping[str, Any]:
        """All of it in plain words, for another process."""
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
        notice = notifications.write(
            self.keys, bill.notification_payload(self.merchant),
            at=self.at, number=f"EV-{next(self._numbers):032}",
        )  # fmt: skip
        threading.Thread(target=notifications.deliver, args=(notice, url), daemon=True).start()
