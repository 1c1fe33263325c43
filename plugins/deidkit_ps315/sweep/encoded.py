"""What stands in bytes as base64 (RFC 4648, both alphabets) or as hexadecimal digits, in 8-bit or 16-bit text."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{7,}")
_HEXADECIMAL = re.compile(rb"[0-9A-Fa-f]{10,}")
_WIDE = re.compile(rb"(?:[!-~]\0){7,}")
_SPACED = re.compile(rb"(?:[0-9A-Fa-f]{2}[ :,-]){4,}[0-9A-Fa-f]{2}")
_BREAK = re.compile(rb"(?<=[A-Za-z0-9+/_-])\r?\n[ \t]*(?=[A-Za-z0-9+/_-])")
_CLASSES = tuple(re.compile(part) for part in (rb"[a-z]", rb"[A-Z]", rb"[0-9]"))
_PLAIN = bytes.maketrans(b"-_", b"+/")
QUARTET = 4
BETWEEN = b"\0\0"


def decoded(data: bytes) -> bytes:
    """The bytes behind every run that may be encoded, with zeros between them. A run may begin within a longer one, so every
    beginning is tried. Base32, and text encoded twice, is not looked for.
    """
    texts = [data, *(run.group().replace(b"\0", b"") for run in _WIDE.finditer(data))]
    if _BREAK.search(data):
        texts.append(_BREAK.sub(b"", data))
    return BETWEEN.join(plain for text in texts for read in (_from_base64, _from_digits) for plain in read(text))


def _from_base64(data: bytes) -> Iterator[bytes]:
    for run in _BASE64.finditer(data):
        if sum(kind.search(run.group()) is not None for kind in _CLASSES) > 1:  # a word, and a number, is of one kind
            letters = run.group().translate(_PLAIN)
            for start in range(QUARTET):
                part = letters[start:]
                part = part[:-1] if len(part) % QUARTET == 1 else part
                yield base64.b64decode(part + b"=" * (-len(part) % QUARTET))


def _from_digits(data: bytes) -> Iterator[bytes]:
    runs = [run.group() for run in _HEXADECIMAL.finditer(data) if not _is_of_uid(data, run)]
    runs += [re.sub(rb"[ :,-]", b"", run.group()) for run in _SPACED.finditer(data)]
    for digits in runs:
        for start in (0, 1):
            yield bytes.fromhex(digits[start : start + (len(digits) - start) // 2 * 2].decode("ascii"))


def _is_of_uid(data: bytes, run: re.Match[bytes]) -> bool:
    """Whether a run is a component of a UID; what such numbers spell is chance."""
    return run.group().isdigit() and b"." in (data[run.start() - 1 : run.start()], data[run.end() : run.end() + 1])
