"""Qian and Feng review withdrawals, which the sandbox pays."""

from tests.withdrawals.conftest import feng, qian, sandbox

__all__ = ["feng", "qian", "sandbox"]
