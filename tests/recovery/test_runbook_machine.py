"""The runbook of a lost machine, run on a new server: all of it comes back, from what is left."""

import subprocess
from datetime import timedelta

import pytest
from recovering import (
    FAILURE,
    PASSWORD,
    assert_files,
    assert_whole,
    book,
    burn,
    settings,
    write_config,
)

pytestmark = pytest.mark.mariadb

CODE = """
[component.code]
kind = "code"
schedule = "on-change"
repository = "{repository}"
deployed = "{deployed}"
"""
VHOST = "etc/apache2/sites-available/shop.conf"
SETTINGS = "var/www/lib/config.php"
SCRIPT = """-- no password is kept here
CREATE USER app@localhost;
GRANT SELECT ON `shop`.*
  TO app@localhost;
"""


def recover(new, text, url):
    """Run the runbook on a new server; nothing goes wrong, and no password is shown."""
    done = new.run(text, HEALTH_URL=url)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert PASSWORD not in done.stdout + text
    return done


def assert_account(new):
    """Assert that the application gets in as it did before, and what it may do."""
    assert new.as_app("SELECT COUNT(*) FROM shop.users") == [91]


def test_a_site_that_is_gone_comes_back_from_the_bucket(hit, backups, fresh, health):
    write_config(hit, **{SETTINGS: settings()})
    backups.put(hit)
    hit.with_bucket()
    for name, data in backups.logs.items():
        hit.s3.put(hit.bucket, f"binlog/{name}.gpg", hit.gpg.seal(data))
    hit.audit()
    text = book(hit, "site-disaster")
    burn(hit)
    # Since it was written somebody has overwritten an object, and then deleted it.
    newest = max(path.name for path in (hit.root / "local-burnt").glob("db_*.sql.gz"))
    hit.s3.put(hit.bucket, f"{newest}.gpg", b"pay to get it back")
    hit.remove(f"{newest}.gpg")
    key = str(hit.s3.credentials("AKADMIN"))  # the auditor's own may not look at old versions
    done = fresh.run(text, HEALTH_URL=health, CREDENTIALS_FILE_CLOUD=key)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("looking for an older version of it") == 1
    assert_whole(fresh)
    assert_files(fresh)
    assert_account(fresh)
    assert "SELECT, INSERT, UPDATE" in done.stdout
    assert PASSWORD not in done.stdout + done.stderr + text
    etc = fresh.machine / "etc"
    assert (etc / "app.key").read_text() == "of etc/app.key\n"
    assert (etc / "app.key").stat().st_mode & 0o777 == 0o600
    assert not (etc / "cron.d/sync").exists()  # a job that would empty the other side
    assert (fresh.root / "work.jobs/etc/cron.d/sync").read_text() == "of etc/cron.d/sync\n"
    assert not (fresh.root / "work").exists()
    units = ["stop cron.service", "stop apache2", "restart mariadb", "start apache2"]
    assert fresh.said == units


def test_a_second_host_gives_what_it_has(hit, backups, fresh, health):
    write_config(hit, **{SETTINGS: settings()})
    backups.put(hit)
    hit.with_vault("backup-shell")
    hit.replace('host = "backup-shell"', 'host = "backup-shell"\naccess = "sftp"')
    hit.audit()
    text = book(hit, "site-disaster")
    assert "scp -s" in text
    burn(hit)
    recover(fresh, text, health)
    assert_whole(fresh)
    assert_files(fresh)
    assert_account(fresh)


