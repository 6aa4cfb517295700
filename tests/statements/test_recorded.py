"""Statements in the ledger: what is ignored and shown, and what becomes of a list that changes."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signing import sign_here

from nexoaudit import evidence, signature
from nexoaudit.assess import assess_auditor, assess_components
from nexoaudit.evidence.statements import Head, check_draft, id_of, spoken, statement_draft
from nexoaudit.evidence.words import read_words
from nexoaudit.ledger import Draft
from nexoaudit.state.codec import decode_state, encode_state

DAY = 86_400_000
WAIVER = {
    "about": "waiver",
    "control": "restore",
    "component": "database",
    "subject": "",
    "reasons": ["restore.never"],
    "status": "unverified",
    "reason": "new sandbox",
    "owner": "A. Person",
}


@pytest.fixture
def put(signing):
    """Append a statement as it is, whoever signed it, and return the state after an audit."""

    def write(words=None, *, key=None, stated=0, edit=None, signer="", audits=True):
        now_ms = evidence.millis(signing.now)
        words = {"until_ms": now_ms + 60 * DAY, **(WAIVER if words is None else words)}
        text = spoken(Head("example", now_ms + stated, "A. Person"), words)
        armoured = "" if key is None else signature.sign(key, text.encode())
        text = text if edit is None else text.replace(*edit)
        with signing.session() as session:
            session.append([statement_draft(text, armoured, signer)])
        return signing.audit().state if audits else None

    return write


def restore(state, site):
    now_ms = evidence.millis(site.now)
    (verdict,) = assess_components(state, now_ms, controls=["restore"])
    return verdict.status.value


def shown(state, site):
    found = assess_auditor(state, evidence.millis(site.now), state.config_sha256)
    return [v.reason for v in found if v.reason.startswith("statement.")]


def test_a_signed_statement_counts_wherever_it_was_made(put, signing, keys):
    state = put(key=keys.ana)
    assert (restore(state, signing), shown(state, signing)) == ("waived", [])
    assert state.waivers[0].by == keys.ANA
    assert decode_state(json.loads(json.dumps(encode_state(state)))) == state


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({}, "statement.unsigned"),
        ({"key": "eve"}, "statement.bad"),
        ({"key": "eve", "signer": "ana@example.com"}, "statement.bad"),
        ({"key": "ana", "edit": ("new sandbox", "old sandbox")}, "statement.bad"),
        ({"key": "ana", "signer": "boss@example.com"}, "statement.bad"),
        ({"key": "ana", "stated": 5 * 60_000 + 1}, "statement.ahead"),
    ],
)
def test_what_is_not_well_signed_is_ignored_and_shown(put, signing, keys, how, told):
    key = {"key": getattr(keys, how["key"])} if "key" in how else {}
    state = put(**{**how, **key})
    assert (restore(state, signing), shown(state, signing)) == ("unverified", [told])


def test_a_signature_counts_once_somebody_has_looked_at_it(put, signing, keys):
    put(key=keys.ana, audits=False)
    with signing.session() as session:
        state = session.recall()
    assert (restore(state, signing), shown(state, signing)) == (
        "unverified",
        ["statement.unchecked"],
    )
    state = signing.audit().state
    assert restore(state, signing) == "waived"
    with signing.session() as session:
        before = session.ledger.size
    signing.audit()
    with signing.session() as session:
        found = list(session.ledger.between(0, 1 << 53, size=session.ledger.size, kinds=("live",)))
    looks = [entry for entry in found if entry.subject.startswith("signature:")]
    assert len(looks) == 1
    assert looks[0].idx < before


def test_a_signer_who_is_taken_off_the_list_counts_no_more(site, keys):
    signers = keys.listed("changing", keys.line("ana", keys.ANA), keys.line("eve", "eve"))
    sign_here(site, signers)
    site.audit()
    text = spoken(Head("example", evidence.millis(site.now), ""), {
        **WAIVER, "until_ms": evidence.millis(site.now) + 60 * DAY,
    })  # fmt: skip
    with site.session() as session:
        session.append([statement_draft(text, signature.sign(keys.ana, text.encode()))])
    assert restore(site.audit().state, site) == "waived"
    keys.listed("changing", keys.line("eve", "eve"))
    state = site.audit().state
    assert (restore(state, site), shown(state, site)) == ("unverified", ["statement.bad"])
    keys.listed("changing", keys.line("ana", keys.ANA, 'valid-before="20261201"'))
    assert restore(site.audit().state, site) == "waived"
    site.now += timedelta(days=30)
    assert restore(site.audit().state, site) == "waived"  # it was signed before
    signers.chmod(0o666)
    state = site.audit().state
    assert (restore(state, site), shown(state, site)) == ("unverified", ["statement.unchecked"])
    assert "others may write to" in state.waivers[0].detail
    signers.chmod(0o644)
    assert restore(site.audit().state, site) == "waived"


def test_nobody_can_revoke_without_a_signature(put, signing, keys):
    state = put(key=keys.ana)
    gone = {"about": "revocation", "revokes": state.waivers[0].id, "reason": "x"}
    for key in (None, keys.eve):
        assert restore(put(gone, key=key), signing) == "waived"
    state = put(gone, key=keys.ana)
    assert (restore(state, signing), state.waivers) == ("unverified", ())


def test_an_old_statement_that_is_recorded_again_stays_an_old_one(signing, tape, listed):
    tape("written", "--manifest", listed(), "--written", "2026-11-20")
    with signing.session() as session:
        first = next(session.ledger.latest(("attestation",), size=session.ledger.size))
    signing.now += timedelta(minutes=1)
    tape("retired")
    with signing.session() as session:
        session.append([Draft(first.kind, first.subject, first.facts)])
        assert session.recall().attestations == ()


def test_a_waiver_that_ended_is_told_of_for_a_month(put, signing, keys):
    put(key=keys.ana)
    signing.now += timedelta(days=61)
    state = signing.audit().state
    now_ms = evidence.millis(signing.now)
    (verdict,) = assess_components(state, now_ms, controls=["restore"])
    assert verdict.facts["waiver_ended"] == state.waivers[0].until_ms
    signing.now += timedelta(days=30)
    assert signing.audit().state.waivers == ()


def test_a_word_about_content_that_is_not_signed_confirms_nothing(put, signing, keys):
    with signing.session() as session:
        newest = session.recall().histories["database", "full"].newest
    words = {"about": "content", "component": "database", "sha256": newest.sha256, "reason": "r"}
    state = put(words)
    assert state.histories["database", "full"].accepted is None
    assert shown(state, signing) == ["statement.unsigned"]
    state = put(words, key=keys.ana)
    assert state.histories["database", "full"].accepted.by == keys.ANA


def test_an_acceptance_of_an_earlier_form_counts_where_names_do(site, keys):
    site.audit()
    with site.session() as session:
        newest = session.recall().histories["database", "full"].newest
        facts = {"about": "content", "component": "database", "sha256": newest.sha256}
        more = {"location": "local", "path": newest.path, "by": "A. Person", "account": "a"}
        session.append([Draft("attestation", "content:x", {**facts, **more, "reason": "looked"})])
    assert site.audit().state.histories["database", "full"].accepted.by == "A. Person"
    sign_here(site, keys.signers)
    state = site.audit().state
    assert state.histories["database", "full"].accepted is None
    assert shown(state, site) == ["statement.unsigned"]


RUBBISH = [
    "",
    "no JSON",
    "[]",
    '{"about":"medium"}',
    '{"about":"frobnicate","by":"a","site":"s","stated_ms":1}',
    '{"about":"waiver","by":"a","site":"s","stated_ms":true}',
    "[" * 5000,
]


@pytest.mark.parametrize("text", RUBBISH)
@pytest.mark.parametrize("kind", ["attestation", "waiver"])
def test_rubbish_in_the_ledger_is_shown_and_harms_nothing(signing, kind, text):
    with signing.session() as session:
        facts = {"statement": text, "signature": "x", "signer": "ana@example.com"}
        session.append([Draft(kind, "x:y", facts)])
    state = signing.audit().state
    assert len(shown(state, signing)) == 1
    assert restore(state, signing) == "unverified"


def test_a_forged_look_at_a_signature_is_found_by_looking_again(put, signing, keys, capsys):
    from nexoaudit.cli.main import main

    put(key=keys.eve, audits=False)
    text = spoken(Head("example", evidence.millis(signing.now), "A. Person"), {
        **WAIVER, "until_ms": evidence.millis(signing.now) + 60 * DAY,
    })  # fmt: skip
    digest = signature.allowed_signers(keys.signers).sha256
    id_ = id_of(text, signature.sign(keys.eve, text.encode()))
    facts = {"outcome": "valid", "signer": keys.ANA, "detail": "", "signers_sha256": digest}
    with signing.session() as session:
        session.append([check_draft(id_, facts)])
    code = main(["attest", "verify", "--config", str(signing.config)], lambda: signing.now)
    said = capsys.readouterr().out
    assert code == 2
    assert f"{id_}  2026-11-20 12:00  waiver: BAD: its key is none of an allowed" in said
    assert said.endswith("1 statements, 1 that do not count\n")


def test_without_a_list_a_signature_is_kept_for_later(site, keys):
    site.audit()
    with site.session() as session:
        from nexoaudit.auditor.statements import Pen, record

        words = {**WAIVER, "until_ms": evidence.millis(site.now) + 60 * DAY}
        record(session, Pen("A. Person", keys.ana), words)
    state = site.audit().state
    assert (restore(state, site), state.waivers[0].by) == ("waived", "A. Person")
    sign_here(site, keys.signers)
    state = site.audit().state
    assert (restore(state, site), state.waivers[0].by) == ("waived", keys.ANA)


WORDS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@given(
    st.text()
    | WORDS.map(json.dumps)
    | st.sampled_from(["medium", "waiver", "escrow", "content", "revocation", "review"]).flatmap(
        lambda about: st.dictionaries(
            st.sampled_from(["location", "medium", "holds", "read_test", "until_ms", "note"]), WORDS
        ).map(
            lambda words: json.dumps(
                {"about": about, "by": "a", "site": "s", "stated_ms": 1, **words}
            )
        )
    )
)
def test_words_are_whole_or_refused(text):
    try:
        words = read_words(text)
    except ValueError:
        return
    assert isinstance(words["stated_ms"], int)
    if words["about"] == "medium":
        assert isinstance(words["medium"]["barcode"], str)
        assert all(len(row) == 9 for row in words["holds"])
