"""A provider inside the process for development and the demo; no money moves."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from threading import Lock

from withdrawals.gateways.base import (
    FINAL,
    Gateway,
    PayoutInstruction,
    ProviderReply,
    ReplyKind,
    State,
)

LOST_REPLY = ProviderReply(ReplyKind.UNCLEAR, code="timeout")


class SandboxGateway(Gateway):
    """Succeed at the first query, unless scripted otherwise."""

    name = "sandbox"
    min_amount = 10

    def __init__(self) -> None:
        self._lock = Lock()
        self._transfers: dict[str, tuple[PayoutInstruction, State, str]] = {}
        self._faults: dict[str, deque[Callable[[ProviderReply], ProviderReply]]] = defaultdict(
            deque
        )
        self._outcomes: deque[tuple[State, str]] = deque()

    def send(self, instruction: PayoutInstruction) -> ProviderReply:
        with self._lock:
            known = self._transfers.get(instruction.out_bill_no)
            if known and known[0] != instruction:
                return ProviderReply(ReplyKind.REFUSED, code="INVALID_REQUEST")
            if known is None:
                self._transfers[instruction.out_bill_no] = (instruction, State.ACCEPTED, "")
            return self._reply("send", instruction.out_bill_no)

    def query(self, out_bill_no: str) -> ProviderReply:
        return self._end("query", out_bill_no, self._next_outcome)

    def cancel(self, out_bill_no: str) -> ProviderReply:
        return self._end("cancel", out_bill_no, lambda: (State.CANCELLED, ""))

    def script(
        self, *, on: str, fault: Callable[[ProviderReply], ProviderReply] = lambda _: LOST_REPLY
    ) -> None:
        """Change the next reply to ``send``, ``query`` or ``cancel``; by default it is lost."""
        self._faults[on].append(fault)

    def set_next_outcome(self, state: State, reason: str = "") -> None:
        """Set the outcome of the next transfer that is queried."""
        self._outcomes.append((state, reason))

    def paid(self) -> list[PayoutInstruction]:
        return [
            instruction
            for instruction, state, _ in self._transfers.values()
            if state == State.SUCCESS
        ]

    def _next_outcome(self) -> tuple[State, str]:
        return self._outcomes.popleft() if self._outcomes else (State.SUCCESS, "")

    def _end(
        self, call: str, number: str, outcome: Callable[[], tuple[State, str]]
    ) -> ProviderReply:
        with self._lock:
            if number not in self._transfers:
                return ProviderReply(ReplyKind.NOT_FOUND, code="NOT_FOUND")
            instruction, state, _ = self._transfers[number]
            if state not in FINAL:
                self._transfers[number] = (instruction, *outcome())
            return self._reply(call, number)

    def _reply(self, call: str, number: str) -> ProviderReply:
        instruction, state, reason = self._transfers[number]
        reply = ProviderReply(
            ReplyKind.STATUS,
            state=state,
            out_bill_no=number,
            merchant=instruction.merchant,
            app=instruction.app,
            account=instruction.account,
            amount=instruction.amount,
            provider_no=f"sandbox-{number}",
            fail_reason=reason,
            raw={"status": 200, "state": state.value, "number": number},
        )
        faults = self._faults[call]
        return faults.popleft()(reply) if faults else reply
