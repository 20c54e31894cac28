"""Every rule of the played Azure, in the order in which a request meets them.

A rule is a function of a Change that raises ArmError. Its docstring says where it comes from. `Azure.off` has the names
of those that do not hold.
"""

from collections.abc import Callable, Sequence

from tests.azure_fakes import rules_access as access
from tests.azure_fakes import rules_learning as learning
from tests.azure_fakes import rules_names as names
from tests.azure_fakes import rules_order as order
from tests.azure_fakes import rules_services as services
from tests.azure_fakes.change import Change

Rule = Callable[[Change], None]

PUT: tuple[Rule, ...] = (
    access.caller_may_write,
    access.provider_is_registered,
    access.region_is_allowed,
    order.parent_exists,
    names.lawful_name,
    services.body_is_of_its_type,
    names.name_of_a_deleted_vault,
    names.name_of_a_deleted_secret,
    names.name_of_a_deleted_account,
    names.name_of_a_deleted_workspace,
    names.free_name,
    names.free_subdomain,
    order.one_operation_at_a_time,
    order.account_has_settled,
    access.not_changed_in_place,
    order.references_exist,
    order.trigger_is_stopped,
    access.role_is_not_assigned_yet,
    access.principal_is_known,
    services.server_login_is_allowed,
    services.server_is_what_azure_offers,
    services.entra_is_enabled,
    services.budget_starts_with_a_month,
    services.model_is_offered,
    services.one_change_of_a_deployment,
    services.quota_is_free,
    learning.cluster_is_what_azure_offers,
    learning.account_is_lawful,
    learning.parts_of_a_workspace_exist,
)
DELETE: tuple[Rule, ...] = (
    access.caller_may_write,
    order.one_operation_at_a_time,
    order.no_lock_forbids_it,
    order.nothing_nested_is_left,
    order.nothing_refers_to_it,
    order.trigger_is_stopped,
    order.may_delete_secrets,
)


def check_rules(rules: Sequence[Rule], change: Change) -> None:
    """Raise ArmError for the first rule that a change breaks."""
    for rule in rules:
        if rule.__name__ not in change.azure.off:
            rule(change)
