"""The encrypted map from pseudonyms back to patients, for sites that must be able to go back.

One SQLite file. Each record is AES-256-GCM ciphertext (NIST SP 800-38D) under a key that is derived from the site key for this
file alone; its row number and the keyed digest by which it is looked up are associated data. The head, sealed alike, says how
many records there are and how far the running numbers have come. All of it is proven before the first answer, so without the
site key nothing can be read, changed, swapped, removed or brought in from another map. What the file cannot tell is that all
of it is an older copy of itself. It shows how many records there are and, in steps of 64 bytes, how long they are. Needs the
``cryptography`` package.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from deidkit.errors import EnvironmentFault, MapError, RunError
from deidkit.keys import Keys

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = 2
NONCE = 12
PADDED = 64
BUSY_SECONDS = 60.0
SCHEMA = f"""
create table map (id integer primary key, lookup blob not null unique, nonce blob not null, sealed blob not null);
create table about (
    id integer primary key check (id = 1), fingerprint blob not null, file blob not null,
    nonce blob not null, sealed blob not null
);
pragma user_version = {FORMAT};
"""
HEAD = b"head"
DAMAGED = "the file is no whole encrypted map: it is damaged or was changed; put back a copy of it"


@dataclass(frozen=True, slots=True)
class _Record:
    """``new`` is the pseudonym that stands for ``old``, or the running number of ``old``."""

    kind: str
    old: str = field(repr=False)
    new: str | int = field(repr=False)

    def lookup(self, keys: Keys) -> bytes:
        return _by_old(keys, self.kind, self.old) if isinstance(self.new, int) else _by_new(keys, self.kind, self.new)


@dataclass(slots=True)
class _Head:
    """How many records there are, and the last running number of each kind."""

    records: int = 0
    numbers: dict[str, int] = field(default_factory=dict)

    def add(self, record: _Record) -> None:
        """Raises MapError when ``record`` has another running number than the next."""
        self.records += 1
        if isinstance(record.new, int):
            expected = self.numbers.get(record.kind, 0) + 1
            if record.new != expected:
                raise MapError(DAMAGED)
            self.numbers[record.kind] = expected


class Vault:
    """An encrypted map in one file, made when it does not exist; safe to use from several processes.

    Args:
        path: the file; created with mode 0600.
        keys: the site key's derivations.

    Raises:
        EnvironmentFault: ``cryptography`` is not installed.
        MapError: the file belongs to another site key, has an earlier format, or does not hold what deidkit wrote.
        RunError: the file cannot be opened, read or written.
    """

    def __init__(self, path: Path, keys: Keys) -> None:
        self._keys = keys
        try:
            if not os.path.lexists(path):
                _make(path, keys)
            place = f"{path.absolute().as_uri()}?mode=rw"
            self._rows = sqlite3.connect(place, timeout=BUSY_SECONDS, isolation_level=None, uri=True)
        except (OSError, sqlite3.Error):
            raise RunError("the encrypted map cannot be opened") from None
        self._rows.text_factory = bytes
        self._proven = False
        try:
            with self._transaction("begin") as cursor:
                _check_shape(cursor)
                self._cipher = self._cipher_of(cursor)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Vault:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._rows.close()

    def number_of(self, kind: str, old: str) -> int:
        """The running number of ``old``, from 1; the same in every later call. ``kind`` keeps patients and studies apart.

        Raises:
            MapError, RunError: as when it is opened.
        """
        self._prove()
        with self._transaction("begin immediate") as cursor:
            known = self._find(cursor, _by_old(self._keys, kind, old))
            if known is None:
                head = self._head(cursor)
                known = _Record(kind, old, head.numbers.get(kind, 0) + 1)
                self._append(cursor, head, known)
        if not isinstance(known.new, int) or (known.kind, known.old) != (kind, old):
            raise MapError(DAMAGED)
        return known.new

    def remember(self, kind: str, old: str, new: str) -> None:
        """Keeps that ``new`` stands for ``old``; once is enough, further times change nothing.

        Raises:
            MapError, RunError: as when it is opened; or ``new`` stands for another already.
        """
        self._prove()
        with self._transaction("begin immediate") as cursor:
            known = self._find(cursor, _by_new(self._keys, kind, new))
            if known is None:
                self._append(cursor, self._head(cursor), _Record(kind, old, new))
            elif known != _Record(kind, old, new):
                raise MapError("a pseudonym would stand for two patients")

    def reidentify(self, kind: str, new: str) -> str | None:
        """What ``new`` stands for, None when the map does not say.

        Raises:
            MapError, RunError: as when it is opened.
        """
        self._prove()
        with self._transaction("begin") as cursor:
            known = self._find(cursor, _by_new(self._keys, kind, new))
        if known is None:
            return None
        if (known.kind, known.new) != (kind, new):
            raise MapError(DAMAGED)
        return known.old

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Cursor]:
        try:
            with closing(self._rows.cursor()) as cursor:
                cursor.execute(begin)
                try:
                    yield cursor
                    cursor.execute("commit")
                finally:
                    if self._rows.in_transaction:
                        cursor.execute("rollback")
        except (sqlite3.OperationalError, sqlite3.ProgrammingError):
            raise RunError("the encrypted map cannot be read or written") from None
        except sqlite3.DatabaseError:
            raise MapError(DAMAGED) from None

    def _prove(self) -> None:
        """Once, before the first answer: every record opens, where it was written, and the head says as many and as far."""
        if self._proven:
            return
        with self._transaction("begin") as cursor:
            head, found = self._head(cursor), _Head()
            for row in cursor.execute("select id, lookup, nonce, sealed from map order by id"):
                record = self._opened(row)
                found.add(record)
                if row[0] != found.records or record.lookup(self._keys) != row[1]:
                    raise MapError(DAMAGED)
        if found != head:
            raise MapError(DAMAGED)
        self._proven = True

    def _cipher_of(self, cursor: sqlite3.Cursor) -> AESGCM:
        rows = cursor.execute("select fingerprint, file from about").fetchall()
        if len(rows) != 1 or not all(isinstance(value, bytes) for value in rows[0]):
            raise MapError(DAMAGED)
        fingerprint, file = rows[0]
        if fingerprint != self._keys.fingerprint().encode():
            raise MapError("the encrypted map belongs to another site key")
        return _cipher(self._keys, file)

    def _find(self, cursor: sqlite3.Cursor, lookup: bytes) -> _Record | None:
        row = cursor.execute("select id, lookup, nonce, sealed from map where lookup = ?", (lookup,)).fetchone()
        return None if row is None else self._opened(row)

    def _append(self, cursor: sqlite3.Cursor, head: _Head, record: _Record) -> None:
        last = cursor.execute("select max(id) from map").fetchone()[0] or 0
        if last != head.records:
            raise MapError(DAMAGED)
        head.add(record)
        lookup = record.lookup(self._keys)
        nonce, sealed = _seal(self._cipher, [record.kind, record.old, record.new], _bound(head.records, lookup))
        cursor.execute("insert into map values (?, ?, ?, ?)", (head.records, lookup, nonce, sealed))
        cursor.execute("update about set nonce = ?, sealed = ?", _sealed_head(self._cipher, head))

    def _head(self, cursor: sqlite3.Cursor) -> _Head:
        row = cursor.execute("select nonce, sealed from about").fetchone()
        if row is None:
            raise MapError(DAMAGED)
        nonce, sealed = row
        return _Head(*_unseal(self._cipher, nonce, sealed, HEAD))

    def _opened(self, row: tuple[Any, ...]) -> _Record:
        number, lookup, nonce, sealed = row
        if not isinstance(lookup, bytes):
            raise MapError(DAMAGED)
        return _Record(*_unseal(self._cipher, nonce, sealed, _bound(number, lookup)))


def _by_old(keys: Keys, kind: str, old: str) -> bytes:
    return keys.digest("vault-old", kind, old)


def _by_new(keys: Keys, kind: str, new: str) -> bytes:
    return keys.digest("vault-new", kind, new)


def _bound(number: int, lookup: bytes) -> bytes:
    return number.to_bytes(8, "big", signed=True) + lookup


def _seal(cipher: AESGCM, content: list[Any], bound: bytes) -> tuple[bytes, bytes]:
    """A nonce and the ciphertext of ``content`` with ``bound`` as associated data."""
    plain = json.dumps(content).encode("ascii")
    nonce = os.urandom(NONCE)
    return nonce, cipher.encrypt(nonce, plain.ljust(-(-len(plain) // PADDED) * PADDED), bound)


def _sealed_head(cipher: AESGCM, head: _Head) -> tuple[bytes, bytes]:
    return _seal(cipher, [head.records, head.numbers], HEAD)


def _unseal(cipher: AESGCM, nonce: Any, sealed: Any, bound: bytes) -> list[Any]:
    from cryptography.exceptions import InvalidTag

    try:
        content: list[Any] = json.loads(cipher.decrypt(nonce, sealed, bound))
    except (InvalidTag, TypeError, ValueError):
        raise MapError(DAMAGED) from None
    return content


def _check_shape(cursor: sqlite3.Cursor) -> None:
    """Raises MapError unless the file has the tables of this format and no other, and SQLite finds no fault in it."""
    version = cursor.execute("pragma user_version").fetchone()[0]
    tables = cursor.execute("select type, name, tbl_name, sql from sqlite_master order by name").fetchall()
    if version < FORMAT and any(name == b"map" for _, name, _, _ in tables):
        raise MapError("the encrypted map was made by an earlier version of deidkit and cannot be gone on with")
    if version != FORMAT or tables != _tables() or cursor.execute("pragma integrity_check(1)").fetchone()[0] != b"ok":
        raise MapError(DAMAGED)


def _tables() -> list[Any]:
    with closing(sqlite3.connect(":memory:")) as rows:
        rows.text_factory = bytes
        rows.executescript(SCHEMA)
        return rows.execute("select type, name, tbl_name, sql from sqlite_master order by name").fetchall()


def _make(path: Path, keys: Keys) -> None:
    """Makes an empty map beside ``path`` and moves it there whole, unless another process was faster."""
    file = os.urandom(16)
    cipher = _cipher(keys, file)
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        with closing(sqlite3.connect(temporary, isolation_level=None)) as rows:
            rows.executescript(SCHEMA)
            about = (1, keys.fingerprint().encode(), file, *_sealed_head(cipher, _Head()))
            rows.execute("insert into about values (?, ?, ?, ?, ?)", about)
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink(missing_ok=True)


def _cipher(keys: Keys, file: bytes) -> AESGCM:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError:
        raise EnvironmentFault("the encrypted map needs: pip install deidkit-imaging[reidentify]") from None
    return AESGCM(keys.digest("vault", file))
