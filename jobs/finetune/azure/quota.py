"""What a run or a deployment takes and bills: machines, cores of quota, the price of an hour. Asked before it bills."""

from dataclasses import dataclass

from jobs.azure.vm_quota import Demand, find_shortage, list_quotas, quotas_of
from jobs.azure.vm_sizes import CLUSTER, ENDPOINT, Size, find_size, list_sizes
from jobs.cost.billed_items import ENDPOINT_SIZE
from jobs.errors import ErrorKind, JobError
from jobs.finetune.azure.workspace import Workspace, refusals, value_of
from jobs.finetune.runner import Bill, Compute

GIB = 2**30
# A CPU answers a model of this many bytes in seconds; a larger one needs a GPU.
MOST_ON_CPU = GIB
CPU_EXTRA, GPU_FACTOR = 3 * GIB, 1.3  # torch and transformers themselves; the cache of a conversation
UNKNOWN_PRICE = "the price of {size} in {region} is not known: see `python -m jobs cost --target {stack} --refresh`"


@dataclass(frozen=True)
class Cluster:
    """The stack's cluster as it is. `nodes` are those that it has now."""

    size: str
    low_priority: bool
    nodes: int


def read_cluster(workspace: Workspace) -> Cluster:
    """Raises JobError."""
    with refusals(workspace, f"the cluster {workspace.target.ml_compute}"):
        found = workspace.get(f"/computes/{workspace.target.ml_compute}")
    inner = value_of(found, "properties", "properties") or {}
    return Cluster(
        size=str(inner.get("vmSize") or workspace.target.ml_compute_size),
        low_priority=inner.get("vmPriority") == "LowPriority",
        nodes=int(inner.get("currentNodeCount") or 0),
    )


def training_bill(workspace: Workspace, compute: Compute) -> Bill:
    """The bill of one run. Raises JobError for another size than the cluster's, and where cores are lacking."""
    cluster, stack = read_cluster(workspace), workspace.stack
    if compute.size and compute.size.lower() != cluster.size.lower():
        raise JobError(
            f"The cluster of {stack} has {cluster.size}: `pulumi config set mlComputeSize {compute.size} --stack "
            f"{stack}`, `pulumi up --stack {stack}`, then the same command again.",
            ErrorKind.invalid,
        )
    price = workspace.hourly_price(cluster.size, cluster.low_priority)
    lines = [check_quota(workspace, cluster.size, Need(CLUSTER, 1, cluster.low_priority, there=cluster.nodes))]
    hours = compute.minutes / 60
    if price is None:
        lines.append(f"{compute.minutes} minutes at most; {unknown_price(workspace, cluster.size)}")
    else:
        lines.append(
            f"{compute.minutes} minutes at most, at {price:.2f} USD an hour: {hours * price:.2f} USD at most, and two "
            "minutes until the machine sleeps"
        )
    return Bill(question=f"Train on one {cluster.size} of the stack {stack}?", lines=tuple(lines), hourly_usd=price)


def deployment_bill(workspace: Workspace, size: str, instances: int) -> Bill:
    """The bill of a deployment, which runs until it is deleted. Raises JobError where cores are lacking."""
    price = workspace.hourly_price(size)
    lines = [check_quota(workspace, size, Need(ENDPOINT, instances))]
    end = "until `finetune teardown` or `finetune traffic --drop-old` deletes it, asked or not"
    if price is None:
        lines.append(f"It bills {end}; {unknown_price(workspace, size)}")
    else:
        lines.append(f"It bills {price * instances:.2f} USD an hour {end}")
    question = f"Deploy {instances} x {size} in the stack {workspace.stack}?"
    return Bill(question=question, lines=tuple(lines), hourly_usd=None if price is None else price * instances)


def unknown_price(workspace: Workspace, size: str) -> str:
    return UNKNOWN_PRICE.format(size=size, region=workspace.target.ml_location, stack=workspace.stack)


@dataclass(frozen=True)
class Need:
    """Machines for a use. `there`: how many of them are running already, and have their cores."""

    use: str
    machines: int
    low_priority: bool = False
    there: int = 0


def check_quota(workspace: Workspace, name: str, need: Need) -> str:
    """Say what cores are taken, and of how many free ones. Raises JobError where they are lacking."""
    target = workspace.target
    with refusals(workspace, f"the quota in {target.ml_location}"):
        sizes = list_sizes(workspace.arm, target.subscription_id, target.ml_location)
        quotas = list_quotas(workspace.arm, target.subscription_id, target.ml_location)
    size = find_size(sizes, name)
    if size is None or need.use not in size.uses:
        use = "endpoints" if need.use == ENDPOINT else "clusters"
        raise JobError(f"{target.ml_location} has no {name} for {use}: name another size.", ErrorKind.not_found)
    demand = Demand(size, need.use, need.machines, need.low_priority)
    if need.there >= need.machines:
        return f"{need.machines} x {size.name}, which is running already"
    if shortage := find_shortage(demand, quotas, sizes):
        raise JobError(f"Your quota does not suffice. {shortage}. Nothing was started.", ErrorKind.refused)
    free = min((each.free for each in quotas_of(quotas, demand)), default=None)
    known = "your quota of it is not known" if free is None else f"{free:g} are free"
    return f"{need.machines} x {size.name}: {demand.cores} cores of quota, {known}"


def choose_size(workspace: Workspace, model_bytes: int) -> str:
    """The smallest size for endpoints whose memory holds a model. Raises JobError where the region has none."""
    target = workspace.target
    with refusals(workspace, f"the sizes in {target.ml_location}"):
        sizes = list_sizes(workspace.arm, target.subscription_id, target.ml_location)
    fitting = [each for each in sizes if ENDPOINT in each.uses and holds(each, model_bytes)]
    if not fitting:
        raise JobError(
            f"{target.ml_location} has no size for endpoints whose memory holds {model_bytes / GIB:.1f} GiB of "
            "weights: name one with --size, or deploy in another mlLocation.",
            ErrorKind.not_found,
        )
    default = find_size(fitting, ENDPOINT_SIZE)
    smallest = min(fitting, key=lambda each: (each.cores, each.gpu_gib, each.memory_gib, each.name))
    return (default or smallest).name


def holds(size: Size, model_bytes: int) -> bool:
    """Whether the memory suffices: that of the processors for a small model, of the GPUs for every other one."""
    if model_bytes <= MOST_ON_CPU:
        return not size.gpus and size.memory_gib * GIB >= 2 * model_bytes + CPU_EXTRA
    return size.gpu_gib * GIB >= GPU_FACTOR * model_bytes
