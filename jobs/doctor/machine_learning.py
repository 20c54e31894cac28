"""The machines of Machine Learning: whether the region has the cluster's size, and the subscription its cores."""

from jobs.azure.vm_quota import Demand, find_shortage, list_quotas
from jobs.azure.vm_sizes import CLUSTER, find_size, list_sizes
from jobs.doctor.check import Check, config_command
from jobs.doctor.context import StackContext

NAME = "cluster"


def check_machine_learning(context: StackContext) -> list[Check]:
    """One check. Too little quota is a warning: `pulumi up` succeeds, and the first run would wait for ever."""
    config = context.config
    sizes = list_sizes(context.arm, context.subscription_id, config.ml_location)
    size = find_size(sizes, config.ml_compute_size)
    if size is None or not Demand(size, CLUSTER).is_possible:
        text = f"{config.ml_location} has no {config.ml_compute_size} for clusters."
        return [Check(NAME, "problem", text, config_command(config.stack, "mlLocation", "ANOTHER_REGION"))]
    demand = Demand(size, CLUSTER, low_priority=config.ml_priority == "LowPriority")
    if not demand.is_possible:
        text = f"{config.ml_location} has {size.name} only as Dedicated."
        return [Check(NAME, "problem", text, config_command(config.stack, "mlPriority", "Dedicated"))]
    quotas = list_quotas(context.arm, context.subscription_id, config.ml_location)
    shortage = find_shortage(demand, quotas, sizes)
    if shortage is None:
        return [Check(NAME, "ok", f"{config.ml_location} has {size.name}, and your quota its {size.cores} cores")]
    fix = config_command(config.stack, "mlComputeSize", shortage.instead[0]) if shortage.instead else ""
    return [Check(NAME, "warning", f"a run would wait for cores. {shortage}.", fix)]
