"""Decode the text files that spreadsheet programs save."""

from __future__ import annotations

import codecs

PRIVATE_USE = range(0xE000, 0xF900)


class UnknownEncoding(Exception):
    """A text in none of the encodings; ``line`` is where it cannot be read."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


def decode(content: bytes) -> str:
    """Decode UTF-8, UTF-16 or GB18030, the encodings in which spreadsheets save CSV.

    :raises UnknownEncoding: it is in none of them
    """
    encoding = "utf-8-sig"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif b"\0" in content:
        # Of an ASCII character, such as the delimiter, one of the two bytes is zero.
        little_endian = content[1::2].count(0) >= content[::2].count(0)
        encoding = "utf-16-le" if little_endian else "utf-16-be"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        return _decode_gb18030(content, error)


def _decode_gb18030(content: bytes, error: UnicodeDecodeError) -> str:
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError as second:
        error = second
    else:
        # Other encodings, read as GB18030, contain characters that no font has.
        if not any(ord(character) in PRIVATE_USE for character in text):
            return text
    raise UnknownEncoding(content.count(b"\n", 0, error.start) + 1) from None
