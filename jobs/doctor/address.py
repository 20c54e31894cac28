"""Whether this machine's address is let in to the database. No service is asked for it: it is given, or passed over."""

from jobs.configuration import Configuration
from jobs.doctor.check import Check, config_command


def check_address(chosen: Configuration, my_ip: str | None) -> Check:
    if chosen.private:
        text = "private: no public address at all, so the jobs run inside the stack's network"
        return Check("address", "ok", text)
    if my_ip in chosen.allowed_ips:
        return Check("address", "ok", f"{my_ip} is let in to the database")
    mend = config_command(chosen.stack, f"allowedIps[{len(chosen.allowed_ips)}]", my_ip or "YOUR_ADDRESS")
    if my_ip:
        return Check("address", "problem", f"{my_ip} is not let in to the database.", mend)
    if chosen.allowed_ips:
        text = f"the database lets in {', '.join(chosen.allowed_ips)}; `--my-ip ADDRESS` looks for yours"
        return Check("address", "ok", text)
    return Check("address", "warning", "the database lets in nobody from outside Azure, this machine included.", mend)
