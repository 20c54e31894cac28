"""The two roles with few rights, on the laptop's servers. Their passwords are files beside the administrator's."""

import secrets
from pathlib import Path

from psycopg2.extensions import cursor

from jobs.state import write_atomically

READER, WRITER = "lake_reader", "lake_writer"
ROLES = (READER, WRITER)


def read_role_password(folder: Path, role: str) -> str:
    """The password of a role of the server in a folder."""
    return password_file(folder, role).read_text(encoding="utf-8")


def password_file(folder: Path, role: str) -> Path:
    return folder / f"{role}.password"


def create_roles(db: cursor, folder: Path) -> None:
    """Create the roles that the server or their files lack, each with a new password. They own nothing."""
    db.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", (list(ROLES),))
    existing = {name for (name,) in db.fetchall()}
    for role in ROLES:
        if role not in existing:
            db.execute(f"CREATE ROLE {role} LOGIN")
        if role not in existing or not password_file(folder, role).exists():
            password = secrets.token_urlsafe(24)
            db.execute(f"ALTER ROLE {role} PASSWORD %s", (password,))
            write_atomically(password_file(folder, role), password)
