"""Configuration of the documentation site. Build it with: python bootstrap.py docs"""

from __future__ import annotations

import logging
import sys
import warnings
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent), str(HERE.parent / "plugins")]

from deidkit import __version__  # noqa: E402

project = "deidkit"
author = "The deidkit authors"
copyright = "2026, the deidkit authors"  # noqa: A001 - Sphinx's own name
version = release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.doctest",
    "sphinx.ext.napoleon",
    "sphinx_click",
    "sphinx_copybutton",
    "component_reference",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "models/*.yaml"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
autodoc_typehints = "description"
autodoc_member_order = "bysource"
autoclass_content = "class"
copybutton_prompt_text = r"\$ |>>> "
copybutton_prompt_is_regexp = True

html_theme = "furo"
html_title = f"deidkit {__version__}"
html_show_sourcelink = False

warnings.filterwarnings("ignore", module=r"pydicom(\.|$)")
logging.getLogger("pydicom").setLevel(logging.CRITICAL)
