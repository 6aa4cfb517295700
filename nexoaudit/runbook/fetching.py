"""Commands that bring a copy here, open it, and compare it with what was recorded of it."""

from collections.abc import Iterator

from nexoaudit.formats.names import unsealed
from nexoaudit.model.copy import Copy
from nexoaudit.model.location import Location
from nexoaudit.runbook.quoting import name, variable, word

_ENDINGS = {".gz": "gzip", ".tgz": "gzip", ".xz": "xz", ".bz2": "bzip2", ".zst": "zstd"}
"""Programs that decompress to their standard output with `-dc`."""

FUNCTIONS = """\
verify() { # FILE SHA256: nothing is used that is not what was recorded
  if [ "$(sha256sum < "$1" | cut -d ' ' -f 1)" != "$2" ]; then
    echo "STOP: $1 is not what was recorded of it" >&2
    exit 1
  fi
}
opened() { # FROM TO PASSPHRASE_FILE
  gpg --quiet --batch --yes --no-symkey-cache --pinentry-mode loopback --passphrase-file "$3" \\
    --output "$2" --decrypt "$1"
  rm -- "$1"
}"""


class Fetch:
    """How one copy becomes a file on this machine: `file` is that file, as a word of bash."""

    def __init__(self, location: Location, copy: Copy, part: str, digest: str) -> None:
        self._location = location
        self._copy = copy
        self._digest = digest
        """Of the content; empty: nobody knows it."""
        plain = unsealed(copy.path)
        self.sealed = bool(copy.sealed) or plain != copy.path
        self._is_tree = copy.path.endswith("/")
        ending = plain.rpartition("/")[2].partition(".")[2] if "." in plain else ""
        safe = "".join(char for char in ending if char.isalnum() or char == ".")[-12:]
        self._brought = location.kind != "path" or self.sealed
        self._target = f'"$WORK"/{part}' + (f".{safe}" if safe else "")
        whole = f"{location.path.rstrip('/')}/{copy.path}" if location.kind == "path" else ""
        self.file = self._target if self._brought else name(whole)

    @property
    def reader(self) -> str:
        """The command that writes the content, decompressed, to standard output; a tree as tar."""
        if self._is_tree:
            return f"tar --create --file=- --directory={self.file} ."
        for ending, program in _ENDINGS.items():
            if unsealed(self._copy.path).endswith(ending):
                return f"{program} -dc < {self.file}"
        return f"cat < {self.file}"

    def commands(self) -> Iterator[str]:
        """Yield the lines that bring it here, open it and verify it."""
        if self._brought:
            arriving = f"{self._target}.sealed" if self.sealed else self._target
            yield from self._bring(arriving)
            if self.sealed:
                secret = f'"${passphrase_variable(self._location)}"'
                yield f"opened {arriving} {self._target} {secret}"
        if self._is_tree:
            yield "# A tree of files: it lies open, and its files are counted when they are laid."
        elif self._digest:
            yield f"verify {self.file} {self._digest}"
        else:
            yield "# No digest of it is known: its own structure is all there is to check."
            if self.reader.startswith("gzip"):
                yield f"gzip --test < {self.file}"

    def _bring(self, target: str) -> Iterator[str]:
        place = self._location
        if place.bucket is not None:
            yield from _from_bucket(place, self._copy, target)
        elif place.host is not None:
            config = f"-F {word(place.host.config_file)} " if place.host.config_file else ""
            source = f"{place.host.host}:{place.path.rstrip('/')}/{self._copy.path}"
            yield f"scp -s {config}-- {name(source)} {target}"
        else:
            yield f"cp -- {name(f'{place.path}/{self._copy.path}')} {target}"


def passphrase_variable(location: Location) -> str:
    """Return the variable that says where the passphrase of a location lies."""
    return variable("passphrase_file", location.id)


def credentials_variable(location: Location) -> str:
    """Return the variable that says where the credentials of a bucket lie."""
    return variable("credentials_file", location.id)


def _from_bucket(location: Location, copy: Copy, target: str) -> Iterator[str]:
    bucket = location.bucket
    if bucket is None:
        return
    if copy.access in {"archived", "restoring"}:
        yield "# It is archived: it has to be restored first, which takes hours:"
        yield f"# aws s3api restore-object --bucket {word(bucket.bucket)} ..."
    options = [("--endpoint-url", bucket.endpoint), ("--region", bucket.region)]
    options += [("--profile", bucket.profile), ("--expected-bucket-owner", bucket.owner)]
    told = "".join(f" {option} {word(value)}" for option, value in options if value)
    secret = ""
    if bucket.credentials_file:
        secret = f'AWS_SHARED_CREDENTIALS_FILE="${credentials_variable(location)}" '
    yield f"{secret}aws s3api get-object \\"
    if told:
        yield f" {told} \\"
    yield f"  --bucket {word(bucket.bucket)} --key {name(bucket.prefix + copy.path)} \\"
    yield f"  {target} > /dev/null"
