"""All exceptions that deidkit raises on purpose, and the exit code of each.

::

    DeidkitError                     1   the run failed
    |-- UsageError                   2   bad command line, profile or key; raised before any file is touched
    |   |-- ProfileError             2   one or more problems in a profile, each with file:line:column
    |   `-- KeyFileError             2   key file missing, malformed, readable by others, or not this run's key
    |       `-- MapError             2   encrypted map damaged, changed, of an earlier format or of another key
    |-- EnvironmentFault             4   something this machine lacks: a program, a package, weights, disk permissions
    |   `-- PluginError              4   a plugin is broken or two of them claim one name
    |-- RunError                     1   the run as a whole cannot go on, for instance a full disk
    `-- ItemError                    3   one file cannot be proven clean: it is quarantined, the run goes on
        |-- UnreadableFile           3   not decodable: cut short, lying lengths, damaged
        |-- UnsupportedFile          3   decodable by nobody here, or a kind of object no profile covers
        |   `-- IndexFile            3   no object but a list of objects; a run skips it
        |-- OverBudget               3   would need more memory, frames or nesting than the limits allow
        |-- StageTimeout             3   a stage passed its time limit
        `-- InvariantBroken          3   a plugin returned something that its contract forbids

The text of every one of these may reach a log, a manifest or a terminal: it never holds a value from a header, recognised
text or an input path.
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
    """Base of all of them. ``code`` is the reason code of an item that had to be held back for it."""

    exit_code = 1
    code = "run-failed"


class UsageError(DeidkitError):
    exit_code = 2
    code = "usage"


class ProfileError(UsageError):
    """All problems found in one or more profiles.

    Args:
        problems: one line each, already in the form ``file:line:column: message``.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class KeyFileError(UsageError):
    code = "key-file"


class MapError(KeyFileError):
    code = "encrypted-map"


class EnvironmentFault(DeidkitError):
    exit_code = 4
    code = "environment"


class PluginError(EnvironmentFault):
    pass


class RunError(DeidkitError):
    exit_code = 1


class ItemError(DeidkitError):
    """One file goes to quarantine.

    Args:
        code: a short, stable, machine-readable reason such as ``pixels-truncated``.
        detail: what a person should know, free of identifiers.
    """

    exit_code = 3

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail

    def __reduce__(self) -> tuple[type[ItemError], tuple[str, str]]:
        return type(self), (self.code, self.detail)


class UnreadableFile(ItemError):
    pass


class UnsupportedFile(ItemError):
    pass


class IndexFile(UnsupportedFile):
    """A list of other files, such as a DICOMDIR, which is made anew from what was released."""


class OverBudget(ItemError):
    pass


class StageTimeout(ItemError):
    pass


class InvariantBroken(ItemError):
    pass
