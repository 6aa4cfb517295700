"""What the site expects of its backups."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

from nexoaudit.model.assertion import Assertion
from nexoaudit.model.drilling import Drilling
from nexoaudit.model.fit import Versions
from nexoaudit.model.location import Location

RESIDUES = ("/tmp/*_pre_restore_*", "/tmp/*_restore_test")  # noqa: S108 - looked at, never used
"""Where the guide's restore and its monthly test leave dumps and trees."""

KINDS = ("database", "binlog", "uploads", "config", "code", "logs", "system")
"""The kinds of component that the guide knows."""

ON_CHANGE = "on-change"
"""The schedule of a component that is backed up after each change instead of at fixed times."""


class Series(NamedTuple):
    """One name pattern of a component."""

    id: str
    pattern: str
    locations: tuple[str, ...]
    keep_s: int = 0
    """Retention floor in seconds; 0: kept for ever."""
    attested: tuple[str, ...] = ()
    """Locations of kind `attested`: they hold some of its points, and people say which."""
    at: tuple[tuple[str, str], ...] = ()
    """(location, pattern): names that differ there."""
    sidecar: bool = True
    """The guide makes a `.sha256` beside each file of this series."""

    def pattern_at(self, location: str) -> str:
        """Return the pattern of the names at one location."""
        return dict(self.at).get(location, self.pattern)

    @property
    def tree(self) -> bool:
        """Whether each copy is a directory with all that is in it: its pattern ends in `/`."""
        return self.pattern.endswith("/")

    @property
    def dated(self) -> bool:
        """Whether the name of a copy says when it was made."""
        return "{time:" in self.pattern


class Expect(NamedTuple):
    """What must, and must not, be inside every copy of a component."""

    tables: tuple[str, ...] = ()
    min_rows: tuple[tuple[str, int], ...] = ()
    paths: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    """Files that open encrypted copies: none may lie in a backup. From the locations."""
    absent: tuple[str, ...] = ()
    """Globs of tables that are left out of the dumps on purpose."""

    def leaves_out(self, table: str, database: str = "") -> bool:
        """Return whether a table is not meant to be in a dump of `database`.

        Tables and policy may both name the database, or neither, or one of them: `shop.sessions`.
        """
        spellings = {table, table.rpartition(".")[2], f"{database}.{table}"}
        return any(fnmatchcase(name, glob) for name in spellings for glob in self.absent)


class Copies(NamedTuple):
    """The 3-2-1 rule as this component needs it; the live data is copy one."""

    total: int = 3
    media: int = 2
    offsite: int = 1
    encrypted: bool = False


class Login(NamedTuple):
    """nexoaudit's own read-only login to the live server of a component of kind database."""

    user: str
    socket: str = ""
    """Path of a Unix socket; empty: TCP."""
    host: str = ""
    port: int = 3306
    password_file: str = ""
    """A file of mode 0600; empty: the server knows the user by other means."""
    ca_file: str = ""
    """Whose certificates the server's must be signed with; empty: it is not looked at."""
    databases: tuple[str, ...] = ()
    """What the component protects; empty: what its newest dump names."""
    backup_user: str = ""
    """`user@host` of the account that makes the dumps."""
    exact_s: int = 0
    """How long the tables may be read for the exact proof of a due point-in-time drill; 0: never,
    unless somebody asks."""

    @property
    def place(self) -> str:
        """Which server it is: logins to the same one have the same place."""
        return self.socket or f"{self.host}:{self.port}"


class Component(NamedTuple):
    """One thing that is protected."""

    id: str
    kind: str
    schedule: str
    """Cron expression, or `on-change`."""
    window: str = ""
    """`HH:MM-HH:MM` in the site's zone."""
    grace_s: int = 3600
    """How long after its slot a point may appear: the job's usual run time included."""
    rpo_s: int = 0
    """0: exposure is not limited."""
    rto_s: int = 14400
    since_ms: int = 0
    """Slots before this moment are not asked for."""
    series: tuple[Series, ...] = ()
    expect: Expect = Expect()
    copies: Copies = Copies()
    watch: tuple[str, ...] = ()
    """Files whose change asks for a new backup of an `on-change` component."""
    parts: tuple[str, ...] = ()
    """Components that together are a point of this one, when it has no archive of its own."""
    keep_s: int = 0
    """Retention of a component made of parts."""
    repository: str = ""
    """The version control repository that keeps a component of kind code."""
    deployed: str = ""
    """The working tree of that repository."""
    data: tuple[str, ...] = ()
    """Where the live data lies: points are to be made on other disks. Empty: nobody compares."""
    job: str = ""
    """The script or command that makes its points: a file name, or a whole path."""
    live: Login | None = None
    """How the live server may be looked at, for kind database."""
    schema: Versions | None = None
    """How it is told whether the code of this component fits its database."""
    asserts: tuple[Assertion, ...] = ()
    """What must hold in every restore of a component of kind database."""

    @property
    def configured(self) -> bool:
        """Whether the configuration says where this component's backups are."""
        return bool(self.series or self.parts or self.repository)

    @property
    def scheduled(self) -> bool:
        """Whether points are due at fixed times."""
        return self.schedule != ON_CHANGE

    @property
    def locations(self) -> tuple[str, ...]:
        """Every location of any series, in order, once."""
        return tuple(dict.fromkeys(name for series in self.series for name in series.locations))


