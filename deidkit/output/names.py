"""Names of released files: made from new UIDs or a keyed digest of the content, never from the input's name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from deidkit.errors import ItemError
from deidkit.files import sha256

if TYPE_CHECKING:
    from pydicom import Dataset

    from deidkit.keys import Keys

UID = re.compile(r"[0-9]+(\.[0-9]+)*")
LEVELS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")


def output_name(header: Dataset, suffix: str, source: Path, keys: Keys) -> str:
    """``study/series/instance.dcm`` from the scrubbed header, or the content's keyed digest where there is no header.

    Raises:
        ItemError: a DICOM object without a valid SOP Instance UID.
    """
    if not len(header):
        return keys.content_name(sha256(source)) + suffix
    uids = [str(header.get(level) or "") for level in LEVELS]
    if not uids[-1]:
        raise ItemError("required-missing", "the object has no SOP Instance UID")
    present = [uid for uid in uids if uid]
    if any(len(uid) > 64 or not UID.fullmatch(uid) for uid in present):
        raise ItemError("uid-invalid", "a UID of the scrubbed object is not valid")
    return "/".join(present) + suffix
