"""Measure everything and write ``docs/benchmarks.md``: ``./run bench``.

``./run bench payouts`` measures that section alone, prints it and writes nothing.
"""

from __future__ import annotations

import argparse
import os

os.environ["TWOTIER_DATA"] = ".data/bench"  # servers of its own, and nobody else's rows
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from benchmarks import (  # noqa: E402
    api,
    incentives,
    ledger,
    office,
    orders,
    pages,
    payouts,
    posters,
    report,
    settlement,
    shop,
    stage,
)

SECTIONS = {
    "ledger": ledger.measure,
    "settlement": settlement.measure,
    "orders": orders.measure,
    "payouts": payouts.measure,
    "api": api.measure,
    "pages": pages.measure,
    "posters": posters.measure,
    "office": office.measure,
    "incentives": incentives.measure,
}
NEEDS_SHOP = {"settlement", "orders", "api", "office", "incentives"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    wanted = parser.parse_args().sections
    if unknown := set(wanted) - set(SECTIONS):
        parser.error(f"no such section: {', '.join(sorted(unknown))}")
    with stage.opened():
        if not wanted or NEEDS_SHOP & set(wanted):
            with stage.seeded(shop.SHOP):
                shop.open_shop()
        measured = [SECTIONS[name]() for name in wanted or SECTIONS]
        if wanted:
            report.show(measured)
        else:
            report.write(measured)
    missed = [row for section in measured for row in section.rows if not row.reached]
    for row in missed:
        print(f"missed: {row.what}: {row.measured}, goal {row.goal}")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
