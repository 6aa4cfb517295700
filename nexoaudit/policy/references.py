"""Names in a policy that must point at something in it."""

from collections.abc import Iterator

from nexoaudit.model.policy import Component, Policy


def dangling(policy: Policy) -> Iterator[tuple[str, str]]:
    """Yield (key path, problem) for each reference that does not resolve and each contradiction."""
    locations = {location.id for location in policy.locations}
    components = {component.id: component for component in policy.components}
    domains = {location.failure_domain for location in policy.locations}
    if not components:
        yield "component", "no component is configured: there is nothing to audit"
    for component in policy.components:
        yield from _component(component, locations, components)
    for scenario in policy.scenarios:
        for domain in scenario.destroys:
            if domain not in domains and domain != "data":
                known = ", ".join(sorted({*domains, "data"}))
                said = f"no location has the failure domain {domain!r}; known: {known}"
                yield f"scenario.{scenario.id}.destroys", said


def _component(
    component: Component, locations: set[str], components: dict[str, Component]
) -> Iterator[tuple[str, str]]:
    at = f"component.{component.id}"
    known = ", ".join(sorted(locations)) or "none"
    seen: set[str] = set()
    for number, series in enumerate(component.series):
        if series.id in seen:
            yield f"{at}.series.{number}.id", f"two series are called {series.id!r}"
        seen.add(series.id)
        for name in series.locations:
            if name not in locations:
                said = f"there is no location {name!r}; known: {known}"
                yield f"{at}.series.{number}.locations", said
    for part in component.parts:
        if part not in components or part == component.id:
            said = f"there is no other component {part!r}; known: {', '.join(sorted(components))}"
            yield f"{at}.parts", said
    if component.parts and component.series:
        yield f"{at}.parts", "a component has either series or parts, not both"
    if bool(component.repository) != bool(component.deployed):
        yield at, "repository and deployed go together"
