"""The readers of the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.env import Environment, InvalidSetting


def test_text_is_stripped_and_empty_counts_as_not_given() -> None:
    env = Environment({"NAME": " value\n", "EMPTY": "  \n"})
    assert env.text("NAME") == "value"
    assert env.text("EMPTY", "default") == "default"
    assert env.text("MISSING", "default") == "default"


def test_a_file_wins_and_its_last_line_break_is_no_part_of_it(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from the file\n")
    env = Environment({"NAME": "from the environment", "NAME_FILE": str(file)})
    assert env.text("NAME") == "from the file"


def test_an_empty_file_counts_as_not_given(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("\n")
    with pytest.raises(InvalidSetting, match="NAME is not set: mend it"):
        Environment({"NAME_FILE": str(file)}).required("NAME", "mend it")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00secret")
    for path in (tmp_path / "missing", tmp_path, tmp_path / "bytes"):
        with pytest.raises(InvalidSetting, match="NAME_FILE cannot be read") as refusal:
            Environment({"NAME_FILE": str(path)}).text("NAME")
        assert "secret" not in str(refusal.value).replace(str(path), "")


@pytest.mark.parametrize("word", ["1", "true", "Yes", "ON"])
def test_yes(word: str) -> None:
    assert Environment({"FLAG": word}).boolean("FLAG", default=False) is True


@pytest.mark.parametrize("word", ["0", "false", "No", "OFF"])
def test_no(word: str) -> None:
    assert Environment({"FLAG": word}).boolean("FLAG", default=True) is False


@pytest.mark.parametrize("default", [True, False])
def test_no_word_at_all(default: bool) -> None:
    assert Environment({"FLAG": ""}).boolean("FLAG", default=default) is default


def test_neither_yes_nor_no() -> None:
    with pytest.raises(InvalidSetting, match="FLAG is 'maybe': use yes or no"):
        Environment({"FLAG": "maybe"}).boolean("FLAG", default=True)


def test_choice() -> None:
    env = Environment({"GOOD": "b", "BAD": "B"})
    assert env.choice("GOOD", default="a", choices=("a", "b")) == "b"
    assert env.choice("MISSING", default="a", choices=("a", "b")) == "a"
    with pytest.raises(InvalidSetting, match="BAD is 'B': choose one of a, b"):
        env.choice("BAD", default="a", choices=("a", "b"))


def test_names() -> None:
    env = Environment({"NAMES": " a, b ,,c,"})
    assert env.names("NAMES") == ["a", "b", "c"]
    assert env.names("MISSING") == []


@pytest.mark.parametrize(
    "url",
    [
        "mysql://user:sesame@host/name",
        "postgres:/user:sesame@host/name",
        "user:sesame@host/name",
        "postgres://user:sesame@host:port/name",
        "postgres://user:sesame#1@host/name",
        "postgres://user:sesame/1@host/name",
        "postgres://user:sesame@host:99999/name",
        "postgres://user:sesame@[host/name",
    ],
)
def test_a_bad_url_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(InvalidSetting, match="URL") as refusal:
        Environment({"URL": url}).url("URL", schemes=("postgres",))
    assert "sesame" not in str(refusal.value)


@pytest.mark.parametrize(
    "url", ["", "postgres://user:p%23@host:5432/name", "postgres://postgres@/db?host=/run/here"]
)
def test_a_good_url(url: str) -> None:
    assert Environment({"URL": url}).url("URL", schemes=("postgres",)) == url


def test_a_misspelt_name_is_reported_with_the_valid_ones() -> None:
    env = Environment({"TWOTIER_DEBUG": "no", "TWOTIER_DEBGU": "yes", "ELSE": "1"})
    env.boolean("TWOTIER_DEBUG", default=False)
    with pytest.raises(InvalidSetting, match=r"^TWOTIER_DEBGU is no setting .* TWOTIER_DEBUG\.$"):
        env.refuse_unknown()


def test_a_file_of_a_known_name_is_known(tmp_path: Path) -> None:
    file = tmp_path / "flag"
    file.write_text("yes")
    env = Environment({"TWOTIER_FLAG_FILE": str(file)})
    assert env.boolean("TWOTIER_FLAG", default=False)
    env.refuse_unknown()


@pytest.mark.parametrize("value", ["", "45"])
def test_a_number_is_read(value: str) -> None:
    assert Environment({"MINUTES": value}).number("MINUTES", default=30) == int(value or 30)


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "soon", "３"])
def test_another_number_is_refused(value: str) -> None:
    with pytest.raises(InvalidSetting, match=r"MINUTES is .* use a whole number from 1 on"):
        Environment({"MINUTES": value}).number("MINUTES", default=30)
