"""Commands that bring a copy here, open it, and compare it with what was recorded of it."""

from collections.abc import Iterator

from nexoaudit.formats.names import unsealed
from nexoaudit.model.copy import Copy
from nexoaudit.model.location import Location
from nexoaudit.runbook.quoting import name, variable, word

_ENDINGS = {".gz": "gzip", ".tgz": "gzip", ".xz": "xz", ".bz2": "bzip2", ".zst": "zstd"}
"""Programs that decompress to their standard output with `-dc`."""

FUNCTIONS = """\
same() { [ "$(sha256sum < "$1" | cut -d ' ' -f 1)" = "$2" ]; } # FILE SHA256
verify() { # FILE SHA256: nothing is used that is not what was recorded
  if ! same "$1" "$2"; then echo "STOP: $1 is not what was recorded of it" >&2; exit 1; fi
}
readable() { # FILE
  if [ ! -r "$1" ]; then echo "STOP: $1 cannot be read: say where it is now" >&2; exit 1; fi
}
mounted() { # DIRECTORY
  if [ ! -d "$1" ]; then echo "STOP: mount $1, which the copies lie below" >&2; exit 1; fi
}
opened() { # FROM TO PASSPHRASE_FILE
  gpg --quiet --batch --yes --no-symkey-cache --pinentry-mode loopback --passphrase-file "$3" \\
    --output "$2" --decrypt "$1" && rm -- "$1"
}
arrived() { # VERSION TO SHA256 PASSPHRASE_FILE BUCKET KEY OPTION...
  local version="$1" to="$2" sum="$3" secret="$4" bucket="$5" key="$6"
  local arriving="$to${secret:+.sealed}"
  shift 6
  aws s3api get-object "$@" --bucket "$bucket" --key "$key" \\
    ${version:+--version-id "$version"} "$arriving" > /dev/null &&
    { [ -z "$secret" ] || opened "$arriving" "$to" "$secret"; } &&
    { [ -z "$sum" ] || same "$to" "$sum"; }
}
object() { # as arrived, without VERSION: the newest version that is what was recorded
  local version key
  if arrived '' "$@"; then return 0; fi
  echo "$5 is not what was recorded of it: looking for an older version of it" >&2
  while IFS=$'\\t' read -r version key; do
    if [ "$key" = "$5" ] && arrived "$version" "$@"; then return 0; fi
  done < <(
    aws s3api list-object-versions "${@:6}" --bucket "$4" --prefix "$5" --output text \\
      --query 'Versions[].[VersionId,Key]'
  )
  echo "STOP: no version of $5 is what was recorded of it" >&2
  exit 1
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
        secret = f'"${passphrase_variable(self._location)}"' if self.sealed else "''"
        if self._location.bucket is not None:
            yield from _from_bucket(self._location, self._copy, self._target, self._digest, secret)
        elif self._brought:
            arriving = f"{self._target}.sealed" if self.sealed else self._target
            yield from self._bring(arriving)
            if self.sealed:
                yield f"opened {arriving} {self._target} {secret}"
        if self._is_tree:
            yield "# A tree of files: it lies open, and its files are counted when they are laid."
        elif not self._digest:
            yield "# No digest of it is known: its own structure is all there is to check."
            if self.reader.startswith("gzip"):
                yield f"gzip --test < {self.file}"
        elif self._location.bucket is None:
            yield f"verify {self.file} {self._digest}"

    def _bring(self, target: str) -> Iterator[str]:
        place = self._location
        if place.host is not None:
            config = f'-F "${ssh_variable(place)}" ' if place.host.config_file else ""
            source = f"{place.host.host}:{place.path.rstrip('/')}/{self._copy.path}"
            yield f"scp -s {config}-- {name(source)} {target}"
        else:
            yield f"cp -- {name(f'{place.path}/{self._copy.path}')} {target}"


def preparation(location: Location) -> Iterator[str]:
    """Yield what has to be there before anything is fetched from a location."""
    wanted = []
    if location.passphrase_file:
        wanted.append((passphrase_variable(location), location.passphrase_file))
    if location.bucket is not None and location.bucket.credentials_file:
        wanted.append((credentials_variable(location), location.bucket.credentials_file))
    if location.host is not None:
        yield f"# {location.id}: a login that may read the files; the auditor's own may not."
        if location.host.config_file:
            wanted.append((ssh_variable(location), location.host.config_file))
    for variable_name, path in wanted:
        yield f"{variable_name}=${{{variable_name}:-{word(path)}}}   # from escrow"
        yield f'readable "${variable_name}"'
    if location.kind == "path":
        yield f"mounted {word(location.path)}"


def ssh_variable(location: Location) -> str:
    """Return the variable that says where the configuration of ssh for a host lies."""
    return variable("ssh_config", location.id)


def passphrase_variable(location: Location) -> str:
    """Return the variable that says where the passphrase of a location lies."""
    return variable("passphrase_file", location.id)


def credentials_variable(location: Location) -> str:
    """Return the variable that says where the credentials of a bucket lie."""
    return variable("credentials_file", location.id)


def _from_bucket(
    location: Location, copy: Copy, target: str, digest: str, secret: str
) -> Iterator[str]:
    bucket = location.bucket
    if bucket is None:
        return
    if copy.access in {"archived", "restoring"}:
        yield "# It is archived: it has to be restored first, which takes hours:"
        yield f"# aws s3api restore-object --bucket {word(bucket.bucket)} ..."
    options = [("--endpoint-url", bucket.endpoint), ("--region", bucket.region)]
    options += [("--profile", bucket.profile), ("--expected-bucket-owner", bucket.owner)]
    told = "".join(f" {option} {word(value)}" for option, value in options if value)
    credentials = ""
    if bucket.credentials_file:
        credentials = f'AWS_SHARED_CREDENTIALS_FILE="${credentials_variable(location)}" '
    yield f"{credentials}object {target} {digest or chr(39) * 2} {secret} \\"
    yield f"  {word(bucket.bucket)} {name(bucket.prefix + copy.path)}{told}"
