"""Classes of the provider's failure reasons."""

from __future__ import annotations

import pytest

from withdrawals.gateways.fail_reasons import CODES_BY_CLASS, FailureClass, classify


class TestReasons:
    def test_every_provider_code_has_one_reason(self) -> None:
        codes = [code for codes in CODES_BY_CLASS.values() for code in codes]
        assert len(codes) == len(set(codes)) == 38

    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            ("NAME_NOT_CORRECT", FailureClass.MEMBER_MUST_ACT),
            ("DAY_RECEIVED_QUOTA_EXCEED", FailureClass.WAIT),
            ("MERCHANT_NOT_CONFIRM", FailureClass.WE_MUST_ACT),
            ("OVERDUE_CLOSE", FailureClass.NEUTRAL),
            ("TRANSFER_RISK", FailureClass.RISK),
            ("SOMETHING_NEW", FailureClass.UNKNOWN),
            ("", FailureClass.UNKNOWN),
        ],
    )
    def test_an_unknown_code_needs_a_person(self, code: str, kind: FailureClass) -> None:
        assert classify(code) is kind
