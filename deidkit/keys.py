"""The site key, and the UIDs, pseudonyms, date shifts and output names that are derived from it.

All derivations are HMAC-SHA256 (RFC 2104) under the site key with a purpose prefix, so that the same input gives the same
output in any run on any machine that has the key, and nobody without it can test a guess.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import secrets
import stat
from pathlib import Path

from deidkit.errors import KeyFileError

__all__ = ["KEY_BYTES", "Keys", "load_key_file", "new_key_file"]

PREFIX = "deidkit-key-v1:"
KEY_BYTES = 32
FEWEST_VALUES = 17
"""Random keys have fewer different bytes once in 10^15; typed hexadecimal digits always do."""
ENVIRONMENT = "DEIDKIT_KEY_FILE"


class Keys:
    """Derivations from one site key of 32 bytes.

    ``load_key_file`` checks that the bytes look random. Programs that need derivations but no secret, such as benchmarks, use a
    fixed key.
    """

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise KeyFileError(f"a site key has {KEY_BYTES} bytes, this one has {len(secret)}")
        self._secret = secret

    def __repr__(self) -> str:
        return "Keys(...)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Keys) and hmac.compare_digest(self._secret, other._secret)

    def __hash__(self) -> int:
        return hash(self.fingerprint())

    def digest(self, purpose: str, *parts: str | bytes) -> bytes:
        """Return 32 bytes that depend on the purpose and on every part. Parts are framed, so they cannot be confused."""
        message = [purpose.encode()]
        message += [part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part for part in parts]
        framed = b"".join(len(part).to_bytes(8, "big") + part for part in message)
        return hmac.digest(self._secret, framed, "sha256")

    def uid(self, value: str) -> str:
        """Return the new UID for ``value``: 2.25 and a 128-bit UUID as one decimal component (PS3.5 B.2)."""
        raw = bytearray(self.digest("uid", value.strip().rstrip("\0"))[:16])
        raw[6] = raw[6] & 0x0F | 0x80
        raw[8] = raw[8] & 0x3F | 0x80
        return f"2.25.{int.from_bytes(raw, 'big')}"

    def pseudonym(self, patient: str, length: int = 12) -> str:
        """Return the pseudonym of a patient: ``length`` upper-case base32 characters."""
        return base64.b32encode(self.digest("patient", patient)).decode()[:length]

    def date_shift(self, patient: str, most: int = 3650) -> int:
        """Return the days, between 1 and ``most``, by which all dates of a patient move into the past."""
        return 1 + int.from_bytes(self.digest("date", patient)[:8], "big") % most

    def content_name(self, content_digest: bytes) -> str:
        """Return the output name of a file without UIDs: 32 hexadecimal characters."""
        return self.digest("content", content_digest).hex()[:32]

    def fingerprint(self) -> str:
        """Return 16 hexadecimal characters that identify the key and do not reveal it."""
        return self.digest("fingerprint").hex()[:16]


def new_key_file(path: Path) -> Keys:
    """Create a random key in a new file with mode 0600, and return it.

    Raises:
        KeyFileError: the file already exists or cannot be written.
    """
    secret = secrets.token_bytes(KEY_BYTES)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyFileError("the key file already exists; keys are never overwritten") from None
    except OSError as error:
        raise KeyFileError(f"the key file cannot be written: {error.strerror}") from None
    with os.fdopen(descriptor, "w") as stream:
        stream.write(PREFIX + base64.b64encode(secret).decode() + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    return Keys(secret)


def load_key_file(path: Path) -> Keys:
    """Read a key file made by ``new_key_file``.

    Raises:
        KeyFileError: the file is missing, unreadable, malformed or readable by other users (mode wider than 0600), or the key
            can be guessed: zeros, or a few repeated bytes.
    """
    try:
        info = path.stat()
        if not stat.S_ISREG(info.st_mode):
            raise KeyFileError("the key file is not a regular file")
        if os.name == "posix" and stat.S_IMODE(info.st_mode) & 0o077:
            raise KeyFileError("the key file can be read by other users; run: chmod 600 KEYFILE")
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise KeyFileError("the key file does not exist; create one with: deidkit keys new FILE") from None
    except (OSError, UnicodeDecodeError):
        raise KeyFileError("the key file cannot be read as a deidkit key") from None
    if not text.startswith(PREFIX):
        raise KeyFileError(f"the key file does not begin with {PREFIX}")
    try:
        secret = base64.b64decode(text[len(PREFIX) :], validate=True)
    except binascii.Error:
        raise KeyFileError("the key file is damaged: not valid base64") from None
    keys = Keys(secret)
    if len(set(secret)) < FEWEST_VALUES:
        raise KeyFileError("the key can be guessed; create a random one with: deidkit keys new FILE")
    return keys


NO_KEYS = Keys(bytes(32))
