"""SECURITY.md says who may do what, from what the program registers. WRITE_SECURITY=1 writes its table again."""

import os
from collections.abc import Iterator

from tests.infra.configuration import ROOT
from tests.infra.recorder import Program, Registered, run_program
from tests.infra.test_roles import assignments

PAGE = ROOT / "SECURITY.md"
BEGIN, END = "<!-- rights -->\n", "<!-- end of rights -->"
MODES = {"default": {}, "`entraOnly`": {"entraOnly": True}, "`private`": {"private": True}}
PRINCIPALS = {"deployer": "you, who deploy", "factory": "Data Factory", "project": "the Foundry project"}
SCOPES = {
    "stferimagenes": "pictures",
    "stferlakehouse": "lake",
    "kv-fer": "key vault",
    "postgres-reader-password": "password of `lake_reader`",
    "ai-fer": "Foundry",
}
SERVICES = {
    "pictures": "pictures",
    "lake": "lake",
    "vault": "key vault",
    "account": "Foundry",
    "factory": "Data Factory",
}
Row = tuple[tuple[str, str], str]  # a principal and what it has a right on, and the right


def rights(program: Program) -> Iterator[Row]:
    """Return every right that the program gives."""
    for principal, role, scope in sorted(assignments(program)):
        yield (PRINCIPALS[principal], SCOPES[scope]), role
    yield from database_rights(program)
    yield from network_rights(program)


def database_rights(program: Program) -> Iterator[Row]:
    """Return who logs in to the database, as what."""
    admin = program.only("AdministratorsMicrosoftEntra").inputs
    assert admin["objectId"] == "o"
    yield ("you, who deploy", "database"), "administrator, by Entra"
    if login := program.only("Server").inputs.get("administratorLogin"):
        yield (f"who has the password of `{login}`", "database"), "administrator"
    names = {each.name for each in program.registered if each.kind == "Secret"}
    if "postgres-writer-password" in names:
        yield ("who has the password of `lake_writer`", "database"), "reads and writes rows"
    linked = [each.inputs["properties"] for each in program.every("LinkedService")]
    passwords = [each for each in linked if each["type"] == "AzurePostgreSql"]
    if passwords:
        assert passwords[0]["username"] == "lake_reader" and passwords[0]["password"]["secretName"] in names
    yield ("Data Factory", "database"), f"reads, {'by a password of the vault' if passwords else 'by Entra'}"


def network_rights(program: Program) -> Iterator[Row]:
    """Return from where each service can be connected to, before any login."""
    rules = [each.inputs["startIpAddress"] for each in program.registered if each.kind == "FirewallRule"]
    assert set(rules) <= {"0.0.0.0"}  # noqa: S104 - a rule of Azure's
    server = program.only("Server")
    yield ("any address of Azure", "database"), "can log in" if rules and is_public(server) else "-"
    for name, service in SERVICES.items():
        resource = next(
            each for each in program.registered if each.name == name and "ublicNetworkAccess" in str(each.inputs)
        )
        yield ("any address", service), "can log in" if is_public(resource) else "-"


def is_public(resource: Registered) -> bool:
    """Return whether a service has a public address."""
    properties = resource.inputs.get("properties", resource.inputs)
    return properties.get("network", properties)["publicNetworkAccess"] == "Enabled"


def draw_table() -> str:
    """Return the lines of the table, a column a mode."""
    cells: dict[tuple[str, str], dict[str, list[str]]] = {}
    for mode, settings in MODES.items():
        for key, right in rights(run_program(settings)):
            cells.setdefault(key, {}).setdefault(mode, []).append(right)
    lines = [f"| who | on | {' | '.join(MODES)} |", "| --- " * (len(MODES) + 2) + "|"]
    for (who, on), by_mode in sorted(cells.items()):
        lines.append(f"| {who} | {on} | {' | '.join(', '.join(by_mode.get(mode, ['-'])) for mode in MODES)} |")
    return "\n".join(lines) + "\n"


def test_the_table_of_rights_is_what_the_program_gives() -> None:
    text, table = PAGE.read_text(encoding="utf-8"), draw_table()
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    if os.environ.get("WRITE_SECURITY"):
        PAGE.write_text(f"{before}{BEGIN}{table}{END}{after}", encoding="utf-8")
    assert rest.startswith(f"{table}{END}"), "WRITE_SECURITY=1 pytest tests/infra/test_security_page.py"


def test_a_right_that_is_taken_away_changes_the_table() -> None:
    given = dict.fromkeys(key for key, _ in rights(run_program()))
    kept = dict.fromkeys(key for key, _ in rights(run_program({"grantDeployer": False})))
    assert {key for key in given if key not in kept} == {
        ("you, who deploy", on) for on in ("pictures", "lake", "key vault", "Foundry")
    }
