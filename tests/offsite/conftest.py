import shutil

import pytest
from elsewhere_site import Elsewhere


@pytest.fixture
def elsewhere(tmp_path, seaweed, sshd, gpg):
    for name in sshd.root.iterdir():
        name.unlink() if name.is_file() else shutil.rmtree(name)
    return Elsewhere(tmp_path, seaweed, sshd, gpg)
