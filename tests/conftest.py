"""Hypothesis without deadlines (machines are shared), pytester for tests of the contracts, and tests that need a program."""

from __future__ import annotations

import pytest
from hypothesis import settings
from needs import require, summary

pytest_plugins = ["pytester"]

settings.register_profile("deidkit", deadline=None)
settings.load_profile("deidkit")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "needs(*names): programs or packages that the test cannot do without; see tests/needs.py"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        for name in mark.args:
            require(name)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """The last line of a run says what was skipped and how to get it."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(config, "workerinput"):
        return
    skipped = (report.longrepr for report in reporter.stats.get("skipped", ()))
    if line := summary(reason[2] for reason in skipped if isinstance(reason, tuple)):
        reporter.write_line(line)
