"""The command `doctor`."""

from ipaddress import AddressValueError, IPv4Address
from typing import Annotated

import typer

from jobs import terminal
from jobs.commands.options import Json

app = typer.Typer()
Stack = Annotated[str, typer.Option("--target", metavar="STACK", help="The stack that `pulumi up` will deploy.")]


@app.command(epilog="Example: python -m jobs doctor --target dev --my-ip 203.0.113.7")
def doctor(
    target: Stack = "dev",
    register: Annotated[
        bool, typer.Option("--register", help="Register the missing resource providers, and wait until that is done.")
    ] = False,
    my_ip: Annotated[
        str | None,
        typer.Option("--my-ip", metavar="ADDRESS", help="This machine's address, to compare with allowedIps."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Check before `pulumi up` whether it can succeed, with the command that fixes each problem."""
    from jobs.doctor.run import DoctorOptions, run_doctor

    result = run_doctor(DoctorOptions(stack=target, register=register, my_ip=parse_address(my_ip)))
    terminal.print_result(result, as_json)
    return 0 if result.ok else 1


def parse_address(text: str | None) -> str | None:
    """An IPv4 address: the database's firewall accepts no other. Raises typer.BadParameter."""
    try:
        return str(IPv4Address(text)) if text is not None else None
    except AddressValueError as error:
        raise typer.BadParameter(
            f"{text!r} is not an IPv4 address: write one such as 203.0.113.7", param_hint="--my-ip"
        ) from error
