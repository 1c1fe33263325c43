"""The ps315 scrubber."""

from __future__ import annotations

from pathlib import Path

from pydicom import Dataset

from deidkit.errors import IndexFile
from deidkit.headers.raw_elements import UNDECLARED, encodings_of, text_of
from deidkit.headers.working_copy import working_copy
from deidkit.identity.dates import known_days
from deidkit.identity.harvest import harvest, patient_of
from deidkit.identity.vault import Vault
from deidkit.interfaces import Tagger
from deidkit.limits import Limits
from deidkit.types import Context, HeaderChange
from deidkit_ps315.options import Ps315Options
from deidkit_ps315.scrub import age, dependents, file_meta, history, method_codes, structure_names
from deidkit_ps315.scrub.explain import address_of, explain
from deidkit_ps315.scrub.job import Job, Place, StandIns, UidMap
from deidkit_ps315.scrub.plan import Resolved, compile_plan, resolved
from deidkit_ps315.scrub.walk import Routes, Walk
from deidkit_ps315.standard.iod import level_of
from deidkit_ps315.text.cleaner import NOTHING, Style, TextCleaner
from deidkit_ps315.text.known_identifiers import Known, known_of, listed_of, retained_of
from deidkit_ps315.text.listed_values import listed, values_of

DIRECTORY_CLASS, DIRECTORY_RECORDS = "1.2.840.10008.1.3.10", 0x00041220
SOP_CLASS, MEDIA_CLASS = 0x00080016, 0x00020002
KEPT_KINDS = {"device_identity": "device", "institution_identity": "institution"}


class Ps315:
    """PS3.15 Annex E under one set of options."""

    def __init__(self, options: Ps315Options, tagger: Tagger | None = None) -> None:
        self._plan = compile_plan(options)
        self._tagger = tagger
        self._vault: Vault | None = None
        self._stand_ins: StandIns | None = None
        self._routes: Routes = {}
        self._listed = frozenset(tag for tag in listed() if (one := self._plan.standard.get(tag)) is None or one.action != "K")
        self._skip = frozenset(KEPT_KINDS[name] for name in options.retain if name in KEPT_KINDS)

    def scrub(self, header: Dataset, context: Context) -> list[HeaderChange]:
        """Scrubs ``header``, a copy, in place, its ``file_meta`` included.

        Raises:
            IndexFile: a DICOMDIR, whose records repeat what its files hold.
            UnreadableFile, OverBudget: damaged or too deeply nested sequences.
        """
        if not len(header):
            return []
        sop_class = _sop_class(header)
        if sop_class == DIRECTORY_CLASS or DIRECTORY_RECORDS in header:
            raise IndexFile("dicomdir", "a DICOMDIR repeats the names in its files; scrub the files and make a new one")
        job = self._job(header, context)
        Walk(job, self._routes).dataset(Place(header, level_of(sop_class), "", encodings_of(header), Limits().depth))
        file_meta.scrub(header, job)
        options, before = self._plan.options, context.header
        changes = structure_names.tell_apart(before, header)
        changes += age.compute(before, header, options.age_cap) if options.age_cap else []
        changes += history.keep(before, header, job.text.clean) if options.history == "keep" else []
        method_codes.write(header, self._plan, context)
        return [*job.changes, *changes, *dependents.drop(header)]

    def resolved(self) -> list[Resolved]:
        """(tag, name, action, source) of every attribute that the options say something about."""
        return list(resolved(self._plan.options))

    def explain(self, attribute: str, header: Dataset, context: Context) -> list[tuple[str, str]]:
        """Which row, option, exception or rule of private blocks decides about ``attribute``, and what happens in ``header``.

        Raises:
            ValueError: ``attribute`` is none.
        """
        address, made = address_of(attribute, header), working_copy(header)
        options = self._plan.options.model_copy(update={"map_file": ""})
        changes = Ps315(options, self._tagger).scrub(made, context)
        return explain(self._plan, address, level_of(_sop_class(header)), working_copy(header), made, changes)

    def _job(self, header: Dataset, context: Context) -> Job:
        patient = patient_of(context.header) or patient_of(header)
        stand_ins = self._derived(context)
        shift = stand_ins.days(patient)
        dates = self._plan.options.dates
        identifiers = context.identifiers if context.identifiers.items else harvest(header)
        style = Style(
            {"remove": None, "shift": shift, "keep": 0}[dates],
            self._plan.options.doubt == "remove",
            self._tagger,
            stand_ins.fingerprint,
        )
        known = known_of(identifiers, self._skip)
        moved = {f"{year:04}{month:02}{day:02}" for year, month, day in known_days(identifiers)} if dates == "shift" else set()
        mapper = UidMap(stand_ins, "uids" in self._plan.options.retain, known, frozenset(moved))
        text = TextCleaner.of(
            identifiers, known, style, mapper, retained_of(identifiers, self._skip), self._listed_in(context.header)
        )
        return Job(self._plan, stand_ins, text, mapper, patient, shift, context.deadline, self._map(context))

    def _listed_in(self, before: Dataset) -> Known:
        """What stands in listed attributes that the plan does not keep, of the whole object."""
        values = frozenset(values_of(before, self._listed, Limits().depth))
        return listed_of(values) if values else NOTHING

    def _derived(self, context: Context) -> StandIns:
        """Only the run knows the key; a process hardly ever sees a second one."""
        if self._stand_ins is None or self._stand_ins.keys is not context.keys:
            self._stand_ins = StandIns(context.keys)
        return self._stand_ins

    def _map(self, context: Context) -> Vault | None:
        """The encrypted map, opened with the first object because only the run knows the key."""
        if self._vault is None and self._plan.options.map_file:
            self._vault = Vault(Path(self._plan.options.map_file), context.keys)
        return self._vault


def _sop_class(header: Dataset) -> str:
    for dataset, tag in ((header, SOP_CLASS), (getattr(header, "file_meta", None), MEDIA_CLASS)):
        element = dataset.get_item(tag) if dataset is not None else None
        if element is not None and element.value:
            return text_of(element, UNDECLARED)
    return ""
