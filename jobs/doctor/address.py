"""Whether the database's firewall allows this machine's address. No service is asked for it: you give it, or not."""

from jobs.configuration import Configuration
from jobs.doctor.check import Check, config_command


def check_address(config: Configuration, my_ip: str | None) -> Check:
    if config.private:
        text = "private: no public address, so run the jobs inside the stack's network"
        return Check("address", "ok", text)
    if my_ip in config.allowed_ips:
        return Check("address", "ok", f"{my_ip} is allowed by the database's firewall")
    fix = config_command(config.stack, f"allowedIps[{len(config.allowed_ips)}]", my_ip or "YOUR_ADDRESS")
    if my_ip:
        return Check("address", "problem", f"{my_ip} is not allowed by the database's firewall.", fix)
    if config.allowed_ips:
        text = f"the database's firewall allows {', '.join(config.allowed_ips)}; `--my-ip ADDRESS` checks yours"
        return Check("address", "ok", text)
    text = "the database's firewall allows no address outside Azure, so not this machine's either."
    return Check("address", "warning", text, fix)