def git(folder, *words):
    told = ["git", "-C", folder, "-c", "user.name=a", "-c", "user.email=a@example.com", *words]
    return subprocess.run(told, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def deployed(tmp_path):
    """The application's code as deployed, a commit behind its repository."""
    repository, here = tmp_path / "code.git", tmp_path / "deployed"
    repository.mkdir()
    git(repository, "init", "-q", "-b", "main")
    for text in ("<?php // deployed\n", "<?php // newer\n"):
        if (repository / "index.php").exists():
            git(tmp_path, "clone", "-q", repository, here)
        (repository / "index.php").write_text(text)
        git(repository, "add", ".")
        git(repository, "commit", "-q", "-m", "Change")
    return here


def test_a_server_that_failed_is_set_up_anew(alone, backups, fresh, health, deployed):
    """Code by git; a dump that says where it belongs; a script that makes accounts."""
    code = CODE.format(repository=f"{alone.root}/code.git", deployed=deployed)
    alone.config.write_text(alone.config.read_text() + FAILURE + code)
    write_config(
        alone, **{"etc/accounts.sql": SCRIPT, SETTINGS: settings(), VHOST: "<VirtualHost>"}
    )
    backups.put(alone, "named")
    fresh.do("CREATE DATABASE other", "CREATE TABLE other.t (id INT)")
    alone.audit()
    text = book(alone, "server-failure")
    (alone.root / "local").rename(alone.root / "local-burnt")
    done = recover(fresh, text, health)
    assert "app@localhost had no password" in done.stdout
    assert "--quiet shop" in fresh.said
    assert fresh.ask("SHOW DATABASES LIKE '%\\_before'") == []
    assert_whole(fresh)
    assert_files(fresh)
    assert_account(fresh)
    assert fresh.ask("SHOW TABLES FROM other") == ["t"]
    assert (fresh.application / "index.php").read_text() == "<?php // deployed\n"
    assert (fresh.application / "index.php").stat().st_mode & 0o777 == 0o644
    assert git(fresh.application, "rev-parse", "HEAD") == git(deployed, "rev-parse", "HEAD")


@pytest.mark.parametrize("kind", ["users", "mysql"])
def test_accounts_in_the_dump_come_back_as_they_were(alone, backups, fresh, health, kind):
    alone.config.write_text(alone.config.read_text() + FAILURE)
    backups.put(alone, kind)
    alone.audit()
    text = book(alone, "server-failure")
    assert "They come from a backup." in text
    recover(fresh, text, health)
    assert_whole(fresh)
    assert fresh.ask("SELECT COUNT(*) FROM blog.posts") == [2]
    assert_account(fresh)
    grants = fresh.as_app("SHOW GRANTS")
    assert "GRANT `clerk` TO `app`@`localhost`" in grants
    assert "GRANT UPDATE ON `shop`.`users` TO `app`@`localhost`" in grants
    assert fresh.ask("SHOW DATABASES LIKE '%\\_restored'") == []


def test_without_any_account_it_stops_before_the_database(alone, backups, fresh, health):
    alone.config.write_text(alone.config.read_text() + FAILURE)
    backups.put(alone)
    alone.audit()
    done = fresh.run(book(alone, "server-failure"), HEALTH_URL=health)
    assert done.returncode == 1
    assert "STOP: no settings name the account of the application" in done.stderr
    assert fresh.ask("SHOW DATABASES LIKE 'shop%'") == []


def test_what_is_not_mounted_is_asked_for(alone, backups, fresh, health):
    alone.config.write_text(alone.config.read_text() + FAILURE)
    backups.put(alone)
    alone.audit()
    text = book(alone, "server-failure")
    burn(alone)
    done = fresh.run(text, HEALTH_URL=health)
    assert f"STOP: mount {alone.root}/offsite" in done.stderr
    assert not fresh.log.exists()


def test_a_tree_is_laid_where_nothing_is_archived(alone, backups, fresh, health):
    alone.config.write_text(alone.config.read_text() + FAILURE)
    alone.replace('pattern = "files_{time:%Y%m%d_%H%M%S}.tar.gz"', 'pattern = "trees/*/"')
    write_config(alone, **{SETTINGS: settings()})
    for name in ("local", "offsite"):
        for day in ("previous", "current"):
            tree = alone.root / name / "trees" / day
            (tree / "uploads").mkdir(parents=True)
            (tree / "uploads/a b.txt").write_text(f"of {day}\n")
            (tree / "uploads/a b.txt").chmod(0o640)
            for path in (tree / "uploads/a b.txt", tree / "uploads", tree):
                alone.date(path, backups.made - timedelta(hours=1 + (day == "previous")))
    backups.put(alone)
    alone.audit()
    recover(fresh, book(alone, "server-failure"), health)
    assert_whole(fresh)
    laid = fresh.application / "uploads/a b.txt"
    assert (laid.read_text(), laid.stat().st_mode & 0o777) == ("of current\n", 0o640)
