"""Settings for runs over real DICOM files that load no network: the catalogue finds, the sweep proves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from deidkit.keys import Keys
from deidkit.pipeline import Settings

NAMES = ("dicom", "raster", "modality", "catalog", "policy", "blackbox", "ps315")
STAGES = """
detect: [{use: catalog}]
decide: {use: policy}
redact: {use: blackbox}
scrub: [{use: ps315}]
verify: [{use: sweep}]
"""
SITE = "classify: {use: modality, options: {pixels: false}}\nselect: {unsure: quarantine, contradicting: quarantine}\n"


def quick(folder: Path, profiles: Mapping[str, str], **more: object) -> Settings:
    """``profiles``: name -> its lines besides the stages."""
    folder.mkdir(exist_ok=True)
    (folder / "site.yaml").write_text(SITE)
    for name, lines in profiles.items():
        (folder / f"{name}.yaml").write_text(f"profile: {name}\nschema_version: 1\n{lines}{STAGES}")
    plugins = tuple((name, f"deidkit_{name}") for name in NAMES)
    return Settings(Keys(bytes(range(32))), folders=(folder,), plugins=plugins, **more)  # type: ignore[arg-type]
