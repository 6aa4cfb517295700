"""Is deployed code of the version of the schema that its database has?"""

from nexoaudit.model.fact import Moment
from nexoaudit.model.fit import is_same, numbers
from nexoaudit.model.policy import Component
from nexoaudit.model.state import State
from nexoaudit.rules.finding import Finding, failed, noted, unverified, warned
from nexoaudit.rules.points import DAY_MS


def fitting(state: State, component: Component, now_ms: int) -> list[Finding]:
    """Return what there is to say, nothing where the policy does not ask.

    An upgrade has the component's grace; after another day without it, it is a failure.
    """
    if component.schema is None:
        return []
    fit = state.fits.get(component.id)
    if fit is None:
        return [unverified("content.schema_unknown", detail="no audit has looked yet")]
    if fit.detail:
        return [unverified("content.schema_unknown", detail=fit.detail)]
    code, schema = numbers(fit.code), numbers(fit.schema)
    if is_same(fit.code, fit.schema):
        return [noted("content.schema_fits", schema=fit.schema)]
    reason = "content.schema_other"
    if code and schema:
        reason = "content.schema_older" if schema < code else "content.schema_newer"
    over = now_ms - fit.since_ms - component.grace_s * 1000
    make = warned if over <= DAY_MS else failed
    if over <= 0:
        make, reason = noted, "content.schema_settling"
    return [make(reason, code=fit.code, schema=fit.schema, since=Moment(fit.since_ms))]
