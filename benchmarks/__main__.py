"""``./run bench`` measures everything and writes ``docs/benchmarks.md``."""

from __future__ import annotations

import os

os.environ["TWOTIER_DATA"] = ".data/bench"  # servers of its own, and nobody else's rows
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from benchmarks import ledger, orders, payouts, report, settlement, shop, stage  # noqa: E402


def main() -> int:
    with stage.opened():
        with stage.seeded(shop.SHOP):
            shop.open_shop()
        sections = [ledger.measure(), settlement.measure(), orders.measure(), payouts.measure()]
        report.write(sections)
    missed = [row for section in sections for row in section.rows if not row.reached]
    for row in missed:
        print(f"missed: {row.what}: {row.measured}, goal {row.goal}")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
