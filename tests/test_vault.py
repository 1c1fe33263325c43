"""The encrypted map: goes back with the key, and only with the key."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from deidkit.errors import KeyFileError
from deidkit.keys import Keys
from deidkit.vault import Vault

KEYS = Keys(bytes(range(32)))


def test_goes_back_and_counts(tmp_path: Path) -> None:
    path = tmp_path / "map.db"
    with Vault(path, KEYS) as vault:
        vault.remember("patient", "QX\0 4711 Änne", "NEW1")
        vault.remember("patient", "QX\0 4711 Änne", "NEW1")
        assert [vault.number_of("patient", old) for old in ("a", "b", "a")] == [1, 2, 1]
    with Vault(path, KEYS) as vault:
        assert vault.reidentify("patient", "NEW1") == "QX\0 4711 Änne"
        assert vault.reidentify("patient", "other") is None
        assert vault.number_of("patient", "b") == 2


def test_the_file_gives_nothing_away(tmp_path: Path) -> None:
    path = tmp_path / "map.db"
    with Vault(path, KEYS) as vault:
        vault.remember("patient", "QX4711228", "NEWPSEUDONYM")
        vault.number_of("patient", "QX4711228")
    raw = path.read_bytes()
    for secret in (b"QX4711228", b"NEWPSEUDONYM", bytes(range(32)), KEYS.digest("vault")):
        assert secret not in raw
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(KeyFileError):
        Vault(path, Keys(bytes(32)))


def test_swapped_rows_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "map.db"
    with Vault(path, KEYS) as vault:
        vault.remember("patient", "one", "N1")
        vault.remember("patient", "two", "N2")
    with sqlite3.connect(path) as rows:
        nonce, sealed = rows.execute("select nonce, sealed from map where id = 1").fetchone()
        rows.execute("update map set nonce = ?, sealed = ? where id = 2", (nonce, sealed))
    with Vault(path, KEYS) as vault, pytest.raises(KeyFileError):
        vault.reidentify("patient", "N2")
