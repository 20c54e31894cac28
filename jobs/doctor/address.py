"""Which addresses the database's firewall allows. This machine's you give, or not: no service is asked for it."""

from jobs.configuration import Configuration
from jobs.doctor.check import Check, config_command


def check_address(config: Configuration, my_ip: str | None) -> Check:
    if config.private:
        text = "private: no public address, so run the jobs inside the stack's network"
        return Check("address", "ok", text)
    azure = describe_azure(config)
    if my_ip in config.allowed_ips:
        return Check("address", "ok", f"{my_ip} is allowed by the database's firewall; {azure}")
    fix = config_command(config.stack, f"allowedIps[{len(config.allowed_ips)}]", my_ip or "YOUR_ADDRESS")
    if my_ip:
        return Check("address", "problem", f"{my_ip} is not allowed by the database's firewall; {azure}.", fix)
    if config.allowed_ips:
        text = (
            f"the database's firewall allows {', '.join(config.allowed_ips)}; `--my-ip ADDRESS` checks yours; {azure}"
        )
        return Check("address", "ok", text)
    text = f"the database's firewall allows no address outside Azure, so not this machine's either; {azure}."
    return Check("address", "warning", text, fix)


def describe_azure(config: Configuration) -> str:
    """Return what `allowAzureServices` opens."""
    if config.allow_azure_services:
        return "every address of Azure is allowed, other customers' too, and needs a login (allowAzureServices)"
    return "no address of Azure is allowed, so Data Factory cannot connect (allowAzureServices)"