class Scenario(NamedTuple):
    """A disaster: what it destroys, and how fast the site must be back."""

    id: str
    rpo_s: int
    rto_s: int
    destroys: tuple[str, ...]
    """Failure domains."""
    declared: tuple[tuple[str, int], ...] = ()
    """Name and seconds of what no drill can measure, such as `("provisioning", 7200)`."""


class Auditor(NamedTuple):
    """When the auditor's own jobs run (cron expressions in the site's zone), and how."""

    audit: str = "*/15 * * * *"
    drill: str = "0 3 1 * *"
    report: str = "0 6 1 * *"
    workers: int = 0
    """Copies that an audit reads at once; 0: as many as suit the machine."""
    reverify_at: str = "0 0 * * *"
    reverify_s: int = 2592000
    """Each copy is read again within this time."""
    budget_s: int = 7200
    """How long a night's rereading may last."""
    rate: int = 0
    """Bytes per second that it may read; 0: as many as there are."""
    recovery_s: int = 7776000
    """The whole system and each scenario are restored again within this time."""

    @property
    def schedules(self) -> Mapping[str, str]:
        """The cron expression of each of the auditor's jobs."""
        return {
            "audit": self.audit,
            "drill": self.drill,
            "recovery": " ".join([*self.drill.split()[:2], "*", "*", "*"]),
            "report": self.report,
            "reverify": self.reverify_at,
        }


class Jobs(NamedTuple):
    """Where the site's own jobs are written down; all paths as they are below `root`."""

    cron: tuple[str, ...] = ()
    """Cron tables; globs."""
    systemd: tuple[str, ...] = ()
    """Directories of unit files."""
    scripts: tuple[str, ...] = ()
    """Further scripts to review; globs."""
    logs: tuple[str, ...] = ()
    """Logs of the jobs, without the suffixes of rotation."""
    root: str = "/"
    """Where the file system of the site begins on this machine."""


class Mail(NamedTuple):
    """How the report leaves the machine; the password lies in a file of mode 0600."""

    recipients: tuple[str, ...] = ()
    sender: str = ""
    host: str = "localhost"
    port: int = 587
    starttls: bool = True
    user: str = ""
    password_file: str = ""
    ca_file: str = ""


class Site(NamedTuple):
    """The site and its auditor's directory."""

    name: str
    timezone: str = "UTC"
    language: str = "en"
    state_dir: str = "/var/lib/nexoaudit"
    monitoring_group: str = ""
    """The group that may read `state.json`."""
    residues: tuple[str, ...] = RESIDUES
    """Globs of what a restore leaves behind when nobody tidies up."""
    region: str = ""
    """Where the site stands, as its cloud names regions: what lies there too is not off-site."""
    demonstration: bool = False
    """The evidence is made up: ledger and report say so."""
    signers: str = ""
    """OpenSSH's list of allowed signers: only what one of them signed counts. Empty: statements are
    taken by name."""


class Policy(NamedTuple):
    """Everything the configuration says."""

    site: Site
    locations: tuple[Location, ...]
    components: tuple[Component, ...]
    scenarios: tuple[Scenario, ...] = ()
    auditor: Auditor = Auditor()
    mail: Mail = Mail()
    jobs: Jobs | None = None
    """None: the jobs are not reviewed."""
    drill: Drilling = Drilling()

    def location(self, location_id: str) -> Location:
        """Return the location with that id; KeyError if there is none."""
        for location in self.locations:
            if location.id == location_id:
                return location
        raise KeyError(location_id)

    def component(self, component_id: str) -> Component:
        """Return the component with that id; KeyError if there is none."""
        for component in self.components:
            if component.id == component_id:
                return component
        raise KeyError(component_id)
