"""The backup guide's own numbers: the default policy, and where the guide contradicts itself."""

from typing import NamedTuple


class Advice(NamedTuple):
    """What the guide asks for one component."""

    kind: str
    title: str
    schedule: str
    keep: str
    grace: str
    window: str = ""
    rpo: str = ""
    rto: str = ""
    sidecar: bool = True
    notes: tuple[str, ...] = ()
    """Comments for the configuration file: which value was taken where the guide has two."""


COMPONENTS = (
    Advice(
        "database",
        "Database, full dump",
        "0 2 * * *",
        "30d",
        "1h",
        window="02:00-04:30",
        rpo="24h",
        rto="4h",
        notes=(
            "The guide asks for an RPO under 24 hours from one dump every 24 hours: exposure",
            "passes 24 h each night until the dump is done. Lateness is judged by the schedule,",
            "and the exposure is reported.",
            "RTO: the guide says 4 h for the site and 2, 4 or 8 h by scenario; 4 h is taken here.",
        ),
    ),
    Advice(
        "binlog",
        "Database, incremental (binary logs)",
        "0 * * * *",
        "7d",
        "30m",
        sidecar=False,
        notes=("The guide's job makes no checksum for binary logs: the first read records one.",),
    ),
    Advice(
        "uploads",
        "User uploads and application files",
        "30 2 * * *",
        "90d",
        "1h",
        window="02:00-04:30",
        rpo="24h",
        rto="4h",
        notes=(
            "The guide lists the cache both as optional content and as content to leave out;",
            "left out is taken.",
        ),
    ),
    Advice(
        "config",
        "Configuration",
        "on-change",
        "365d",
        "24h",
        notes=(
            "The guide asks for a backup after each change, and has a window at 03:00 as well;",
            "after each change is taken: the newest backup may be old, but not older than the",
            "newest change of a watched file + grace.",
        ),
    ),
    Advice(
        "code",
        "Application code",
        "on-change",
        "forever",
        "24h",
        notes=("After each deployment, kept for ever in version control.",),
    ),
    Advice("logs", "Logs", "30 3 * * 0", "90d", "2h", window="02:00-04:30"),
    Advice(
        "system",
        "Full system",
        "0 5 * * 0",
        "4w",
        "2h",
        notes=(
            "The guide gives no time for the weekly full system backup: Sunday 05:00, after the",
            "night's other jobs, is taken.",
        ),
    ),
)

TREES = Advice(
    "uploads",
    "Application files, incremental: trees that share unchanged files by hard links",
    "30 2 * * *",
    "2d",
    "1h",
    sidecar=False,
    notes=(
        "The guide gives no time for this job, and keeps two generations: the time is that of the",
        "newest one, rounded: set it to the job's own. `keep` is the number of generations.",
        "Let the job `touch` the tree at its end: else its time is that of its newest directory.",
    ),
)

SCENARIOS = (
    ("data-corruption", "24h", "2h", ("data",)),
    ("server-failure", "24h", "4h", ("data", "server")),
    ("site-disaster", "24h", "8h", ("data", "server")),
)
"""Id, RPO, RTO and the failure domains that are lost with it."""

DECLARED = (
    (("decision", "15m"),),
    (("decision", "30m"), ("provisioning", "90m"), ("dns", "15m")),
)
"""What a demonstration says of the parts that no drill can measure: data lost, or more."""

TRANSFER = "30 4 * * *"
"""The off-site transfer."""

MIN_SIZE = "100GB"
"""Of the local storage, for 30 days."""

LIVE_DATA = (("database", "/var/lib/mysql"), ("uploads", "{application}/uploads"))
"""Kinds of components and where their live data lies."""

WANTED_PATHS = ("uploads/*", "lib/config.php", "theme/custom/*", "modules/*", "admin/tool/*")
"""What the guide wants in a file archive, below the application's directory."""

UNWANTED_PATHS = ("cache/*", "tmp/*", "sessions/*")
"""What it wants left out."""

WATCHED = (
    "{application}/lib/config.php",
    "{application}/modules/*/config.php",
    "{application}/admin/tool/*/config.php",
    "{application}/theme/*/config.php",
    "{root}/etc/apache2/sites-available/*.conf",
    "{root}/etc/nginx/sites-available/*",
    "{root}/etc/php/*/apache2/php.ini",
    "{root}/etc/php/*/fpm/php.ini",
    "{root}/etc/cron.d/*backup*",
    "{root}/etc/letsencrypt/live/*/fullchain.pem",
)
"""Files whose change asks for a configuration backup."""

WATCHED_ANYWHERE = (
    "{application}/.env",
    "{application}/*config*.php",
    "{application}/*/*config*.php",
)
"""What is watched instead in an application that is not laid out like the guide's."""
