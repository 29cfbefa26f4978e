"""Read settings from the environment strictly, so that a mistake stops the start."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

TRUE_VALUES = {"1", "true", "yes", "on"}
FALSE_VALUES = {"0", "false", "no", "off"}
SETTING_PREFIX = "TWOTIER_"


class InvalidSetting(ImproperlyConfigured):
    """A setting is invalid; the text is one line with the cause and what to do."""


class Environment:
    """Reads settings by name and remembers the names, so that unknown ones can be refused.

    A value may also be in a file named by ``<NAME>_FILE``, as container secrets are.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = FileAwareMapping(dict(variables))
        self._read_names: set[str] = set()

    def text(self, name: str, default: str = "") -> str:
        """Return the stripped value; an empty one counts as not set."""
        self._read_names |= {name, f"{name}_FILE"}
        try:
            return self._variables.get(name, "").strip() or default
        except (OSError, UnicodeDecodeError) as unreadable:
            raise InvalidSetting(
                f"{name}_FILE cannot be read ({unreadable}): name a readable text file."
            ) from None

    def required(self, name: str, hint: str) -> str:
        value = self.text(name)
        if not value:
            raise InvalidSetting(f"{name} is not set: {hint}")
        return value

    def boolean(self, name: str, *, default: bool) -> bool:
        value = self.text(name).lower()
        if not value:
            return default
        if value not in TRUE_VALUES | FALSE_VALUES:
            raise InvalidSetting(f"{name} is {value!r}: use yes or no.")
        return value in TRUE_VALUES

    def number(self, name: str, *, default: int, least: int = 1) -> int:
        value = self.text(name, str(default))
        if not value.isascii() or not value.isdigit() or int(value) < least:
            raise InvalidSetting(f"{name} is {value!r}: use a whole number from {least} on.")
        return int(value)

    def choice(self, name: str, *, default: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in choices:
            raise InvalidSetting(f"{name} is {value!r}: choose one of {', '.join(choices)}.")
        return value

    def names(self, name: str) -> list[str]:
        """Return the parts of a comma-separated list."""
        return [part.strip() for part in self.text(name).split(",") if part.strip()]

    def url(self, name: str, *, schemes: tuple[str, ...]) -> str:
        """Return the URL, or an empty text. Errors do not repeat it: it may contain a password."""
        value = self.text(name)
        if value and value.partition("://")[0] not in schemes:
            heads = " or ".join(f"{scheme}://" for scheme in schemes)
            raise InvalidSetting(f"{name} must begin with {heads}.")
        try:
            urlsplit(value).port  # noqa: B018 - the property parses the port
        except ValueError:
            raise InvalidSetting(
                f"{name} cannot be read: write scheme://user:password@host:port/name, "
                "and / ? # @ : % in the password as %2F %3F %23 %40 %3A %25."
            ) from None
        return value

    def refuse_unknown(self) -> None:
        """Refuse variables with our prefix that nothing has read: they are misspelt."""
        given = {name for name in self._variables.env if name.startswith(SETTING_PREFIX)}
        unknown = ", ".join(sorted(given - self._read_names))
        if unknown:
            ours = {
                name.removesuffix("_FILE")
                for name in self._read_names
                if name.startswith(SETTING_PREFIX)
            }
            known = ", ".join(sorted(ours))
            raise InvalidSetting(f"{unknown} is no setting of Twotier, which knows {known}.")
