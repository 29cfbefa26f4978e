#!/usr/bin/env python3
"""Twotier's commands: ``./manage.py help`` lists them."""

import importlib.util
import os
import sys
from pathlib import Path

OWN_PYTHON = Path(__file__).resolve().parent / ".venv" / "bin" / "python"


def main() -> None:
    if importlib.util.find_spec("django") is None:
        if not OWN_PYTHON.exists():
            sys.exit("twotier: not set up yet: run ./run setup once.")
        os.execv(OWN_PYTHON, [str(OWN_PYTHON), *sys.argv])  # noqa: S606 - the same command, our Python

    from config.startup import fail_with_one_line  # noqa: PLC0415 - only now it is there

    with fail_with_one_line():
        from config.console import Commands  # noqa: PLC0415

        Commands(sys.argv).execute()


if __name__ == "__main__":
    main()
