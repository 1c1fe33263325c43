"""The encrypted map: goes back with the key, and only with the key; what was changed in it without the key is noticed."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from deidkit.errors import DeidkitError, KeyFileError, MapError, RunError
from deidkit.identity.vault import Vault
from deidkit.keys import Keys

KEYS = Keys(bytes(range(32)))
PATIENTS = {"one": "N1", "two": "N2", "three": "N3"}


def test_goes_back_and_counts(tmp_path: Path) -> None:
    path = tmp_path / "map.db"
    with Vault(path, KEYS) as vault:
        vault.remember("patient", "QX\0 4711 Änne\udce4", "NEW1")
        vault.remember("patient", "QX\0 4711 Änne\udce4", "NEW1")
        assert [vault.number_of("patient", old) for old in ("a", "b", "a")] == [1, 2, 1]
        assert [vault.number_of("study", old) for old in ("a", "b")] == [1, 2]
    with Vault(path, KEYS) as vault:
        assert vault.reidentify("patient", "NEW1") == "QX\0 4711 Änne\udce4"
        assert vault.reidentify("patient", "other") is None and vault.reidentify("study", "NEW1") is None
        assert vault.number_of("patient", "b") == 2
        assert vault.number_of("patient", "c") == 3


def test_the_file_gives_nothing_away(tmp_path: Path) -> None:
    path = tmp_path / "map.db"
    with Vault(path, KEYS) as vault:
        vault.remember("patient", "QX4711228", "NEWPSEUDONYM")
        vault.number_of("patient", "QX4711228")
        vault.remember("patient", "Q", "N")
    raw = path.read_bytes()
    for secret in (b"QX4711228", b"NEWPSEUDONYM", bytes(range(32)), KEYS.digest("vault")):
        assert secret not in raw
    with closing(sqlite3.connect(path)) as rows:
        assert len({length for (length,) in rows.execute("select length(sealed) from map")}) == 1
    assert path.stat().st_mode & 0o077 == 0
    assert [entry.name for entry in tmp_path.iterdir()] == ["map.db"]
    with pytest.raises(KeyFileError):
        Vault(path, Keys(bytes(32)))


def test_one_pseudonym_never_stands_for_two(tmp_path: Path) -> None:
    with Vault(tmp_path / "map.db", KEYS) as vault:
        vault.remember("patient", "one", "N1")
        vault.remember("study", "two", "N1")
        with pytest.raises(MapError, match="two patients"):
            vault.remember("patient", "two", "N1")
        assert vault.reidentify("patient", "N1") == "one"


def filled(path: Path, patients: dict[str, str] = PATIENTS) -> Path:
    with Vault(path, KEYS) as vault:
        for old, new in patients.items():
            vault.number_of("patient", old)
            vault.remember("patient", old, new)
    return path


def swap_content(rows: sqlite3.Connection, _: Path) -> None:
    rows.execute("update map set (nonce, sealed) = (select nonce, sealed from map where id = 2) where id = 4")


def swap(column: str, one: int, two: int) -> Callable[[sqlite3.Connection, Path], None]:
    """Exchanges what two rows have in a column, which may have to be unique."""

    def change(rows: sqlite3.Connection, _: Path) -> None:
        [a], [b] = (rows.execute(f"select {column} from map where id = ?", (n,)).fetchone() for n in (one, two))
        for value, of in ((-9, a), (a, b), (b, -9)):
            rows.execute(f"update map set {column} = ? where {column} = ?", (value, of))

    return change


def change_by(command: str) -> Callable[[sqlite3.Connection, Path], None]:
    def change(rows: sqlite3.Connection, _: Path) -> None:
        rows.executescript(command)

    return change


def take_from_another_map(rows: sqlite3.Connection, folder: Path) -> None:
    other = filled(folder / "other.db")
    rows.execute("attach ? as other", (str(other),))
    rows.execute("delete from map where id = 2")
    rows.execute("insert into map select * from other.map where id = 2")


def take_head_of_another_map(rows: sqlite3.Connection, folder: Path) -> None:
    rows.execute("attach ? as other", (str(filled(folder / "other.db")),))
    rows.execute("update about set (nonce, sealed) = (select nonce, sealed from other.about)")


ATTACKS = {
    "content of another row": swap_content,
    "lookups of two pseudonyms": swap("lookup", 2, 4),
    "lookups of two numbers": swap("lookup", 1, 3),
    "lookups of a number and a pseudonym": swap("lookup", 1, 2),
    "row numbers": swap("id", 2, 4),
    "last row gone": change_by("delete from map where id = 6"),
    "last patient gone": change_by("delete from map where id > 4"),
    "row in the middle gone": change_by("delete from map where id = 3"),
    "rows closed up": change_by("delete from map where id = 3; update map set id = id - 1 where id > 3"),
    "all rows gone": change_by("delete from map"),
    "a row in place of another": change_by("update map set lookup = randomblob(32) where id = 3"),
    "a row more": change_by("insert into map select 7, randomblob(32), nonce, sealed from map where id = 1"),
    "row of another map": take_from_another_map,
    "head of another map": take_head_of_another_map,
    "no head": change_by("delete from about"),
    "another type": change_by("update map set sealed = 'text' where id = 1"),
    "lookup of another type": change_by("update map set lookup = 'text' where id = 1"),
    "a trigger": change_by("create trigger more after insert on map begin delete from map where id = 1; end"),
    "a view": change_by("alter table map rename to kept; create view map as select * from kept"),
    "no table": change_by("drop table map"),
    "another version": change_by("pragma user_version = 3"),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_changed_map_neither_answers_nor_counts(attack: Callable[[sqlite3.Connection, Path], None], tmp_path: Path) -> None:
    path = filled(tmp_path / "map.db")
    with closing(sqlite3.connect(path)) as rows:
        attack(rows, tmp_path)
        rows.commit()
    for use in (lambda v: v.reidentify("patient", "N2"), lambda v: v.number_of("patient", "four"), remember):
        with pytest.raises(KeyFileError), Vault(path, KEYS) as vault:
            use(vault)


def remember(vault: Vault) -> None:
    vault.remember("patient", "four", "N4")


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


def test_a_counter_set_back_is_noticed_also_while_the_map_is_open(tmp_path: Path) -> None:
    path = filled(tmp_path / "map.db", {"one": "N1"})
    with closing(sqlite3.connect(path)) as rows:
        before = rows.execute("select nonce, sealed from about").fetchone()
        filled(path)
        with Vault(path, KEYS) as vault:
            assert vault.number_of("patient", "three") == 3
            rows.execute("update about set nonce = ?, sealed = ?", before)
            rows.commit()
            with pytest.raises(MapError):
                vault.number_of("patient", "four")
    with pytest.raises(MapError), Vault(path, KEYS) as vault:
        vault.reidentify("patient", "N1")


def test_a_map_of_an_earlier_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "map.db"
    with closing(sqlite3.connect(path)) as rows:
        rows.executescript("""
            create table map (id integer primary key, lookup blob not null unique, nonce blob, sealed blob, series blob,
                running integer);
            create table about (fingerprint text not null);""")
        rows.execute("insert into about values (?)", (KEYS.fingerprint(),))
        rows.commit()
    with pytest.raises(MapError, match="earlier version"):
        Vault(path, KEYS)


def test_a_cut_map_is_refused(tmp_path: Path) -> None:
    whole = filled(tmp_path / "map.db").read_bytes()
    path = tmp_path / "cut.db"
    for size in (0, 1, 16, 99, 100, 4095, 4096, len(whole) // 2, len(whole) - 4096, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises((MapError, RunError)), Vault(path, KEYS) as vault:
            vault.reidentify("patient", "N1")
        assert path.read_bytes() == whole[:size]


def test_a_damaged_map_never_gives_another_answer(tmp_path: Path) -> None:
    whole = filled(tmp_path / "map.db").read_bytes()
    path, refused = tmp_path / "damaged.db", 0
    for at in range(0, len(whole), 61):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        try:
            with Vault(path, KEYS) as vault:
                assert [vault.reidentify("patient", new) for new in PATIENTS.values()] == list(PATIENTS)
                assert [vault.number_of("patient", old) for old in (*PATIENTS, "four")] == [1, 2, 3, 4]
        except DeidkitError:
            refused += 1
    assert refused > 10


@pytest.mark.parametrize("content", [b"no database at all, but text that is longer than a page header" * 99, b"\0" * 5000])
def test_what_is_no_map_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "map.db"
    path.write_bytes(content)
    with pytest.raises(MapError):
        Vault(path, KEYS)
    assert path.read_bytes() == content
    with pytest.raises(RunError):
        Vault(tmp_path, KEYS)
    with pytest.raises(RunError):
        Vault(tmp_path / "nowhere" / "map.db", KEYS)


COUNT = """
import sys
from pathlib import Path
from deidkit.keys import Keys
from deidkit.identity.vault import Vault
with Vault(Path(sys.argv[1]), Keys(bytes(range(32)))) as vault:
    for number in range(15):
        vault.number_of("patient", f"{sys.argv[2]}-{number}")
"""


def test_several_processes_make_and_fill_one_map(tmp_path: Path) -> None:
    path = tmp_path / "map.db"
    children = [subprocess.Popen([sys.executable, "-c", COUNT, path, str(name)]) for name in range(3)]
    assert [child.wait(60) for child in children] == [0, 0, 0]
    with Vault(path, KEYS) as vault:
        numbers = {vault.number_of("patient", f"{name}-{number}") for name in range(3) for number in range(15)}
    assert numbers == set(range(1, 46))
    assert [entry.name for entry in tmp_path.iterdir()] == ["map.db"]


def test_a_map_that_cannot_be_written_still_answers(tmp_path: Path) -> None:
    path = filled(tmp_path / "map.db")
    (tmp_path / "medium").mkdir()
    shutil.copy(path, tmp_path / "medium" / "map.db")
    (tmp_path / "medium" / "map.db").chmod(0o400)
    with Vault(tmp_path / "medium" / "map.db", KEYS) as vault:
        assert vault.reidentify("patient", "N2") == "two"
