import subprocess

import pytest


@pytest.mark.parametrize("host", ["backup", "backup-piped"])
def test_it_logs_in(sshd, host):
    argv = ["ssh", "-F", sshd.config, "-o", "BatchMode=yes", host, "list"]
    told = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (told.stdout, told.stderr) == ("nexoaudit-remote 1\n", "")
