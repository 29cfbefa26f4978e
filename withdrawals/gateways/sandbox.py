"""A provider inside the process, for development and the demo: it pays nobody."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import Lock

from withdrawals.gateways.base import FINAL, PayoutInstruction, ProviderReply, ReplyKind, State

LOST_REPLY = ProviderReply(ReplyKind.UNCLEAR, code="timeout")


class SandboxGateway:
    """Succeeds when it is asked, unless its script says otherwise."""

    name = "sandbox"
    supported_payee_channels = frozenset({"wechat", "alipay", "bank"})
    min_amount = 10
    confirmed_by_member = False
    needs_authorization = False

    def __init__(self) -> None:
        self._lock = Lock()
        self._bills: dict[str, tuple[PayoutInstruction, State, str]] = {}
        self._faults: dict[str, deque[Callable[[ProviderReply], ProviderReply]]] = defaultdict(
            deque
        )
        self._outcomes: deque[tuple[State, str]] = deque()

    def instruction_fields(self) -> Mapping[str, str]:
        return {}

    def send(self, instruction: PayoutInstruction) -> ProviderReply:
        with self._lock:
            known = self._bills.get(instruction.out_bill_no)
            if known and known[0] != instruction:
                return ProviderReply(ReplyKind.REFUSED, code="INVALID_REQUEST")
            if known is None:
                self._bills[instruction.out_bill_no] = (instruction, State.ACCEPTED, "")
            return self._reply("send", instruction.out_bill_no)

    def query(self, out_bill_no: str) -> ProviderReply:
        with self._lock:
            if out_bill_no not in self._bills:
                return ProviderReply(ReplyKind.NOT_FOUND, code="NOT_FOUND")
            instruction, state, reason = self._bills[out_bill_no]
            if state not in FINAL:
                state, reason = self._outcomes.popleft() if self._outcomes else (State.SUCCESS, "")
                self._bills[out_bill_no] = (instruction, state, reason)
            return self._reply("query", out_bill_no)

    def cancel(self, out_bill_no: str) -> ProviderReply:
        with self._lock:
            if out_bill_no not in self._bills:
                return ProviderReply(ReplyKind.NOT_FOUND, code="NOT_FOUND")
            instruction, state, _ = self._bills[out_bill_no]
            if state not in FINAL:
                self._bills[out_bill_no] = (instruction, State.CANCELLED, "")
            return self._reply("cancel", out_bill_no)

    def script(
        self, *, on: str, fault: Callable[[ProviderReply], ProviderReply] = lambda _: LOST_REPLY
    ) -> None:
        """Change the next answer to ``send``, ``query`` or ``cancel``; without more, it is lost."""
        self._faults[on].append(fault)

    def set_next_outcome(self, state: State, reason: str = "") -> None:
        """How the next bill will have ended when it is asked for."""
        self._outcomes.append((state, reason))

    def paid(self) -> list[PayoutInstruction]:
        return [
            instruction for instruction, state, _ in self._bills.values() if state == State.SUCCESS
        ]

    def _reply(self, call: str, number: str) -> ProviderReply:
        instruction, state, reason = self._bills[number]
        answer = ProviderReply(
            ReplyKind.STATUS,
            state=state,
            out_bill_no=number,
            merchant=instruction.merchant,
            app=instruction.app,
            account=instruction.account,
            amount=instruction.amount,
            provider_no=f"sandbox-{number}",
            fail_reason=reason,
        )
        answer = replace(answer, raw={"status": 200, "state": state.value, "number": number})
        faults = self._faults[call]
        return faults.popleft()(answer) if faults else answer
