"""Names in a policy that must point at something in it."""

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase

from nexoaudit.model.policy import Component, Expect, Policy


def dangling(policy: Policy) -> Iterator[tuple[str, str]]:
    """Yield (key path, problem) for each reference that does not resolve and each contradiction."""
    locations = {location.id for location in policy.locations}
    components = {component.id: component for component in policy.components}
    domains = {location.failure_domain for location in policy.locations}
    if not components:
        yield "component", "no component is configured: there is nothing to audit"
    yield from _same_places(policy)
    yield from _cycles(components)
    for component in policy.components:
        yield from _component(component, locations, components)
        yield from _login(component)
        yield from _versions(component, components)
        yield from _asserts(component)
    if policy.jobs is None:
        yield from _jobs_without_section(policy)
    if bool(policy.drill.health) != bool(policy.drill.plant):
        yield "drill", "health and plant go together: what is planted, the command must show"
    for scenario in policy.scenarios:
        for domain in scenario.destroys:
            if domain not in domains and domain != "data":
                known = ", ".join(sorted({*domains, "data"}))
                said = f"no location has the failure domain {domain!r}; known: {known}"
                yield f"scenario.{scenario.id}.destroys", said


def _jobs_without_section(policy: Policy) -> Iterator[tuple[str, str]]:
    """Find jobs that nobody would look for."""
    said = "there is no [jobs] section that says where to look for it"
    yield from ((f"component.{item.id}.job", said) for item in policy.components if item.job)
    yield from ((f"location.{item.id}.job", said) for item in policy.locations if item.job)


def _same_places(policy: Policy) -> Iterator[tuple[str, str]]:
    """Find locations that are one directory, or lie in one another: copies would count twice."""
    here = [location for location in policy.locations if location.kind == "path"]
    for number, location in enumerate(here):
        path = os.path.realpath(location.path)
        for other in here[:number]:
            before = os.path.realpath(other.path)
            if os.path.commonpath([path, before]) in {path, before}:
                said = f"is the same directory as, or lies within, that of location {other.id}"
                yield f"location.{location.id}.path", said


def _cycles(components: dict[str, Component]) -> Iterator[tuple[str, str]]:
    """Find components that are, in the end, a part of themselves."""
    for name, component in components.items():
        seen: set[str] = set()
        pending = list(component.parts)
        while pending:
            part = pending.pop()
            if part == name:
                yield f"component.{name}.parts", "the component is a part of itself"
                break
            if part in components and part not in seen:
                seen.add(part)
                pending += components[part].parts


def _component(
    component: Component, locations: set[str], components: dict[str, Component]
) -> Iterator[tuple[str, str]]:
    at = f"component.{component.id}"
    yield from _series(at, component, locations)
    yield from _tables(f"{at}.expect", component.expect)
    for part in component.parts:
        if part not in components or part == component.id:
            said = f"there is no other component {part!r}; known: {', '.join(sorted(components))}"
            yield f"{at}.parts", said
    if component.parts and component.series:
        yield f"{at}.parts", "a component has either series or parts, not both"
    if bool(component.repository) != bool(component.deployed):
        yield at, "repository and deployed go together"


def _tables(at: str, expect: Expect) -> Iterator[tuple[str, str]]:
    """Find tables that must be, and must not be, in a dump."""
    for key, names in (("tables", expect.tables), ("min_rows", dict(expect.min_rows))):
        for name in names:
            if any(fnmatchcase(name, glob) for glob in expect.absent):
                yield f"{at}.{key}", f"{name} is also named by absent: it cannot be both"


def _series(at: str, component: Component, locations: set[str]) -> Iterator[tuple[str, str]]:
    known = ", ".join(sorted(locations)) or "none"
    seen: set[str] = set()
    for number, series in enumerate(component.series):
        if series.id in seen:
            yield f"{at}.series.{number}.id", f"two series are called {series.id!r}"
        seen.add(series.id)
        if not series.locations:
            yield f"{at}.series.{number}.locations", f"name at least one location; known: {known}"
        for name, _ in series.at:
            if name not in series.locations:
                said = f"the series is not kept at {name!r}: add it to its locations"
                yield f"{at}.series.{number}.at", said
        for name in series.locations:
            if name not in locations:
                said = f"there is no location {name!r}; known: {known}"
                yield f"{at}.series.{number}.locations", said


def _versions(component: Component, components: dict[str, Component]) -> Iterator[tuple[str, str]]:
    if component.schema is None:
        return
    database = components.get(component.schema.component)
    if database is None or database.kind != "database":
        said = f"there is no component {component.schema.component!r} of kind database"
        yield f"component.{component.id}.schema.component", said


def _asserts(component: Component) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for number, item in enumerate(component.asserts):
        at = f"component.{component.id}.assert.{number}"
        if component.kind != "database":
            yield at, "only a component of kind database can be asked anything"
        if item.name in seen:
            yield f"{at}.name", f"two of them are called {item.name!r}"
        seen.add(item.name)
        if (item.must == "value") != bool(item.value):
            yield f"{at}.value", 'value and must = "value" go together'


def _login(component: Component) -> Iterator[tuple[str, str]]:
    login = component.live
    if login is None:
        return
    at = f"component.{component.id}.live"
    if component.kind != "database":
        yield at, "only a component of kind database has a live server to look at"
    if bool(login.socket) == bool(login.host):
        yield at, "name either the server's socket, or its host"
    if login.ca_file and login.socket:
        yield f"{at}.ca_file", "a socket needs no certificate: remove it, or name the host instead"
