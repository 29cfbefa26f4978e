"""uv is used where there is one, and looks for packages where pip would."""

import os
import shutil
from pathlib import Path

import pytest

from .conftest import Checkout


def test_uv_installs_binaries_for_the_python_at_hand(quick: Checkout) -> None:
    setup = quick.run("setup", "--dev")
    assert setup.returncode == 0, setup.stderr

    made, installed = quick.uv_calls
    assert made["argv"][0] == "venv"
    assert {"--only-binary", ":all:", "--compile-bytecode"} <= set(installed["argv"])
    assert installed["env"]["UV_PYTHON_DOWNLOADS"] == "never"
    assert not (quick.venv / "bin/pip").exists()


def test_uv_receives_the_settings_of_pip(quick: Checkout, tmp_path: Path) -> None:
    config = tmp_path / "pip.conf"
    config.write_text(
        "[global]\n"
        "index-url = https://mirror.example/simple\n"
        "extra-index-url =\n    file:///one/simple\n    file:///two/simple\n"
        "cert = /mirror.pem\n"
        "trusted-host = mirror.example\n"
        "[install]\n"
        "trusted-host = other.example\n"
    )
    quick.run("setup", PIP_CONFIG_FILE=str(config), PIP_FIND_LINKS=f"{quick.wheels} /more")

    env = quick.uv_calls[-1]["env"]
    assert env["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert env["UV_INDEX"] == "file:///one/simple file:///two/simple"
    assert env["UV_FIND_LINKS"] == f"{quick.wheels},/more"
    assert env["UV_INSECURE_HOST"] == "other.example"
    assert env["UV_INDEX_STRATEGY"] == "unsafe-best-match"
    assert env["SSL_CERT_FILE"] == "/mirror.pem"
    assert "--no-index" in quick.uv_calls[-1]["argv"]


def test_uv_keeps_its_own_index(quick: Checkout) -> None:
    quick.run("setup", UV_DEFAULT_INDEX="https://uv.example", PIP_INDEX_URL="https://pip.example")
    env = quick.uv_calls[-1]["env"]
    assert env["UV_DEFAULT_INDEX"] == "https://uv.example"
    assert "UV_FIND_LINKS" not in env


def test_uv_keeps_the_index_in_its_own_file(quick: Checkout) -> None:
    settings = Path(quick.env["HOME"]) / ".config/uv/uv.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('index-url = "https://uv.example"\n')
    quick.run("setup", PIP_INDEX_URL="https://pip.example", PIP_CERT="/mirror.pem")

    env = quick.uv_calls[-1]["env"]
    assert "UV_DEFAULT_INDEX" not in env
    assert env["SSL_CERT_FILE"] == "/mirror.pem"


@pytest.mark.slow
@pytest.mark.parametrize("broken", ["venv", "pip"])
def test_when_uv_fails_pip_goes_on(quick: Checkout, broken: str) -> None:
    setup = quick.run("setup", UV_BROKEN=broken)

    assert setup.returncode == 0, setup.stderr
    assert setup.stderr.count("this uv is broken. Continuing without uv.") == 1
    assert quick.has("alpha")


@pytest.mark.slow
def test_when_uv_fails_later_pip_is_added(quick: Checkout) -> None:
    quick.run("setup")
    setup = quick.run("setup", "--dev", UV_BROKEN="pip")

    assert (setup.returncode, quick.has("pytest")) == (0, True), setup.stderr


def test_when_uv_fails_and_nothing_can_go_on(quick: Checkout) -> None:
    quick.take_venv_module_away()
    setup = quick.run("setup", UV_BROKEN="pip")

    assert setup.returncode == 1
    assert setup.stderr.splitlines()[-1].startswith("run: Installing 1 packages with uv failed: ")
    assert not quick.venv.exists()


@pytest.mark.skipif(not shutil.which("uv"), reason="this machine has no uv")
def test_the_real_uv_finds_what_pip_would(checkout: Checkout) -> None:
    uv = os.path.realpath(shutil.which("uv") or "")
    checkout.on_path("uv", f'exec {uv} "$@"')
    setup = checkout.run("setup")

    assert "Installing 1 packages with uv done" in setup.stderr
    assert checkout.has("alpha")
