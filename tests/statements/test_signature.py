"""Signatures by real keys: what verifies, and every way in which one does not."""

import os
import subprocess
from datetime import UTC, datetime

import pytest

from nexoaudit import signature
from nexoaudit.errors import SignatureError
from nexoaudit.signature import allowed_signers, principals, sign, verify

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WORDS = b'{"about":"escrow"}'


@pytest.fixture
def ana(keys):
    """Ana's list, and her signature of the words."""
    return allowed_signers(keys.signers), sign(keys.ana, WORDS)


def test_a_signature_of_an_allowed_signer_verifies_and_names_her(ana, keys):
    signers, armoured = ana
    assert principals(signers, armoured, NOW) == (keys.ANA,)
    assert verify(signers, keys.ANA, WORDS, armoured, NOW) == signature.Checked(valid=True)


def test_edited_words_do_not_verify(ana, keys):
    signers, armoured = ana
    found = verify(signers, keys.ANA, WORDS.replace(b"escrow", b"review"), armoured, NOW)
    assert not found.valid
    assert "incorrect signature" in found.detail


def test_a_signature_for_something_else_does_not_verify(ana, keys):
    signers, _ = ana
    command = ["ssh-keygen", "-Y", "sign", "-q", "-f", str(keys.ana), "-n", "git"]
    other = subprocess.run(command, input=WORDS, capture_output=True, check=True).stdout.decode()
    found = verify(signers, keys.ANA, WORDS, other, NOW)
    assert not found.valid
    assert "namespace" in found.detail


def test_a_key_that_is_not_listed_is_nobodys(ana, keys):
    signers, _ = ana
    armoured = sign(keys.eve, WORDS)
    assert principals(signers, armoured, NOW) == ()
    assert not verify(signers, keys.ANA, WORDS, armoured, NOW).valid


def test_a_key_that_may_sign_other_things_only_does_not_sign_statements(keys):
    signers = allowed_signers(keys.listed("git_only", keys.line("ana", "ana", 'namespaces="git"')))
    assert not verify(signers, "ana", WORDS, sign(keys.ana, WORDS), NOW).valid


def test_what_is_no_signature_does_not_verify(ana, keys):
    signers, _ = ana
    assert not verify(signers, keys.ANA, WORDS, "rubbish\n", NOW).valid
    assert principals(signers, "", NOW) == ()


def test_a_signer_who_left_is_believed_for_what_was_signed_before(keys):
    left = keys.line("ana", "ana", 'valid-before="20261120"')
    signers = allowed_signers(keys.listed("left", left))
    armoured = sign(keys.ana, WORDS)
    before, after = datetime(2026, 11, 19, 23, 59, tzinfo=UTC), NOW
    assert verify(signers, "ana", WORDS, armoured, before).valid
    assert not verify(signers, "ana", WORDS, armoured, after).valid
    assert principals(signers, armoured, after) == ()


def test_patterns_name_nobody_by_themselves(keys):
    signers = allowed_signers(keys.listed("patterns", keys.line("ana", "*@example.com,ana")))
    assert principals(signers, sign(keys.ana, WORDS), NOW) == ("ana",)


def test_a_key_with_a_passphrase_never_waits_for_one(keys):
    with pytest.raises(SignatureError, match=r"signs through ssh-agent, run `ssh-add` first"):
        sign(keys.leo, WORDS)


def test_a_key_in_the_agent_signs_by_its_public_half(keys, monkeypatch, tmp_path):
    started = subprocess.run(["ssh-agent", "-c"], capture_output=True, text=True, check=True)
    found = dict(line.split()[1:3] for line in started.stdout.splitlines() if "setenv" in line)
    for name, value in found.items():
        monkeypatch.setenv(name, value.rstrip(";"))
    try:
        subprocess.run(["ssh-add", "-q", str(keys.ana)], check=True)
        public = tmp_path / "only.pub"
        public.write_bytes(keys.ana.with_suffix(".pub").read_bytes())
        signers = allowed_signers(keys.signers)
        assert verify(signers, keys.ANA, WORDS, sign(public, WORDS), NOW).valid
    finally:
        subprocess.run(["ssh-agent", "-k"], check=True, capture_output=True)
    monkeypatch.delenv("SSH_AUTH_SOCK")
    with pytest.raises(SignatureError, match="signs through ssh-agent"):
        sign(public, WORDS)


def test_a_key_that_is_not_there_is_one_sentence(keys):
    with pytest.raises(SignatureError, match=r"nowhere does not sign .*No such file"):
        sign(keys.root / "nowhere", WORDS)


@pytest.mark.parametrize("mode", [0o664, 0o646])
def test_a_list_that_others_may_write_to_is_refused(keys, mode):
    path = keys.listed(f"open{mode:o}", keys.line("ana", "ana"))
    assert allowed_signers(path).path == path
    path.chmod(mode)
    with pytest.raises(SignatureError, match=f"others may write to {path}: run `chmod go-w"):
        allowed_signers(path)


def test_a_list_that_others_may_replace_is_refused(keys, tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    path = shared / "signers"
    path.write_text(keys.line("ana", "ana"))
    path.chmod(0o644)
    shared.chmod(0o777)
    link = keys.root / "link"
    link.symlink_to(path)
    for name in (path, link):
        with pytest.raises(SignatureError, match=f"others may write to {shared}"):
            allowed_signers(name)
    shared.chmod(0o755)
    assert allowed_signers(link).path == path


@pytest.mark.root
def test_a_list_of_another_user_is_refused(keys):
    path = keys.listed("theirs", keys.line("ana", "ana"))
    os.chown(path, 65534, -1)
    with pytest.raises(SignatureError, match="belongs to another user than root"):
        allowed_signers(path)


@pytest.mark.parametrize("content", ["", " \n", None])
def test_a_list_that_is_empty_or_missing_is_refused(keys, content):
    path = keys.root / "nothing"
    path.unlink(missing_ok=True)
    if content is not None:
        keys.listed("nothing", content)
    with pytest.raises(SignatureError, match=r"is empty|cannot be read: No such file"):
        allowed_signers(path)
