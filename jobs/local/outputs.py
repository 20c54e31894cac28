"""The laptop's services as the outputs of a stack."""

from typing import Any

from jobs.local.azurite import AzuriteServer
from jobs.local.cluster import USER
from jobs.local.ports import HOST
from jobs.local.postgres import DATABASE, PostgresServer
from jobs.local.roles import READER, WRITER, read_role_password

CONTAINERS = {"imagenes": "imagenes", "lake": "raw"}  # account: container


def build_outputs(cloud: PostgresServer, storage: AzuriteServer) -> dict[str, Any]:
    """The running services as outputs of a stack: the names of infra's outputs, the laptop's values."""
    return {
        "subscription_id": "",
        "resource_group": "",
        "postgres_host": HOST,
        "postgres_port": cloud.port(),
        "postgres_database": DATABASE,
        "postgres_user": USER,
        "postgres_auth": "password",
        "postgres_password": (cloud.folder / "password").read_text(encoding="utf-8"),
        "postgres_reader_user": READER,
        "postgres_reader_password": read_role_password(cloud.folder, READER),
        "postgres_writer_user": WRITER,
        "postgres_writer_password": read_role_password(cloud.folder, WRITER),
        "postgres_sslmode": "disable",
        "pictures_url": storage.url("imagenes"),
        "pictures_container": CONTAINERS["imagenes"],
        "lake_url": storage.url("lake"),
        "lake_dfs_url": storage.url("lake"),
        "lake_container": CONTAINERS["lake"],
        "storage_auth": "key",
        "storage_key": storage.key(),
        "vault_name": "",
        "vault_location": "",
        "vault_url": "https://vault.invalid/",
        "factory_name": "",
        "factory_principal_id": "",
        "foundry_account": "",
        "foundry_location": "",
        "foundry_project": "",
        "foundry_endpoint": "",
        "search_url": "",
        "pipeline_runner": "local",
        "openai_url": "",
        "project_url": "",
        "speech_url": "",
        "finetune_runner": "local",
    }
