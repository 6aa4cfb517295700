import pytest

from nexoaudit.policy.load import load


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / "site.toml"
        path.write_text(text)
        return load(path)

    return read
