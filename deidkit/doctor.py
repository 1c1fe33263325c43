"""Lists what this machine has and lacks (packages, codecs, programs, weights, disk, key), and how to install it."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

from deidkit import __version__
from deidkit.components import Finding, State
from deidkit.errors import DeidkitError
from deidkit.keys import load_key_file
from deidkit.profiles.profile_set import Profile, ProfileSet
from deidkit.profiles.selection import choose_classifier
from deidkit.registry import Registry, discover, other_distribution

PACKAGES = ("numpy", "pydicom", "pydantic", "pluggy", "PyYAML", "onnxruntime", "opencv-python-headless", "pillow")
DISK_NEEDED = 2**30


def examine(key: Path | None = None, folder: Path | None = None, profiles: Sequence[Path] = ()) -> list[Finding]:
    """Looks at everything; finding something missing is no error.

    Args:
        key: key file to check.
        folder: where a run would write, for the free space.
        profiles: a site's profile folders.
    """
    found = list(_machine(folder or Path.cwd()))
    found += _packages()
    try:
        registry = discover()
    except DeidkitError as error:
        return [*found, Finding("plugin", "registry", State.MISSING, str(error))]
    found += [Finding("plugin", name, State.MISSING, why) for name, why in sorted(registry.broken.items())]
    needed, problem = _needed(registry, profiles)
    found += problem
    found += _components(registry, needed)
    found += _codecs(registry)
    found += _told(registry)
    found += _key(key)
    return found


def _machine(folder: Path) -> Iterator[Finding]:
    yield Finding("machine", "python", State.OK, f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    problem = other_distribution()
    yield Finding("machine", "deidkit", State.MISSING if problem else State.OK, problem or __version__)
    place = next((parent for parent in (folder, *folder.resolve().parents) if parent.exists()), Path.cwd())
    free = shutil.disk_usage(place).free
    state = State.OK if free >= DISK_NEEDED else State.MISSING
    yield Finding("machine", "free disk", state, f"{free / 2**30:.1f} GiB, at least {DISK_NEEDED / 2**30:.0f} needed")


def _packages() -> Iterator[Finding]:
    for name in PACKAGES:
        try:
            yield Finding("package", name, State.OK, metadata.version(name))
        except metadata.PackageNotFoundError:
            yield Finding("package", name, State.MISSING, "", f"pip install {name}")


def _needed(registry: Registry, folders: Sequence[Path]) -> tuple[set[tuple[str, str]], list[Finding]]:
    """Kind and name of every component that some profile uses, the classifier included."""
    try:
        loaded = ProfileSet.load(registry, folders)
    except DeidkitError as error:
        return set(), [Finding("profile", "all profiles", State.MISSING, str(error))]
    profiles: list[Profile] = list(loaded)
    found = [Finding("profile", "all profiles", State.OK, f"{len(profiles)} load")]
    kinds = {"detect": "detector", "recognise": "recogniser", "decide": "policy", "redact": "redactor"}
    kinds |= {"scrub": "scrubber", "verify": "verifier"}
    used = {(kind, use.name) for profile in profiles for stage, kind in kinds.items() for use in profile.stage(stage)}
    try:
        chosen = choose_classifier(loaded.rules, registry)
    except DeidkitError as error:
        found.append(Finding("profile", "classifier", State.MISSING, str(error)))
    else:
        used |= {("classifier", chosen.name)} if chosen else set()
    return used, found


def _components(registry: Registry, needed: set[tuple[str, str]]) -> Iterator[Finding]:
    for component in registry.components():
        lacking = registry.missing(component)
        always = component.kind == "format" or (component.kind, component.name) in needed
        state = State.OK if not lacking else State.MISSING if always else State.ABSENT
        detail = f"needs {', '.join(lacking)}" if lacking else registry.owner(component)
        yield Finding(component.kind, component.name, state, detail, component.install if lacking else "")


def _codecs(registry: Registry) -> Iterator[Finding]:
    """Which decoders the formats have for which encoding, in the order in which they are tried."""
    for component in registry.components():
        for codec in component.codecs():
            state = State.OK if codec.decoders else State.ABSENT
            install = "" if codec.decoders else codec.install
            yield Finding("codec", codec.name, state, ", ".join(codec.decoders) or "no decoder", install)


def _told(registry: Registry) -> Iterator[Finding]:
    """What the plugins say themselves."""
    try:
        yield from registry.findings()
    except DeidkitError as error:
        yield Finding("plugin", "checks", State.MISSING, str(error))


def _key(path: Path | None) -> Iterator[Finding]:
    if path is None:
        yield Finding("key", "site key", State.ABSENT, "none given", "deidkit keys new FILE")
        return
    try:
        yield Finding("key", "site key", State.OK, f"fingerprint {load_key_file(path).fingerprint()}")
    except DeidkitError as error:
        yield Finding("key", "site key", State.MISSING, str(error))
