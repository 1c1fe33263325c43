"""The directive ``components``: one section for each installed component of a kind, made from its description and options."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from pydantic_core import PydanticUndefined
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from deidkit.components import Component
from deidkit.registry import discover


class Components(SphinxDirective):
    """``{components} detector`` lists the detectors of this installation."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        text = [line for component in discover().components(self.arguments[0]) for line in described(component)]
        holder = nodes.section()
        holder.document = self.state.document
        self.state.nested_parse(StringList(text, source=f"components:{self.arguments[0]}"), 0, holder, match_titles=True)
        return holder.children


def described(component: Component) -> Iterator[str]:
    """Markdown lines: a heading, the summary, what the component requires, a list of options."""
    yield from (f"## {component.name}", "", sentence(component.summary), "")
    if component.requires:
        names = ", ".join(f"`{need.partition(':')[2]}`" for need in component.requires)
        yield from (f"Requires {names}." + (f" Install with `{component.install}`." if component.install else ""), "")
    for name, field in component.options.model_fields.items():
        default = "required" if field.default is PydanticUndefined else f"default `{field.default!r}`"
        yield from (
            f"`{name}` ({type_of(field.annotation)}, {default})",
            f": {' '.join((field.description or '').split())}",
            "",
        )


def type_of(annotation: Any) -> str:
    name = annotation.__name__ if isinstance(annotation, type) and not hasattr(annotation, "__args__") else str(annotation)
    return f"`{name.replace('typing.', '')}`"


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("components", Components)
    return {"parallel_read_safe": True}
