"""Answer with a stored file or a part of it: video players of phones ask for ranges."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse

RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})", re.ASCII)
TAIL = re.compile(r"bytes=-(\d{1,12})", re.ASCII)
CHUNK = 128 * 1024


def file_response(path: str, *, content_type: str, wanted: str = "") -> HttpResponseBase:
    """Return a stored file, in chunks.

    :param wanted: the header Range; malformed and multiple ranges are ignored (RFC 9110, 14.2)
    :raises Http404: the file is lost, such as after a restore without the folder
    """
    try:
        file = default_storage.open(path)
    except FileNotFoundError:
        raise Http404 from None
    size = file.size
    part = _part(wanted, size)
    if part is not None and not part:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    served = part or range(size)
    response = StreamingHttpResponse(
        _Chunks(file, served), status=206 if part else 200, content_type=content_type
    )
    response["Content-Length"] = str(len(served))
    response["Accept-Ranges"] = "bytes"
    if part:
        response["Content-Range"] = f"bytes {part[0]}-{part[-1]}/{size}"
    return response


def _part(wanted: str, size: int) -> range | None:
    """Return the requested bytes: ``None`` for all, empty if the file has no such bytes."""
    if match := RANGE.fullmatch(wanted):
        first = int(match[1])
        last = int(match[2]) if match[2] else size - 1
        return None if last < first < size else range(first, min(last + 1, size))
    if match := TAIL.fullmatch(wanted):
        return range(max(0, size - int(match[1])), size)
    return None


class _Chunks:
    """Yield a part of a file in chunks; the file is closed with the response, also of a HEAD."""

    def __init__(self, file: IO[bytes], served: range) -> None:
        self._file, self._served = file, served
        self.close = file.close

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(self._served.start)
        left = len(self._served)
        while left and (chunk := self._file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
        self._file.close()
