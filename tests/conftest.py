"""Fixtures for every test; what they give lies in `tests/support`."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from disk_site import DiskSite
from gnupg import Gnupg, gnupg
from hypothesis import settings
from hypothesis import strategies as st
from mutations import mutations
from small_site import Build
from sshd import Sshd, serving
from weed import moto, no_aws, seaweed

from nexoaudit.model.policy import Component
from nexoaudit.model.state import State

__all__ = ["moto", "no_aws", "seaweed"]  # fixtures of their own file

# The checkout may belong to another user than the one who runs the tests: store nothing in it.
settings.register_profile("suite", database=None, deadline=None)
settings.register_profile("long", database=None, deadline=None, max_examples=20_000)
settings.load_profile("suite")


@pytest.fixture(scope="session")
def mutated() -> Callable[..., st.SearchStrategy[bytes]]:
    """Return what makes a strategy of damaged samples."""
    return mutations


@pytest.fixture(scope="session")
def build() -> type[Build]:
    return Build


@pytest.fixture(scope="session")
def gpg() -> Iterator[Gnupg]:
    """Give a real gpg with a home directory of its own."""
    with gnupg() as made:
        yield made


Replacer = Callable[..., State]


@pytest.fixture(scope="session")
def with_component() -> Replacer:
    """Return a function that gives a state whose only component is changed or another one."""

    def replace(base: State, component: Component) -> State:
        return base._replace(policy=base.policy._replace(components=(component,)))

    return replace


@pytest.fixture
def site(tmp_path):
    return DiskSite(tmp_path)


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """Return a real SSH server; see `tests/support/sshd.py`."""
    with serving(tmp_path_factory.mktemp("sshd")) as server:
        yield server


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-docs", action="store_true", help="write generated docs anew")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if os.geteuid() == 0 and item.get_closest_marker("unprivileged"):
        pytest.skip("root may do everything: ./dev runs this as another user")
    if os.geteuid() != 0 and item.get_closest_marker("root"):
        pytest.skip("only root becomes another user")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Turn a skip into a failure where everything is provided: continuous integration."""
    report = yield
    about_rights = "user" in str(report.longrepr)  # who runs the tests is not CI's to provide
    if report.skipped and os.environ.get("CI") and not about_rights:
        report.outcome = "failed"
    return report
