"""The configuration file as a policy, or every problem in it at once."""

import hashlib
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from nexoaudit.errors import ConfigError
from nexoaudit.model import drilling
from nexoaudit.model import policy as model
from nexoaudit.model.assertion import Assertion
from nexoaudit.model.fit import Versions
from nexoaudit.model.location import Bucket, Host, Location
from nexoaudit.model.moments import millis
from nexoaudit.policy import drillspec, spec
from nexoaudit.policy.lines import key_lines, line_of
from nexoaudit.policy.references import dangling
from nexoaudit.policy.units import is_id

_OF_KIND: Mapping[str, Mapping[str, spec.Key]] = {
    "s3": spec.BUCKET,
    "ssh": spec.HOST,
    "attested": spec.ATTESTED,
}
"""Keys of a location of one kind only."""
_SECTIONS = ("site", "location", "component", "scenario", "auditor", "jobs", "mail", "drill")


class Loaded(NamedTuple):
    """A policy and the file it came from."""

    policy: model.Policy
    path: Path
    sha256: str


def load(path: Path) -> Loaded:
    """Read the TOML at `path`; raise ConfigError with every problem, key path and line."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ConfigError(
            (f"{path}: there is no configuration here; `nexoaudit init --scan DIR` writes one",)
        ) from error
    except OSError as error:
        raise ConfigError(
            (f"{path}: the configuration cannot be read: {error.strerror}",)
        ) from error
    try:
        text = data.decode("utf-8")
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # of the parser, and of what it does not foresee
        raise ConfigError((f"{path}: not valid TOML: {error}",)) from error
    reader = _Reader(str(path), key_lines(text))
    policy = reader.policy(table)
    if not reader.problems:
        reader.problems += [reader.problem(at, said) for at, said in dangling(policy)]
    if reader.problems:
        raise ConfigError(tuple(reader.problems))
    return Loaded(policy, path, hashlib.sha256(data).hexdigest())


class _Reader:
    """Walks the TOML table with the specification and collects every problem."""

    def __init__(self, name: str, lines: dict[str, int]) -> None:
        self._name = name
        self._lines = lines
        self.problems: list[str] = []

    def problem(self, path: str, said: str) -> str:
        return f"{self._name}:{line_of(self._lines, path)}: {path}: {said}"

    def policy(self, table: Mapping[str, Any]) -> model.Policy:
        self._refuse_unknown("", table, _SECTIONS)
        site = self._value("site", table.get("site", {}), spec.SITE)
        zone = ZoneInfo(site.get("timezone", "UTC"))
        mail = self._value("mail", table["mail"], spec.MAIL) if "mail" in table else {}
        locations = tuple(
            self._location(id_, at, value) for id_, at, value in self._named(table, "location")
        )
        auditor = self._value("auditor", table.get("auditor", {}), spec.AUDITOR)
        return model.Policy(
            site=model.Site(**{"name": "", **site}),
            locations=locations,
            components=tuple(
                _completed(self._component(id_, at, value, zone), locations)
                for id_, at, value in self._named(table, "component")
            ),
            scenarios=tuple(
                model.Scenario(
                    id=id_,
                    **{
                        "rpo_s": 0,
                        "rto_s": 0,
                        "destroys": (),
                        **self._value(at, value, spec.SCENARIO),
                    },
                )
                for id_, at, value in self._named(table, "scenario")
            ),
            auditor=model.Auditor(**auditor),
            mail=model.Mail(**mail),
            jobs=self._jobs(table),
            drill=self._drill(table.get("drill", {})),
        )

    def _location(self, id_: str, at: str, value: Mapping[str, Any]) -> Location:
        kind = str(value.get("kind", "path"))
        own = _OF_KIND.get(kind, {})
        plain = {key: item for key, item in value.items() if key not in own}
        fields = self._value(at, plain, spec.LOCATION, set(own))
        there = {key: item for key, item in value.items() if key in own}
        if kind == "s3":
            fields["bucket"] = Bucket(**{"bucket": "", **self._value(at, there, own)})
        if kind == "ssh":
            fields["host"] = Host(**{"host": "", **self._value(at, there, own)})
        if kind == "attested":
            fields |= self._value(at, there, own)
        if kind in {"path", "ssh"} and "path" not in value:
            said = "is missing; expected an absolute path"
            self.problems.append(self.problem(f"{at}.path", said))
        if kind in {"s3", "attested"} and "path" in value:
            said = f"a location of kind {kind} has no path: remove it"
            self.problems.append(self.problem(f"{at}.path", said))
        return Location(id=id_, **fields)

    def _jobs(self, table: Mapping[str, Any]) -> model.Jobs | None:
        if "jobs" not in table:
            return None
        fields = self._value("jobs", table["jobs"], spec.JOBS)
        return model.Jobs(**{"cron": spec.CRON_TABLES, **fields})

    def _drill(self, value: Any) -> drilling.Drilling:
        found = value.get("reconcile", []) if isinstance(value, dict) else []
        if not isinstance(found, list):
            self._expected("drill.reconcile", "tables written as [[drill.reconcile]]", found)
            found = []
        fields = self._value("drill", value, drillspec.DRILL, {"reconcile"})
        reconcile = (
            {"sql": "", **self._value(f"drill.reconcile.{n}", item, drillspec.RECONCILE)}
            for n, item in enumerate(found)
        )
        return drilling.Drilling(
            **fields, reconcile=tuple(drilling.Reconcile(**item) for item in reconcile)
        )

    def _component(
        self, id_: str, at: str, value: Mapping[str, Any], zone: ZoneInfo
    ) -> model.Component:
        tables = {"series", "expect", "copies", "live", "schema", "assert"}
        plain = {key: item for key, item in value.items() if key not in tables}
        fields: dict[str, Any] = {
            "kind": "",
            "schedule": "",
            **self._value(at, plain, spec.COMPONENT, tables),
        }
        if "since_ms" in fields:
            fields["since_ms"] = _millis(fields["since_ms"], zone)
        series = self._tables(at, value, "series")
        asserts = self._tables(at, value, "assert")
        expect = self._value(f"{at}.expect", value.get("expect", {}), spec.EXPECT)
        copies = self._value(f"{at}.copies", value.get("copies", {}), spec.COPIES)
        return model.Component(
            id=id_,
            series=tuple(self._series(f"{at}.series.{n}", item) for n, item in enumerate(series)),
            asserts=tuple(self._assert(f"{at}.assert.{n}", it) for n, it in enumerate(asserts)),
            expect=model.Expect(**expect),
            copies=model.Copies(**copies),
            live=self._login(f"{at}.live", value["live"]) if "live" in value else None,
            schema=self._versions(f"{at}.schema", value["schema"]) if "schema" in value else None,
            **fields,
        )

    def _tables(self, at: str, value: Mapping[str, Any], name: str) -> list[Any]:
        """Return a list of tables, empty where it is something else."""
        found = value.get(name, [])
        if isinstance(found, list):
            return found
        self._expected(f"{at}.{name}", f"tables written as [[...{name}]]", found)
        return []

    def _assert(self, at: str, value: Any) -> Assertion:
        fields = self._value(at, value, spec.ASSERT)
        return Assertion(**{"name": "", "sql": "", "must": "", **fields})

    def _login(self, at: str, value: Any) -> model.Login:
        return model.Login(**{"user": "", **self._value(at, value, spec.LIVE)})

    def _versions(self, at: str, value: Any) -> Versions:
        fields = self._value(at, value, spec.VERSIONS)
        return Versions(**{**dict.fromkeys(Versions._fields, ""), **fields})

    def _series(self, at: str, value: Mapping[str, Any]) -> model.Series:
        fields = self._value(at, value, spec.SERIES)
        return model.Series(**{"id": "full", "pattern": "", "locations": (), **fields})

    def _named(
        self, table: Mapping[str, Any], section: str
    ) -> list[tuple[str, str, Mapping[str, Any]]]:
        found: list[tuple[str, str, Mapping[str, Any]]] = []
        value = table.get(section, {})
        if not isinstance(value, dict):
            self._expected(section, f"tables written as [{section}.ID]", value)
            return []
        for id_, item in value.items():
            at = f"{section}.{id_}"
            if not is_id(id_):
                self.problems.append(
                    self.problem(at, "an id is made of a-z, 0-9, '_' and '-' only")
                )
            if isinstance(item, dict):
                found.append((id_, at, item))
            else:
                self._expected(at, "a table", item)
        return found

    def _value(
        self,
        at: str,
        value: Any,
        keys: Mapping[str, spec.Key],
        more: set[str] | None = None,
    ) -> dict[str, Any]:
        if not isinstance(value, dict):
            self._expected(at, "a table", value)
            return {}
        self._refuse_unknown(at, value, (*keys, *(more or ())))
        fields: dict[str, Any] = {}
        for name, key in keys.items():
            if name not in value:
                if key.required:
                    self.problems.append(
                        self.problem(f"{at}.{name}", f"is missing; expected {key.expected}")
                    )
                continue
            try:
                fields[key.field] = key.read(value[name])
            except (ValueError, TypeError):
                self._expected(f"{at}.{name}", key.expected, value[name])
        return fields

    def _refuse_unknown(self, at: str, value: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for name in value:
            if name not in known:
                path = f"{at}.{name}" if at else name
                said = f"unknown key; known here: {', '.join(sorted(known))}"
                self.problems.append(self.problem(path, said))

    def _expected(self, at: str, expected: str, found: object) -> None:
        shown = repr(found)
        shown = shown if len(shown) <= 60 else shown[:57] + "..."
        self.problems.append(self.problem(at, f"expected {expected}, found {shown}"))


def _completed(component: model.Component, locations: tuple[Location, ...]) -> model.Component:
    """Return the component with what the locations add to it.

    The media that people attest are apart from what can be looked at, and the files that open
    encrypted copies must not lie in it.
    """
    attested = frozenset(place.id for place in locations if place.kind == "attested")
    keys = dict.fromkeys(place.passphrase_file for place in locations if place.passphrase_file)
    series = tuple(
        item._replace(
            locations=tuple(name for name in item.locations if name not in attested),
            attested=tuple(name for name in item.locations if name in attested),
        )
        for item in component.series
    )
    expect = component.expect._replace(keys=tuple(keys))
    return component._replace(series=series, expect=expect)


def _millis(moment: datetime, zone: ZoneInfo) -> int:
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    return millis(aware)
