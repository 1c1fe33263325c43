"""All exceptions that deidkit raises on purpose, and the exit code of each.

::

    DeidkitError                     1   the run failed
    |-- UsageError                   2   bad command line, profile or key; raised before any file is read
    |   |-- ProfileError             2   one or more problems in a profile, each with file:line:column
    |   `-- KeyFileError             2   key file missing, malformed, readable by other users, or not the key of this run
    |       `-- MapError             2   encrypted map damaged, changed, of an earlier format or of another key
    |-- EnvironmentFault             4   missing on this machine: a program, a package, weights, permissions
    |   `-- PluginError              4   a plugin is broken, or two plugins claim one name
    |-- RunError                     1   the run cannot continue, for example because the disk is full
    `-- ItemError                    3   one file is not proven clean: it is quarantined, and the run continues
        |-- UnreadableFile           3   not decodable: truncated, wrong lengths, damaged
        |-- UnsupportedFile          3   no codec is installed, or no profile covers this kind of object
        |   `-- IndexFile            3   a list of objects, not an object; a run skips it
        |-- OverBudget               3   needs more memory, frames or nesting levels than the limits allow
        |-- StageTimeout             3   a stage exceeded its time limit
        `-- InvariantBroken          3   a plugin broke its contract

Messages may reach a log, a manifest or a terminal. They never contain a header value, recognised text or an input path.
"""

from __future__ import annotations

__all__ = [
    "DeidkitError",
    "EnvironmentFault",
    "IndexFile",
    "InvariantBroken",
    "ItemError",
    "KeyFileError",
    "MapError",
    "OverBudget",
    "PluginError",
    "ProfileError",
    "RunError",
    "StageTimeout",
    "UnreadableFile",
    "UnsupportedFile",
    "UsageError",
]


class DeidkitError(Exception):
    """Base class. ``code`` is the reason code of an item that was quarantined because of it."""

    exit_code = 1
    code = "run-failed"


class UsageError(DeidkitError):
    """The command line, a profile or a key is invalid."""

    exit_code = 2
    code = "usage"


class ProfileError(UsageError):
    """One or more profiles have problems.

    Args:
        problems: one line for each, in the form ``file:line:column: message``.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class KeyFileError(UsageError):
    """The key file is missing, malformed, readable by other users, or not the key of this run."""

    code = "key-file"


class MapError(KeyFileError):
    """The encrypted map is damaged, changed, of an earlier format or of another key."""

    code = "encrypted-map"


class EnvironmentFault(DeidkitError):
    """Something is missing on this machine."""

    exit_code = 4
    code = "environment"


class PluginError(EnvironmentFault):
    """A plugin is broken, or two plugins claim one name."""


class RunError(DeidkitError):
    """The run as a whole cannot continue."""

    exit_code = 1


class ItemError(DeidkitError):
    """One file is quarantined.

    Args:
        code: a short, stable, machine-readable reason such as ``pixels-truncated``.
        detail: an explanation for people, without identifiers.
    """

    exit_code = 3

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail

    def __reduce__(self) -> tuple[type[ItemError], tuple[str, str]]:
        return type(self), (self.code, self.detail)


class UnreadableFile(ItemError):
    """The file cannot be decoded: it is truncated, damaged or has wrong lengths."""


class UnsupportedFile(ItemError):
    """No installed codec decodes the file, or no profile covers this kind of object."""


class IndexFile(UnsupportedFile):
    """The file lists other files, as a DICOMDIR does. Create a new one from the released files."""


class OverBudget(ItemError):
    """The file needs more memory, frames or nesting levels than the limits allow."""


class StageTimeout(ItemError):
    """A stage exceeded its time limit."""


class InvariantBroken(ItemError):
    """A component broke its contract."""
