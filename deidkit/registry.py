"""Finds components through entry points, and reports duplicate names and missing requirements.

pluggy's ``load_setuptools_entrypoints`` is not used: it lets one distribution replace another's name without a word, and one
plugin that fails to import ends the program without naming itself.
"""

from __future__ import annotations

import functools
import importlib.util
import shutil
from collections.abc import Callable, Iterator, Mapping
from importlib import metadata
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

from deidkit import hookspecs
from deidkit.components import Component, Finding, Options, Trainable, building
from deidkit.errors import DeidkitError, EnvironmentFault, PluginError
from deidkit.interfaces import INTERFACES
from deidkit.nn.weights_used import note, noted

if TYPE_CHECKING:
    import click

GROUP = "deidkit"
DISTRIBUTION = "deidkit-imaging"
OTHER = "deidkit"
"""A distribution on PyPI that is not ours and brings a package of the same name: each overwrites the other's modules."""


class Registry:
    """Components by kind and name, and the relay to observers.

    Args:
        plugins: plugin name -> the module or object that holds its hook implementations.
        owners: plugin name -> distribution and version, for display.
        broken: plugin name -> why it could not be loaded.

    Raises:
        PluginError: a wrapper, an unknown hook, a failing hook, or one component name claimed twice.
    """

    def __init__(
        self, plugins: Mapping[str, object], owners: Mapping[str, str] | None = None, broken: Mapping[str, str] | None = None
    ) -> None:
        self.broken = dict(broken or {})
        self._owners = dict(owners or {})
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs.Hooks)
        for name, plugin in plugins.items():
            self._register(name, plugin)
        self._components: dict[tuple[str, str], tuple[Component, str]] = {}
        for plugin_name, component in self._collect("deidkit_components"):
            self._add(plugin_name, component)
        self._built: dict[tuple[str, str, str], tuple[Any, Mapping[str, str]]] = {}

    @classmethod
    def of(cls, plugins: Mapping[str, object]) -> Registry:
        """A registry of exactly these plugins; nothing is discovered."""
        return cls(plugins)

    def _register(self, name: str, plugin: object) -> None:
        try:
            self._manager.register(plugin, name)
            self._manager.check_pending()
        except (pluggy.PluginValidationError, ValueError) as error:
            raise PluginError(f"plugin {name!r} ({self.owner_of(name)}) was refused: {error}") from None
        for caller in self._manager.get_hookcallers(plugin) or []:
            for implementation in caller.get_hookimpls():
                if implementation.plugin is plugin and (implementation.wrapper or implementation.hookwrapper):
                    raise PluginError(f"plugin {name!r} wraps the hook {caller.name}; deidkit refuses wrappers")

    def _collect(self, hook: str) -> Iterator[tuple[str, Any]]:
        for implementation in getattr(self._manager.hook, hook).get_hookimpls():
            try:
                yield from ((implementation.plugin_name, item) for item in implementation.function())
            except PluginError:
                raise
            except Exception as error:
                raise PluginError(f"plugin {implementation.plugin_name!r}, hook {hook}: {error!r}") from error

    def _add(self, plugin_name: str, component: Component) -> None:
        if not isinstance(component, Component):
            raise PluginError(f"plugin {plugin_name!r}, hook deidkit_components: returned a {type(component).__name__}")
        key = (component.kind, component.name)
        if key in self._components:
            first = self._components[key][1]
            raise PluginError(
                f"{component.kind} {component.name!r} is claimed by both {first!r} ({self.owner_of(first)}) "
                f"and {plugin_name!r} ({self.owner_of(plugin_name)}); uninstall one of them"
            )
        self._components[key] = (component, plugin_name)

    @property
    def hook(self) -> pluggy.HookRelay:
        return self._manager.hook

    def plugin_names(self) -> list[str]:
        return sorted(name for name, _ in self._manager.list_name_plugin())

    def owner_of(self, plugin_name: str) -> str:
        """Distribution and version that a plugin came from."""
        return self._owners.get(plugin_name, "not installed, given directly")

    def plugin_of(self, component: Component) -> str:
        return self._components[component.kind, component.name][1]

    def owner(self, component: Component) -> str:
        return self.owner_of(self.plugin_of(component))

    def components(self, kind: str | None = None) -> list[Component]:
        """All components, or those of one kind, in the order of their kinds and names."""
        order = list(INTERFACES)
        found = [component for component, _ in self._components.values() if kind in (None, component.kind)]
        return sorted(found, key=lambda component: (order.index(component.kind), component.name))

    def names(self, kind: str) -> list[str]:
        return [component.name for component in self.components(kind)]

    def find(self, kind: str, name: str) -> Component | None:
        entry = self._components.get((kind, name))
        return entry[0] if entry else None

    def missing(self, component: Component) -> tuple[str, ...]:
        """What the component requires and this machine lacks, as ``python:MODULE`` or ``program:NAME``."""
        return tuple(need for need in component.requires if not _present(need))

    def build(self, kind: str, name: str, options: Options | Mapping[str, Any] | None = None) -> Any:
        """The component, made once for each set of options.

        Raises:
            PluginError: unknown, or what was built does not satisfy the interface of its kind.
            EnvironmentFault: something it requires is missing.
        """
        component = self.find(kind, name)
        if component is None:
            raise PluginError(f"there is no {kind} named {name!r}; there are: {', '.join(self.names(kind)) or 'none'}")
        model = options if isinstance(options, Options) else component.options.model_validate(dict(options or {}))
        key = (kind, name, model.model_dump_json())
        if key not in self._built:
            with noted(onward=False) as heard:
                self._built[key] = self._make(component, model), heard
        made, weights = self._built[key]
        note(weights)
        return made

    def _make(self, component: Component, options: Options) -> Any:
        if lacking := self.missing(component):
            advice = f"; install with: {component.install}" if component.install else ""
            raise EnvironmentFault(f"{component.kind} {component.name!r} needs {', '.join(lacking)}{advice}")
        try:
            with building(self):
                made = component.build(options)
        except DeidkitError:
            raise
        except Exception as error:
            text = f"{component.kind} {component.name!r} could not be built: {type(error).__name__}: {error}"
            raise EnvironmentFault(text) from error
        if not isinstance(made, INTERFACES[component.kind]):
            raise PluginError(
                f"{component.kind} {component.name!r} built a {type(made).__name__}, which is no {component.kind}"
            )
        return made

    def profile_folders(self) -> list[tuple[str, Path]]:
        """Plugin name and folder of further profiles."""
        return [(plugin, Path(folder)) for plugin, folder in self._collect("deidkit_profiles")]

    def findings(self) -> list[Finding]:
        """What the plugins tell ``deidkit doctor`` about this machine."""
        return [finding for _, finding in self._collect("deidkit_checks")]

    def trainables(self) -> dict[str, Trainable]:
        """The detectors that can be trained, by name."""
        return {trainable.detector: trainable for _, trainable in self._collect("deidkit_recipes")}

    def commands(self) -> list[click.Command]:
        """Commands of plugins. Groups of one name, such as ``train``, are joined.

        Raises:
            PluginError: two plugins claim one command.
        """
        import click

        found: dict[str, click.Command] = {}
        for plugin, command in self._collect("deidkit_commands"):
            first = found.setdefault(command.name or "", command)
            if first is command:
                continue
            if not (isinstance(first, click.Group) and isinstance(command, click.Group)):
                raise PluginError(f"the command {command.name!r} is claimed twice, the second time by plugin {plugin!r}")
            if taken := sorted(set(first.commands) & set(command.commands)):
                raise PluginError(
                    f"the command {command.name} {taken[0]} is claimed twice, the second time by plugin {plugin!r}"
                )
            found[command.name or ""] = click.Group(
                command.name, {**first.commands, **command.commands}, help=first.help or command.help
            )
        return list(found.values())


