"""Fictional people and values, drawn without repetition, so that every planted value occurs at one place alone."""

from __future__ import annotations

import random
import string
from datetime import date, timedelta

FAMILIES = [
    "Halvorsen", "Brzezinski", "Okonkwola", "Lindqvister", "Marchetti", "Vandermolen", "Takamura", "Oyelaran", "Szczepanik",
    "Fitzwarren", "Kowalczuk", "Ibarrola", "Petrossian", "Rautiainen", "Dimitrova", "Castellano", "Abernathy", "Mukherjee",
    "Wojciechow", "Sorrentino", "Bjornstad", "Quackenbush", "Zimmerlin", "Thorvald", "Ekwueme", "Papadakis", "Villanueva",
    "Hashimoto", "Drummond", "Kirchhoffer", "Leclercq", "Nadarajah", "Ostrowska", "Pemberton", "Ravensdale", "Saavedra",
    "Tolentino", "Undurraga", "Vasquezio", "Whitcombe", "Yamanouchi", "Zawadzki", "Achterberg", "Bellweather", "Crossfield",
    "Delacroix", "Eisenhardt", "Fairbrother", "Gallagherty", "Hollingsby", "Iversdotter", "Jablonski", "Kensington",
    "Lundgrenio", "Montclaire", "Nightingale", "Oppenhejm", "Prendergast", "Rasmussenov", "Steenkamp",
]  # fmt: skip
GIVENS = [
    "Philippa", "Ottoline", "Bartholo", "Cressida", "Dagfinn", "Evangeline", "Florentin", "Gwendolyn", "Hildegard",
    "Ignatius", "Jocasta", "Kasimira", "Leopoldo", "Marguerite", "Nikodemus", "Octavian", "Perpetua", "Quirinus",
    "Rosalinda", "Sebastiano", "Theodora", "Ulrikke", "Valentina", "Wilhelmus", "Xanthippe", "Yaroslava", "Zebulon",
    "Anneliese", "Benedikta", "Cornelius", "Desmonda", "Emerentia", "Fredegund", "Gottfried", "Hyacintha", "Isambard",
    "Jessamine", "Kunigunde", "Lysander", "Melisande", "Nathanael", "Ottokar", "Prudencia", "Radomila", "Swanhild",
    "Tancredi", "Ursuline", "Vladimira", "Walpurga", "Yolantha", "Zenobia", "Alasdair", "Brunhild", "Clothilde", "Diarmuid",
    "Eustachio", "Ferdinanda", "Gwenllian", "Hortensia", "Inmaculada",
]  # fmt: skip
STREETS = [
    "Kestrel Lane", "Millpond Road", "Saltmarsh Walk", "Orchard Mews", "Harbour Steps", "Quarry Hill", "Lantern Street",
    "Weavers Yard",
]  # fmt: skip
TOWNS = ["Norrwick", "Ostbridge", "Vellmar", "Casterleigh", "Dunharrow", "Tarnfeld", "Quellbrunn", "Mirenza"]
ALPHABET = string.ascii_uppercase.replace("O", "").replace("I", "")


class Supply:
    """A seeded source of values, none given twice."""

    def __init__(self, seed: int | str) -> None:
        self._random = random.Random(f"deidkit-phantom-{seed}")
        self._families = self._shuffled(FAMILIES)
        self._givens = self._shuffled(GIVENS)
        self._used: set[str] = set()

    def _shuffled(self, values: list[str]) -> list[str]:
        return self._random.sample(values, len(values))

    def _fresh(self, make: object) -> str:
        assert callable(make)
        for _ in range(1000):
            value = str(make())
            if value not in self._used:
                self._used.add(value)
                return value
        raise RuntimeError("the supply of distinct values ran dry")

    def family(self) -> str:
        return self._families.pop()

    def person(self) -> str:
        """A PN value, ``Family^Given``."""
        return f"{self._families.pop()}^{self._givens.pop()}"

    def number(self, digits: int = 7) -> str:
        return self._fresh(lambda: str(self._random.randint(10 ** (digits - 1), 10**digits - 1)))

    def code(self, prefix: str = "") -> str:
        """An id of letters and digits, at most 16 characters with a prefix of up to 5."""
        return self._fresh(lambda: f"{prefix}{''.join(self._random.sample(ALPHABET, 4))}{self._random.randint(100000, 999999)}")

    def day(self, first: int = 2012, last: int = 2022) -> str:
        """A DA value between the first of January of ``first`` and the end of ``last``."""
        start, end = date(first, 1, 1), date(last, 12, 31)
        return self._fresh(lambda: f"{start + timedelta(self._random.randint(0, (end - start).days)):%Y%m%d}")

    def time(self) -> str:
        draw = self._random.randint
        return self._fresh(lambda: f"{draw(7, 19):02}{draw(0, 59):02}{draw(0, 59):02}.{draw(100000, 999999)}")

    def uid(self) -> str:
        draw = self._random.randint
        return self._fresh(lambda: f"1.2.826.0.1.3680043.8.498.{draw(10**9, 10**10)}.{draw(10**9, 10**10)}")

    def phone(self) -> str:
        draw = self._random.randint
        return self._fresh(lambda: f"+44 {draw(1000, 9999)} {draw(100000, 999999)}")

    def address(self) -> str:
        pick, draw = self._random.choice, self._random.randint
        return self._fresh(lambda: f"{draw(101, 999)} {pick(STREETS)}, {pick(TOWNS)} {draw(10000, 99999)}")

    def hospital(self) -> str:
        return f"St {self._givens.pop()} Hospital"
