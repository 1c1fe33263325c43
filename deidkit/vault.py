"""The encrypted map from pseudonyms back to patients, for sites that must be able to go back.

One SQLite file. Each row holds an AES-256-GCM ciphertext (NIST SP 800-38D) with its row number as associated data, so that rows
can be neither read, nor moved, nor swapped without the site key; the key is derived from the site key and is never in the file.
Looking up goes by keyed digests, so the file shows only how many rows there are. Needs the ``cryptography`` package.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from deidkit.errors import EnvironmentFault, KeyFileError, RunError
from deidkit.keys import Keys

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12
BUSY_SECONDS = 30.0
SCHEMA = """
create table if not exists map (
    id integer primary key, lookup blob not null unique, nonce blob, sealed blob, series blob, running integer
);
create table if not exists about (fingerprint text not null);
"""


class Vault:
    """An encrypted map in one file, made when it does not exist; safe to use from several processes.

    Args:
        path: the file; created with mode 0600.
        keys: the site key's derivations.

    Raises:
        EnvironmentFault: ``cryptography`` is not installed.
        KeyFileError: the file was made with another site key.
        RunError: the file cannot be opened.
    """

    def __init__(self, path: Path, keys: Keys) -> None:
        self._cipher = _cipher(keys)
        self._keys = keys
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._rows = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
            self._rows.executescript(SCHEMA)
        except (OSError, sqlite3.Error):
            raise RunError("the encrypted map cannot be opened") from None
        self._check_key()

    def __enter__(self) -> Vault:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._rows.close()

    def number_of(self, kind: str, old: str) -> int:
        """The running number of ``old``, from 1; the same in every later call. ``kind`` keeps patients and studies apart."""
        lookup = self._keys.digest("vault-old", kind, old)
        with closing(self._rows.cursor()) as cursor:
            cursor.execute("begin immediate")
            try:
                row = cursor.execute("select running from map where lookup = ?", (lookup,)).fetchone()
                number = int(row[0]) if row else self._next(cursor, lookup, kind, old)
                cursor.execute("commit")
            except sqlite3.Error:
                cursor.execute("rollback")
                raise RunError("the encrypted map cannot be written") from None
        return number

    def _next(self, cursor: sqlite3.Cursor, lookup: bytes, kind: str, old: str) -> int:
        series = self._keys.digest("vault-series", kind)
        last = cursor.execute("select max(running) from map where series = ?", (series,)).fetchone()[0]
        row = self._insert(cursor, lookup, kind, old)
        cursor.execute("update map set series = ?, running = ? where id = ?", (series, (last or 0) + 1, row))
        return int(last or 0) + 1

    def _insert(self, cursor: sqlite3.Cursor, lookup: bytes, kind: str, old: str) -> int:
        cursor.execute("insert into map (lookup) values (?)", (lookup,))
        number = int(cursor.lastrowid or 0)
        nonce = os.urandom(NONCE)
        sealed = self._cipher.encrypt(nonce, f"{kind}\0\0{old}".encode("utf-8", "surrogatepass"), _bound(number))
        cursor.execute("update map set nonce = ?, sealed = ? where id = ?", (nonce, sealed, number))
        return number

    def remember(self, kind: str, old: str, new: str) -> None:
        """Keeps that ``new`` stands for ``old``; once is enough, further times change nothing."""
        lookup = self._keys.digest("vault-new", kind, new)
        with closing(self._rows.cursor()) as cursor:
            cursor.execute("begin immediate")
            try:
                if cursor.execute("select 1 from map where lookup = ?", (lookup,)).fetchone() is None:
                    self._insert(cursor, lookup, f"{kind}\0{new}", old)
                cursor.execute("commit")
            except sqlite3.Error:
                cursor.execute("rollback")
                raise RunError("the encrypted map cannot be written") from None

    def reidentify(self, kind: str, new: str) -> str | None:
        """What ``new`` stands for, None when the map does not say.

        Raises:
            KeyFileError: the row was changed or belongs to another key.
        """
        lookup = self._keys.digest("vault-new", kind, new)
        row = self._rows.execute("select id, nonce, sealed from map where lookup = ?", (lookup,)).fetchone()
        return None if row is None else self._open(*row)

    def _open(self, number: int, nonce: bytes, sealed: bytes) -> str:
        from cryptography.exceptions import InvalidTag

        try:
            text = self._cipher.decrypt(nonce, sealed, _bound(number))
        except (InvalidTag, TypeError, ValueError):
            raise KeyFileError("a row of the encrypted map was changed or sealed with another key") from None
        return text.decode("utf-8", "surrogatepass").split("\0\0", 1)[1]

    def _check_key(self) -> None:
        mine = self._keys.fingerprint()
        with closing(self._rows.cursor()) as cursor:
            cursor.execute("begin immediate")
            row = cursor.execute("select fingerprint from about").fetchone()
            if row is None:
                cursor.execute("insert into about values (?)", (mine,))
            cursor.execute("commit")
        if row is not None and row[0] != mine:
            self.close()
            raise KeyFileError("the encrypted map belongs to another site key")


def _bound(number: int) -> bytes:
    return number.to_bytes(8, "big")


def _cipher(keys: Keys) -> AESGCM:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError:
        raise EnvironmentFault("the encrypted map needs: pip install deidkit[reidentify]") from None
    return AESGCM(keys.digest("vault"))
