"""The policy as a JSON value and back."""

from collections.abc import Mapping
from typing import Any

from nexoaudit.model.assertion import Assertion
from nexoaudit.model.fit import Versions
from nexoaudit.model.location import Bucket, Host, Location
from nexoaudit.model.policy import (
    RESIDUES,
    Auditor,
    Component,
    Copies,
    Expect,
    Jobs,
    Login,
    Mail,
    Policy,
    Scenario,
    Series,
    Site,
)
from nexoaudit.state.drilling import decode_drilling
from nexoaudit.state.plain import plain


def encode_policy(policy: Policy) -> dict[str, Any]:
    """Return the policy as a JSON object of the words of the model."""
    return dict(plain(policy))


def decode_policy(data: Mapping[str, Any]) -> Policy:
    """Return the policy of `encode_policy`; raise KeyError or TypeError for anything else."""
    return Policy(
        site=Site(**{**data["site"], "residues": tuple(data["site"].get("residues", RESIDUES))}),
        locations=tuple(_location(item) for item in data["locations"]),
        components=tuple(_component(item) for item in data["components"]),
        scenarios=tuple(
            Scenario(
                **{
                    **item,
                    "destroys": tuple(item["destroys"]),
                    "declared": tuple((name, s) for name, s in item.get("declared", ())),
                }
            )
            for item in data["scenarios"]
        ),
        auditor=Auditor(**data["auditor"]),
        mail=Mail(**{**data["mail"], "recipients": tuple(data["mail"]["recipients"])}),
        jobs=_jobs(data.get("jobs")),
        drill=decode_drilling(data.get("drill", {})),
    )


def _location(data: Mapping[str, Any]) -> Location:
    bucket, host = data.get("bucket"), data.get("host")
    return Location(
        **{
            **data,
            "bucket": None if bucket is None else Bucket(**bucket),
            "host": None if host is None else Host(**host),
        }
    )


def _jobs(data: Mapping[str, Any] | None) -> Jobs | None:
    if data is None:
        return None
    lists = {name: tuple(data[name]) for name in ("cron", "systemd", "scripts", "logs")}
    return Jobs(**lists, root=data["root"])


def _component(data: Mapping[str, Any]) -> Component:
    expect = data["expect"]
    return Component(
        **{
            **data,
            "series": tuple(
                Series(
                    **{
                        **item,
                        "locations": tuple(item["locations"]),
                        "attested": tuple(item.get("attested", ())),
                        "at": tuple((place, text) for place, text in item.get("at", ())),
                    }
                )
                for item in data["series"]
            ),
            "expect": Expect(
                tuple(expect["tables"]),
                tuple((table, rows) for table, rows in expect["min_rows"]),
                tuple(expect["paths"]),
                tuple(expect["forbidden"]),
                tuple(expect.get("keys", ())),
                tuple(expect.get("absent", ())),
            ),
            "copies": Copies(**data["copies"]),
            "watch": tuple(data["watch"]),
            "parts": tuple(data["parts"]),
            "data": tuple(data.get("data", ())),
            "live": _login(data.get("live")),
            "asserts": tuple(Assertion(**item) for item in data.get("asserts", ())),
            "schema": None if (found := data.get("schema")) is None else Versions(**found),
        }
    )


def _login(data: Mapping[str, Any] | None) -> Login | None:
    if data is None:
        return None
    return Login(**{**data, "databases": tuple(data["databases"])})
