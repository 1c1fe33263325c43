"""The one place where exceptions become exit codes and a line on standard error that identifies nobody."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

import click

from deidkit.errors import DeidkitError
from deidkit.processes import no_core_dumps

USAGE = 2
FAILED = 1
WORD = re.compile(r"-{0,2}[a-z][a-z-]{0,24}")


def invoke(command: click.Command, arguments: Sequence[str] | None = None) -> int:
    """Runs ``command`` and returns its exit code.

    Values of arguments, which may be file names, are left out of every message; of an unexpected exception only its type and
    place are told.
    """
    no_core_dumps()
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = command.main(given, prog_name="deidkit", standalone_mode=False)
    except DeidkitError as error:
        return _say(str(error), error.exit_code)
    except click.UsageError as error:
        return _usage(error, given)
    except click.ClickException as error:
        return _say(mask(error.format_message(), given), FAILED)
    except (click.Abort, KeyboardInterrupt):
        return _say("stopped; finished files are recorded; continue with --resume", FAILED)
    except BrokenPipeError:
        sys.stderr.close()
        return FAILED
    except Exception as error:
        return _say(f"unexpected {type(error).__name__} at {_place(error)}; nothing was released after it", FAILED)
    return code if isinstance(code, int) else 0


def _say(message: str, code: int) -> int:
    for line in message.splitlines():
        click.echo(f"deidkit: {line}", err=True)
    return code


def _usage(error: click.UsageError, given: Sequence[str]) -> int:
    if error.ctx is not None:
        click.echo(error.ctx.get_usage(), err=True)
    return _say(mask(error.format_message(), given), USAGE)


def mask(message: str, given: Sequence[str]) -> str:
    """The message without the values given on the command line; plain words such as mistyped commands stay."""
    for value in sorted(given, key=len, reverse=True):
        for part in {value, value.partition("=")[2]}:
            if part and not WORD.fullmatch(part):
                message = message.replace(part, "...")
    return message


def _place(error: BaseException) -> str:
    """File and line that raised it, the innermost of deidkit or of its plugins where there is one."""
    import traceback
    from pathlib import Path

    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    own = [frame for frame in frames if "deidkit" in frame.filename] or frames
    return f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else "an unknown place"
