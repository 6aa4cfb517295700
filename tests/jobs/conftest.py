"""A small site below a root: cron tables, units and scripts as an administrator leaves them."""

import pytest

from nexoaudit.live.jobs import observe_jobs
from nexoaudit.model.location import Location
from nexoaudit.model.policy import Component, Jobs, Policy, Series, Site

SCRIPT = "#!/bin/bash\nset -euo pipefail\numask 027\nto=/var/backups/site/database\n"
TABLE = "/etc/cron.d/site-backup"
JOB = "/usr/local/bin/site-db-backup.sh"
LINE = f"0 2 * * * root {JOB} >> /var/log/site.log 2>&1\n"


class LiveSite:
    """The file system of a site below `root`."""

    def __init__(self, root):
        self.root = root
        self.jobs = Jobs(
            ("/etc/crontab", "/etc/cron.d/*", "/etc/cron.daily/*", "/var/spool/cron/crontabs/*"),
            ("/etc/systemd/system", "/usr/lib/systemd/system"),
            root=str(root),
        )

    def put(self, path, text, mode=0o644):
        where = self.root / path.lstrip("/")
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_bytes(text if isinstance(text, bytes) else text.encode())
        where.chmod(mode)
        return where

    def policy(self, job="site-db-backup.sh", schedule="0 2 * * *"):
        series = (Series("full", "database/db_*.sql.gz", ("local",)),)
        component = Component("database", "database", schedule, job=job, series=series)
        local = Location("local", str(self.root / "var/backups/site"))
        return Policy(Site("site"), (local,), (component,), jobs=self.jobs)

    def review(self, **changes):
        return observe_jobs(self.policy(**changes), self.jobs)

    def scheduled(self):
        return self.review().scheduled


@pytest.fixture
def live(tmp_path):
    site = LiveSite(tmp_path)
    site.put(TABLE, LINE)
    site.put(JOB, SCRIPT, 0o755)
    return site
