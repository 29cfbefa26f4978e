"""A provider inside the process, for development and the demo: it pays nobody."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import Lock

from withdrawals.gateways.base import FINAL, Answer, Bill, Kind, State

LOST = Answer(Kind.UNCLEAR, code="timeout")


class SandboxGateway:
    """Succeeds when it is asked, unless its script says otherwise."""

    name = "sandbox"
    pays_to = frozenset({"wechat", "alipay", "bank"})
    least = 10
    confirmed_by_member = False
    needs_authorization = False

    def __init__(self) -> None:
        self._lock = Lock()
        self._bills: dict[str, tuple[Bill, State, str]] = {}
        self._faults: dict[str, deque[Callable[[Answer], Answer]]] = defaultdict(deque)
        self._ends: deque[tuple[State, str]] = deque()

    def terms(self) -> Mapping[str, str]:
        return {}

    def send(self, bill: Bill) -> Answer:
        with self._lock:
            known = self._bills.get(bill.out_bill_no)
            if known and known[0] != bill:
                return Answer(Kind.REFUSED, code="INVALID_REQUEST")
            if known is None:
                self._bills[bill.out_bill_no] = (bill, State.ACCEPTED, "")
            return self._told("send", bill.out_bill_no)

    def ask(self, out_bill_no: str) -> Answer:
        with self._lock:
            if out_bill_no not in self._bills:
                return Answer(Kind.NOT_FOUND, code="NOT_FOUND")
            bill, state, reason = self._bills[out_bill_no]
            if state not in FINAL:
                state, reason = self._ends.popleft() if self._ends else (State.SUCCESS, "")
                self._bills[out_bill_no] = (bill, state, reason)
            return self._told("ask", out_bill_no)

    def cancel(self, out_bill_no: str) -> Answer:
        with self._lock:
            if out_bill_no not in self._bills:
                return Answer(Kind.NOT_FOUND, code="NOT_FOUND")
            bill, state, _ = self._bills[out_bill_no]
            if state not in FINAL:
                self._bills[out_bill_no] = (bill, State.CANCELLED, "")
            return self._told("cancel", out_bill_no)

    def script(self, *, on: str, fault: Callable[[Answer], Answer] = lambda _: LOST) -> None:
        """Change the next answer to ``send``, ``ask`` or ``cancel``; without more, it is lost."""
        self._faults[on].append(fault)

    def ends_with(self, state: State, reason: str = "") -> None:
        """How the next bill will have ended when it is asked for."""
        self._ends.append((state, reason))

    def paid(self) -> list[Bill]:
        return [bill for bill, state, _ in self._bills.values() if state == State.SUCCESS]

    def _told(self, call: str, number: str) -> Answer:
        bill, state, reason = self._bills[number]
        answer = Answer(
            Kind.TOLD,
            state=state,
            out_bill_no=number,
            merchant=bill.merchant,
            app=bill.app,
            account=bill.account,
            amount=bill.amount,
            provider_no=f"sandbox-{number}",
            fail_reason=reason,
        )
        answer = replace(answer, raw={"status": 200, "state": state.value, "number": number})
        faults = self._faults[call]
        return faults.popleft()(answer) if faults else answer
