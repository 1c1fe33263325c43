"""The child process that works on items: ``python -m deidkit.batch.worker FD`` with one end of a socket pair.

It is a process of its own so that a decoder that crashes or a detector that hangs takes nothing else with it. Standard output
and error go nowhere, because libraries print header values there.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path

from deidkit.errors import DeidkitError
from deidkit.item.engine import Engine
from deidkit.keys import Keys
from deidkit.processes import no_core_dumps, processor_seconds
from deidkit.profiles.profile_set import Profile, ProfileSet
from deidkit.registry import Registry, installed


@dataclass(frozen=True, slots=True)
class Spec:
    """What a worker needs to build the same Engine as its siblings.

    ``plugins`` maps plugin names to importable modules in place of what is installed, and leaves out the built-in profiles;
    for tests and programs that embed deidkit.
    """

    keys: Keys = field(repr=False)
    profile: str | None = None
    folders: tuple[Path, ...] = ()
    plugins: tuple[tuple[str, str], ...] | None = None
    maps: bool = False

    def registry(self) -> Registry:
        if self.plugins is None:
            return installed()
        return Registry.of({name: import_module(module) for name, module in self.plugins})

    def profiles(self, registry: Registry) -> ProfileSet:
        return ProfileSet.load(registry, self.folders, builtin=self.plugins is None)

    def forced(self, profiles: ProfileSet) -> Profile | None:
        """The one profile asked for: a name, or a file when it ends in .yaml or .yml."""
        if self.profile is None:
            return None
        path = Path(self.profile)
        return profiles.read(path) if path.suffix in {".yaml", ".yml"} else profiles.get(self.profile)

    def usable(self, profiles: ProfileSet) -> list[Profile]:
        """The profiles that a file may get: the one asked for, else all of them."""
        forced = self.forced(profiles)
        return [forced] if forced else list(profiles)

    def engine(self) -> Engine:
        """Raises UsageError for a bad profile, EnvironmentFault for something this machine lacks."""
        registry = self.registry()
        profiles = self.profiles(registry)
        return Engine(registry, profiles, self.keys, self.forced(profiles), self.maps)


def serve(connection: Connection) -> None:
    """Builds an engine, then answers tasks until the parent hangs up."""
    spec: Spec = connection.recv()
    try:
        engine = spec.engine()
    except DeidkitError as error:
        connection.send(("fault", error.exit_code, str(error)))
        return
    except Exception as error:  # no file was opened yet, but a plugin may quote what it likes
        connection.send(("fault", 4, f"a component could not be built: {type(error).__name__}"))
        return

    def beat(stage: str, frame: int, seconds: float) -> None:
        del frame
        connection.send(("beat", stage, seconds, processor_seconds()))

    connection.send(("ready",))
    while True:
        task = connection.recv()
        try:
            answer = engine.process(task, beat)
        except DeidkitError as error:
            connection.send(("fault", error.exit_code, str(error)))
            return
        connection.send(("answer", answer))


def _follow_parent(parent: int) -> None:
    """Ends the process group, which is this process and the programs that it started, soon after the parent is gone."""
    while os.getppid() == parent:
        time.sleep(0.2)
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


def main() -> None:
    os.umask(0o077)
    no_core_dumps()
    threading.Thread(target=_follow_parent, args=(os.getppid(),), daemon=True).start()
    connection = Connection(socket.socket(fileno=int(sys.argv[1])).detach())
    with contextlib.suppress(EOFError, ConnectionError):
        serve(connection)


if __name__ == "__main__":
    main()
