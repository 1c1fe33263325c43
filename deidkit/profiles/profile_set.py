"""All profiles of a run: three layers of files, parents merged in, every problem of every file reported at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deidkit.errors import ProfileError, UsageError
from deidkit.limits import Limits
from deidkit.profiles.check import Draft
from deidkit.profiles.component_options import offer
from deidkit.profiles.files import Rule, Rules, builtin_folder, read_draft, read_folder, read_rules
from deidkit.profiles.model import Layer, Match, Origin, Profile, Use, matches
from deidkit.profiles.schema import INSPECT, NOTHING, PIXEL_STAGES, REDACT, STAGES, schema

if TYPE_CHECKING:
    from deidkit.registry import Registry

__all__ = ["Layer", "Match", "Profile", "ProfileSet", "Rule", "Rules", "Use", "matches", "schema"]

_INHERITED = (*STAGES, "limits", "refuse", "pixels", "hold_back")


class ProfileSet:
    """Resolved profiles by name. ``rules`` is what the site decided about selection.

    Args:
        drafts: the checked files of all layers.
        registry: what their components come from; also used for files read later.
    """

    def __init__(self, drafts: Sequence[Draft], registry: Registry) -> None:
        self.rules = Rules()
        self._registry = registry
        self._drafts = sorted(drafts, key=lambda draft: (draft.layer.rank, draft.name))
        self._check_names()
        self._instead = self._replacements()
        self._profiles: dict[str, Profile] = {}
        for draft in self._drafts:
            if not draft.broken and draft is self._top(draft.name) and draft.name not in self._instead:
                profile = self._resolve(draft)
                if profile is not None:
                    self._profiles[draft.name] = profile

    @classmethod
    def load(cls, registry: Registry, site_folders: Iterable[Path] = (), builtin: bool = True) -> ProfileSet:
        """Reads the site's folders, those of the plugins and, unless told otherwise, the built-in one.

        Raises:
            ProfileError: with the problems of all files.
        """
        lines: list[str] = []
        drafts: list[Draft] = []
        sites = list(site_folders)
        folders = [(Layer.SITE, folder) for folder in sites]
        folders += [(Layer.PLUGIN, folder) for _, folder in registry.profile_folders()]
        folders += [(Layer.BUILTIN, builtin_folder())] if builtin else []
        for layer, folder in folders:
            drafts += read_folder(folder, layer, registry, lines)
        profiles = cls(drafts, registry)
        lines += [line for draft in drafts for line in draft.problems.lines()]
        profiles.rules = read_rules(sites, profiles.names(), registry, lines)
        if lines:
            raise ProfileError(list(dict.fromkeys(lines)))
        return profiles

    def names(self) -> list[str]:
        return sorted(self._profiles)

    def __iter__(self) -> Iterator[Profile]:
        return (self._profiles[name] for name in self.names())

    def __contains__(self, name: object) -> bool:
        return name in self._profiles or name in self._instead

    def get(self, name: str) -> Profile:
        """The profile of this name, or the one that replaces it.

        Raises:
            UsageError: there is none.
        """
        name = self._instead.get(name, name)
        if name not in self._profiles:
            raise UsageError(f"there is no profile {name!r}{offer(name, self.names(), 'there are')}")
        return self._profiles[name]

    def read(self, path: Path) -> Profile:
        """One more profile from a file of the site, its parents looked up among these. It is not added.

        Raises:
            ProfileError: with all its problems.
        """
        draft = read_draft(path, Layer.SITE, self._registry)
        self._check_replaces(draft)
        profile = self._resolve(draft)
        if profile is None or draft.broken:
            raise ProfileError(draft.problems.lines())
        return profile

    def _top(self, name: str, below: Draft | None = None) -> Draft | None:
        """The draft of this name in the highest layer; with ``below``, in a lower layer than a draft of the same name."""
        for draft in self._drafts:
            if draft.name == name and draft is not below and (below is None or below.name != name or _lower(draft, below)):
                return draft
        return None

    def _check_names(self) -> None:
        for index, draft in enumerate(self._drafts):
            for other in self._drafts[:index]:
                if other.name != draft.name:
                    continue
                if other.layer is draft.layer:
                    draft.problems.value(("profile",), f"the name {draft.name!r} is taken by {other.path}")
                elif other.replaces != draft.name:
                    message = f"the name {draft.name!r} is taken by {draft.path}; say 'replaces: {draft.name}' if that is meant"
                    other.problems.value(("profile",), message)

    def _check_replaces(self, draft: Draft) -> Draft | None:
        if draft.replaces is None:
            return None
        target = self._top(draft.replaces, draft)
        if target is None:
            good = sorted({other.name for other in self._drafts} - {draft.name})
            draft.problems.value(
                ("replaces",), f"there is no profile {draft.replaces!r}{offer(draft.replaces, good, 'there are')}"
            )
        elif target.layer.rank < draft.layer.rank:
            message = f"{draft.replaces!r} is a {target.layer.value} profile, which a {draft.layer.value} one cannot replace"
            draft.problems.value(("replaces",), message)
        return target

    def _replacements(self) -> dict[str, str]:
        """Replaced name -> the name that finally stands for it."""
        direct: dict[str, Draft] = {}
        for draft in self._drafts:
            target = self._check_replaces(draft)
            if target is None or target.name == draft.name:
                continue
            first = direct.setdefault(target.name, draft)
            if first is not draft and first.layer is draft.layer:
                draft.problems.value(("replaces",), f"{target.name!r} is replaced by {first.name!r} as well")
        final: dict[str, str] = {}
        for name, draft in direct.items():
            seen = [name]
            while draft.name in direct and draft.name not in seen:
                seen.append(draft.name)
                draft = direct[draft.name]
            if draft.name in seen:
                draft.problems.value(("replaces",), f"profiles replace each other in a circle: {', '.join(seen)}")
            final[name] = draft.name
        return final

    def _resolve(self, draft: Draft) -> Profile | None:
        """The draft with everything it inherits; None after noting a problem."""
        chain = self._lineage(draft)
        if chain is None:
            return None
        given = {key: item for item in reversed(chain) for key in item.values if key in _INHERITED}
        merged = {key: item.values[key] for key, item in given.items()}
        merged.setdefault("pixels", REDACT)
        if merged["pixels"] != REDACT:
            _drop_redaction(draft, merged)
        _check_complete(draft, merged, self._registry)
        if draft.broken:
            return None
        return Profile(
            name=draft.name,
            summary=draft.values.get("summary", ""),
            match=self._match(draft),
            refuse=merged.get("refuse", {}),
            pixels=merged["pixels"],
            hold_back=merged.get("hold_back", NOTHING),
            limits=Limits(**merged.get("limits", {})),
            source=draft.path,
            layer=draft.layer,
            extends=draft.extends,
            replaces=draft.replaces,
            origins={key: Origin(item.name, item.layer, item.path) for key, item in given.items() if key in merged},
            **{stage: merged.get(stage, ()) for stage in STAGES},
        )

    def _lineage(self, draft: Draft) -> list[Draft] | None:
        """The draft and its parents, nearest first; None after noting a problem."""
        chain = [draft]
        while (name := chain[-1].extends) is not None:
            parent = self._top(name, chain[-1])
            if parent is None:
                good = sorted({other.name for other in self._drafts} - {draft.name})
                what = f"there is no {'other ' if name == chain[-1].name else ''}profile {name!r}"
                chain[-1].problems.value(("extends",), f"{what}{offer(name, good, 'there are')}")
                return None
            if parent in chain:
                circle = " -> ".join(item.name for item in [*chain, parent])
                draft.problems.value(("extends",), f"profiles extend each other in a circle: {circle}")
                return None
            chain.append(parent)
        return None if any(item.broken for item in chain) else chain

    def _match(self, draft: Draft) -> Match | None:
        seen = [draft]
        while seen[-1].match is None and seen[-1].replaces is not None:
            target = self._top(seen[-1].replaces, seen[-1])
            if target is None or target in seen:
                break
            seen.append(target)
        return seen[-1].match


def _lower(draft: Draft, than: Draft) -> bool:
    return draft.layer.rank > than.layer.rank


def _drop_redaction(draft: Draft, merged: dict[str, Any]) -> None:
    for stage in PIXEL_STAGES:
        if stage in draft.values:
            draft.problems.key((stage,), f"a profile with pixels: {merged['pixels']} has no stage {stage}")
        merged.pop(stage, None)


def _check_complete(draft: Draft, merged: dict[str, Any], registry: Registry) -> None:
    needed = {"scrub": "no header would be cleaned", "verify": "nothing would be proven clean"}
    if merged["pixels"] == REDACT:
        needed["detect"] = "no text would be found; objects without pixels say pixels: none"
        needed |= {"decide": "nothing would say what is redacted", "redact": "nothing would be redacted"}
    for stage in STAGES:
        if stage in needed and not merged.get(stage):
            draft.problems.value(("profile",), f"the stage {stage} is missing: {needed[stage]}")
    if merged["pixels"] == INSPECT and merged.get("verify") and not _reads(merged["verify"], registry):
        readers = [component.name for component in registry.components("verifier") if component.reads]
        message = (
            f"a profile with pixels: inspect needs a verifier that reads pixels; there are: {', '.join(readers) or 'none'}"
        )
        draft.problems.value(("verify" if "verify" in draft.values else "profile",), message)


def _reads(uses: Iterable[Use], registry: Registry) -> bool:
    found = (registry.find("verifier", use.name) for use in uses)
    return any(component is not None and component.reads for component in found)
