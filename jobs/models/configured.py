"""The models that a stack's setting names and Azure has not deployed: the report watches their dates too. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from jobs.models import drift
from jobs.models.account import ModelAccount
from jobs.models.deployments import Deployment, new_deployment
from jobs.models.offers import Offer
from jobs.models.rows import Row, to_row


def configured_rows(
    account: ModelAccount, deployments: Sequence[Deployment], offers: Sequence[Offer], today: date
) -> list[Row]:
    """A row for each entry whose model is not the deployed one, named `chat (setting)`."""
    deployed = {each.name.lower(): each for each in deployments}
    rows = []
    for entry in account.config.models if account.config else ():
        values = drift.entry_values(entry)
        there = deployed.get(str(entry.get("alias")).lower())
        if there is None or (there.model, there.version) != (values["model"], values["version"]):
            document = {"name": entry.get("alias"), **new_deployment({"format": "OpenAI", **entry, **values})}
            row = to_row(account, Deployment(document), offers, None, today)
            rows.append(replace(row, name=f"{row.name} (setting)"))
    return rows
