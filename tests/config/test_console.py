"""Management commands speak the language of the console."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("", "Recompute every balance from the transfers"),
        ("en", "Recompute every balance from the transfers"),
        ("zh-hans", "用流水重新计算"),
    ],
)
def test_the_help_is_in_the_chosen_language(language: str, text: str, tmp_path: Path) -> None:
    assert text in manage("help", "prove_ledger", language=language, folder=tmp_path).stdout


def test_an_unknown_language_is_refused(tmp_path: Path) -> None:
    done = manage("help", "prove_ledger", language="fr", folder=tmp_path)
    assert done.returncode == 1
    assert "TWOTIER_CONSOLE_LANGUAGE is 'fr': choose one of zh-hans, en." in done.stderr


def manage(*arguments: str, language: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8",
            "TWOTIER_CONSOLE_LANGUAGE": language, "TWOTIER_DATA": str(folder / "data"),
        },
        capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
