"""--source-password-file: the password of --source in a file, and on no command line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.commands.source import read_password, source_url
from jobs.entry import main
from jobs.errors import JobError
from jobs.postgres.connection import connection_params, fetch_value, open_connection
from jobs.target import Target
from tests.jobs.cli_process import run_jobs

LOGIN = "postgresql://u@h:1/d"


@pytest.fixture
def without_password(laptop_url: str, tmp_path: Path) -> tuple[str, Path]:
    """The laptop's URL without its password, and a file with that."""
    password = connection_params(laptop_url)["password"]
    (tmp_path / "password").write_text(f"{password}\n")
    return laptop_url.replace(f":{password}@", "@"), tmp_path / "password"


def test_each_command_with_a_source_takes_it(without_password: tuple[str, Path], target: Target, faces: Path) -> None:
    url, file = without_password
    options = ("--source", url, "--source-password-file", str(file))
    assert run_jobs("embed", str(faces), "--weights", "random", *options).returncode == 0
    assert run_jobs("adopt", str(faces), "--dry-run", *options).returncode in (0, 1)
    assert run_jobs("migrate", *options).returncode == 0
    assert "PostgreSQL at" not in run_jobs("verify", *options).stderr
    refused = run_jobs("embed", str(faces), "--weights", "random", "--source", url)
    assert refused.returncode == 1 and "Traceback" not in refused.stderr


def test_the_variables_that_help_names_do_it_too(without_password: tuple[str, Path], tmp_path: Path) -> None:
    url, file = without_password
    passfile = tmp_path / "pgpass"
    passfile.write_text(f"*:*:*:*:{file.read_text()}")
    passfile.chmod(0o600)
    code = "import sys; from jobs.postgres.connection import *\nwith open_connection(sys.argv[1]) as db: print('read')"
    for variables in ({"PGPASSWORD": file.read_text().strip()}, {"PGPASSFILE": str(passfile)}):
        environment = {**os.environ, **variables}
        words = [sys.executable, "-c", code, url]
        assert subprocess.run(words, env=environment, capture_output=True, check=False).stdout == b"read\n"


@pytest.mark.parametrize(
    ("content", "password"),
    [
        (b"secret", "secret"),
        (b"with space \r\n", "with space "),
        (b"\xef\xbb\xbfse\xc3\xb1a\n", "seña"),
        ("seña\r\n".encode("utf-16"), "seña"),
    ],
)
def test_a_password_as_editors_and_shells_write_it(content: bytes, password: str, tmp_path: Path) -> None:
    (tmp_path / "p").write_bytes(content)
    assert read_password(tmp_path / "p") == password
    url = source_url(LOGIN, tmp_path / "p")
    assert connection_params(url or "")["password"] == password


@pytest.mark.parametrize("content", [b"", b"\n", b"a\nb", b"a\0b", b"\xff\xfea", b"\xe9", b"x" * 5000, None])
def test_what_is_not_a_password_is_one_sentence(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "p"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    with pytest.raises(JobError, match="password"):
        source_url(LOGIN, file)


def test_it_needs_a_source_without_a_password(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "p").write_text("secret")
    assert main(["verify", "--source-password-file", str(tmp_path / "p")]) == 2
    words = ["verify", "--source", "postgresql://u:other@h/d", "--source-password-file", str(tmp_path / "p")]
    assert main(words) == 2
    assert "give --source URL without a password" in capsys.readouterr().err


def test_a_password_with_any_character_logs_in(laptop_url: str, tmp_path: Path) -> None:
    secret = "a'b\\c \"d%e@f/ñ"
    with open_connection(laptop_url) as db, db.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS quoted")
        cursor.execute("CREATE ROLE quoted LOGIN PASSWORD %s", (secret,))
        db.commit()
        (tmp_path / "p").write_text(secret, encoding="utf-8")
        params = connection_params(laptop_url)
        login = f"postgresql://quoted@127.0.0.1:{params['port']}/{params['dbname']}?sslmode=disable"
        with open_connection(source_url(login, tmp_path / "p") or "") as own:
            assert fetch_value(own, "SELECT current_user") == "quoted"
        cursor.execute("DROP ROLE quoted")
        db.commit()
