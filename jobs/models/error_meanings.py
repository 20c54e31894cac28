"""What Azure's codes about models mean, and what to change.

https://learn.microsoft.com/azure/ai-foundry/openai/how-to/quota and .../openai/concepts/model-retirements
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Meaning:
    """What a code means. `needs_region`: another region can help, unless the quota is one of the whole subscription."""

    sentence: str
    advice: tuple[str, ...]
    needs_region: bool = False


PREFLIGHT = "`python -m jobs models preflight --target STACK` says which of your models fit now, and what fits instead."
POOL = (
    "Some models share one quota of the whole subscription: for those another region does not help, and `python -m "
    "jobs models list --region REGION` shows the same numbers everywhere."
)
# The innermost code first: the others wrap it.
MEANINGS = {
    "InsufficientQuota": Meaning(
        "The quota that this needs is used up: of tokens a minute for the model, or of accounts in the region.",
        (
            PREFLIGHT,
            "Lower `capacity` in the setting `models`.",
            "Or choose a region with room: `pulumi config set aiLocation REGION`.",
            "An account that was deleted keeps its quota for 48 hours: `python -m jobs teardown` purges it.",
            POOL,
            "More quota: the portal, Foundry, Quotas; a student's subscription is often refused.",
        ),
        True,
    ),
    "SpecialFeatureOrQuotaIdRequired": Meaning(
        "Your kind of subscription may not use this model or SKU, in any region: free and student offers lack many.",
        (
            "`python -m jobs models list --region REGION` lists the models that your subscription may deploy.",
            "Choose one of those in the setting `models`, or use a subscription that is paid by use.",
        ),
    ),
    "DeploymentModelNotSupported": Meaning(
        "The region does not offer this model, version and SKU together.",
        (PREFLIGHT, "Copy name, version and SKU from one line of `python -m jobs models list --region REGION`."),
        True,
    ),
    "ServiceModelDeprecated": Meaning(
        "The model's version is retired or about to be, and takes no new deployment.",
        (PREFLIGHT, "Set a newer version or model in the setting `models`: gpt-35-turbo and gpt-4o are gone, too."),
    ),
    "FlagMustBeSetForRestore": Meaning(
        "An account of the same name was deleted in the last 48 hours, and Azure keeps it to be restored.",
        (
            "Purge it: `python -m jobs teardown --target STACK`, or `az cognitiveservices account purge`.",
            "Or take another name: `pulumi config set nameSuffix SUFFIX`.",
        ),
    ),
    "CustomDomainInUse": Meaning(
        "The account's name is taken, by somebody or by an account that was deleted in the last 48 hours.",
        (
            "Take another name: `pulumi config set nameSuffix SUFFIX`.",
            "`python -m jobs doctor` finds deleted accounts.",
        ),
    ),
    "DeploymentNotFound": Meaning(
        "The account has no deployment of that name, or it was made in the last minutes.",
        ("The name is the alias in the setting `models`, not the model's.", "Wait five minutes after `pulumi up`."),
    ),
    "RequestConflict": Meaning(
        "The account runs another operation: it takes one at a time.", ("Run `pulumi up` again in a minute.",)
    ),
    "RequestDisallowedByAzure": Meaning(
        "A policy of your subscription allows other regions only, as student subscriptions have.",
        ("`python -m jobs doctor` lists the regions that are allowed: `pulumi config set location REGION`.",),
    ),
    "InvalidTemplateDeployment": Meaning(
        "Azure refused the deployment before it began; the cause is an inner error, which is not in this text.",
        ("Paste the whole error: in the portal, its `Raw error` or `JSON`.",),
    ),
}
