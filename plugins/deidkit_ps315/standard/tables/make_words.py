"""Derives ``words.txt.gz`` (what clinical text is made of) and ``names.txt.gz`` (what people are called). Run by hand.

    python make_words.py SCOWL_DIR

Clinical words: the code meanings of the context groups and concepts in pydicom.sr (PS3.16), the attribute names and UID names
of pydicom's data dictionary (PS3.6), and ``clinical.txt`` of this folder. English words: the lower-case entries of SCOWL as
Debian packages them (American and British, ``small`` and ``large``, in ``SCOWL_DIR``); SCOWL writes proper names with capitals,
so they stay out, and of the rare words those that are also names and in no code meaning. Code meanings quote authors and breeds
of dogs, so a word of theirs that is also a name counts only when one of the other two has it. Names: the person providers of
Faker in Latin script. Licences: ``LICENCES.md``.

Each line of ``words.txt.gz`` is ``c`` (clinical), ``e`` (English) or ``p`` (eponym, from ``eponyms.txt``) and the folded word.
"""

from __future__ import annotations

import gzip
import importlib
import pkgutil
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import faker.providers.person
from pydicom._dicom_dict import DicomDictionary
from pydicom._uid_dict import UID_dictionary
from pydicom.sr import _concepts_dict

from deidkit.identity.folding import fold

HERE = Path(__file__).parent
WORD = re.compile(r"[^\W\d_]{2,}|[\u3400-\u9fff\uac00-\ud7af]")
LATIN = re.compile(r"[a-z]{2,}")


def main(scowl: Path) -> None:
    names = set(_names())
    eponyms = set(_words([(HERE / "eponyms.txt").read_text("utf-8")]))
    coded = set(_words(_coded_texts()))
    clinical = coded - names | set(_words([(HERE / "clinical.txt").read_text("utf-8")]))
    clinical -= eponyms
    common, rare = (_english(scowl, size) for size in ("small", "large"))
    english = common | (rare - names) | (rare & coded)
    rows = [f"c{word}" for word in sorted(clinical)] + [f"e{word}" for word in sorted(english - clinical - eponyms)]
    rows += [f"p{word}" for word in sorted(eponyms)]
    _write("words.txt.gz", rows)
    _write("names.txt.gz", sorted(names))


def _english(scowl: Path, size: str) -> set[str]:
    files = [scowl / f"american-english-{size}", scowl / f"british-english-{size}"]
    lines = [line.removesuffix("'s") for file in files for line in file.read_text("utf-8").splitlines()]
    return {fold(line) for line in lines if len(line) > 1 and line[0].islower() and line.isalpha()}


def _coded_texts() -> Iterator[str]:
    schemes: dict[str, dict[str, dict[str, tuple[str, list[int]]]]] = _concepts_dict.concepts  # type: ignore[assignment]
    for scheme in schemes.values():
        for keyword in scheme.values():
            yield from (meaning for meaning, _ in keyword.values())
    yield from (entry[2] for entry in DicomDictionary.values())
    yield from (entry[0] for entry in UID_dictionary.values())


def _words(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for word in WORD.findall(text):
            yield fold(word)


def _names() -> Iterator[str]:
    package = faker.providers.person
    for module in pkgutil.iter_modules(package.__path__):
        provider = importlib.import_module(f"{package.__name__}.{module.name}").Provider
        for attribute in dir(provider):
            if attribute.startswith(("first_name", "last_name")):
                value = getattr(provider, attribute)
                if isinstance(value, dict | list | tuple | set | frozenset):
                    yield from _name_words(value)


def _name_words(entries: Iterable[object]) -> Iterator[str]:
    for entry in entries:
        for word in WORD.findall(fold(str(entry[0] if isinstance(entry, tuple) else entry))):
            if LATIN.fullmatch(word):
                yield word


def _write(name: str, lines: list[str]) -> None:
    (HERE / name).write_bytes(gzip.compress("\n".join(lines).encode(), 9, mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