def _present(need: str) -> bool:
    kind, _, name = need.partition(":")
    if kind == "program":
        return shutil.which(name) is not None
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _load(point: metadata.EntryPoint) -> object:
    return point.load()


def discover(load: Callable[[metadata.EntryPoint], object] = _load) -> Registry:
    """A registry of every installed plugin; what cannot be imported is listed in ``broken``, not raised.

    Raises:
        PluginError: two distributions claim one plugin name.
    """
    plugins: dict[str, object] = {}
    owners: dict[str, str] = {}
    broken: dict[str, str] = {}
    seen: dict[str, tuple[str, str]] = {}
    for point in sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name):
        owner = f"{point.dist.name} {point.dist.version}" if point.dist else "unknown distribution"
        if point.name in seen:
            if seen[point.name][1] == point.value:  # the same module, listed again while a package is being replaced
                continue
            raise PluginError(f"the plugin name {point.name!r} is claimed by both {seen[point.name][0]} and {owner}")
        seen[point.name] = (owner, point.value)
        owners[point.name] = owner
        try:
            plugins[point.name] = load(point)
        except Exception as error:
            broken[point.name] = f"{type(error).__name__}: {error}"
    return Registry(plugins, owners, broken)


def other_distribution() -> str:
    """What to do about a stranger's package named deidkit in this environment; empty when there is none."""
    try:
        found = version(OTHER)
    except PackageNotFoundError:
        return ""
    return (
        f"the distribution {OTHER} {found} is installed here; it belongs to another project and overwrites modules of "
        f"{DISTRIBUTION}. Run: pip uninstall {OTHER} && pip install --force-reinstall --no-deps {DISTRIBUTION}"
    )


@functools.cache
def installed() -> Registry:
    """The registry that a run uses.

    Raises:
        EnvironmentFault: another project's package named deidkit is installed as well.
        PluginError: any installed plugin is broken; an observer that silently does not run would be a false promise.
    """
    if problem := other_distribution():
        raise EnvironmentFault(problem)
    registry = discover()
    if registry.broken:
        lines = [f"plugin {name!r} ({registry.owner_of(name)}): {why}" for name, why in registry.broken.items()]
        raise PluginError("\n".join(lines))
    return registry
