"""A real PostgreSQL in a pod, with TLS and with the roles of docs/runbooks/run-the-ledger-on-postgresql.md."""

from collections.abc import Sequence
from pathlib import Path

from tests.cluster.install.materials import DATABASE_NAMESPACE, PASSWORDS, policy_command
from tests.cluster.install.pods import POSTGRES_IMAGE, pod_spec, restricted_namespace, secret
from tests.cluster.kubectl import JSONObject, Kubectl
from tests.cluster.node.authority import Authority, Party

_NAME = "postgresql"
_PORT = 5432
_PSQL = ("/usr/lib/postgresql/15/bin/psql", "--host", "/var/lib/postgresql", "--set", "ON_ERROR_STOP=1", "--quiet")


def start(folder: Path, databases: Sequence[str], *, namespace: str = DATABASE_NAMESPACE) -> Path:
    """Start the server in a namespace of its own and wait until it can be asked.

    Args:
        folder: gets the server's certificate and its authority.
        databases: made when it starts for the first time, each owned by the ledger's owner.
        namespace: the server's own.

    Returns:
        The authority that vouches for the server.
    """
    authority = Authority(folder, "database-ca")
    authority.issue(Party(file="database", user=_NAME, names=(f"{_NAME}.{namespace}",)))
    kubectl = Kubectl(namespace)
    kubectl.apply(restricted_namespace(namespace))
    kubectl.apply(
        secret("tls", {"tls.crt": folder / "database.crt", "tls.key": folder / "database.key"}),
        secret("init", {"roles.sql": _roles(databases)}),
        _service(),
        _deployment(),
    )
    kubectl.run("rollout", "status", f"deployment/{_NAME}", "--timeout=120s")
    return authority.certificate


def grant(database: str, *, namespace: str = DATABASE_NAMESPACE) -> None:
    """What the runbook's ``ledger grants … | psql …`` does, through a shell in the server's pod."""
    statements = policy_command("ledger", "grants", "--reader", "ledger_reader", "--writer", "ledger_writer")
    query(database, statements, user="ledger_owner", namespace=namespace)


def query(database: str, statements: str, *, user: str = "postgres", namespace: str = DATABASE_NAMESPACE) -> str:
    """Run SQL in the server's pod and return the rows, one a line, without a head."""
    argv = [*_PSQL, "--no-align", "--tuples-only", "--username", user, "--dbname", database]
    return Kubectl(namespace).execute(f"deployment/{_NAME}", *argv, stdin=statements)


def _roles(databases: Sequence[str]) -> str:
    roles = [f"CREATE ROLE {role} LOGIN PASSWORD '{password}';" for role, password in PASSWORDS.items()]
    owned = [f"CREATE DATABASE {database} OWNER ledger_owner;" for database in databases]
    return "\n".join([*roles, "CREATE ROLE ledger_reader LOGIN;", *owned, ""])


def _service() -> JSONObject:
    spec = {"selector": {"app": _NAME}, "ports": [{"port": _PORT}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": _NAME}, "spec": spec}


def _deployment() -> JSONObject:
    mounts = {
        "tls": "/etc/postgresql-tls",
        "init": "/etc/postgresql-init",
        "data": "/var/lib/postgresql",
        "tmp": "/tmp",
    }
    container = {
        "name": _NAME,
        "image": POSTGRES_IMAGE,
        "ports": [{"containerPort": _PORT}],
        # Over TCP, because the server that only makes the database listens on a socket alone.
        "readinessProbe": {"tcpSocket": {"port": _PORT}, "periodSeconds": 1},
        "volumeMounts": [{"name": name, "mountPath": path} for name, path in mounts.items()],
    }
    volumes: list[JSONObject] = [
        {"name": "tls", "secret": {"secretName": "tls", "defaultMode": 0o440}},
        {"name": "init", "secret": {"secretName": "init", "defaultMode": 0o440}},
        # It outlives the container, which is what the tests restart, and not the pod.
        {"name": "data", "emptyDir": {}},
        {"name": "tmp", "emptyDir": {}},
    ]
    labels = {"app": _NAME}
    template = {"metadata": {"labels": labels}, "spec": pod_spec(container, volumes)}
    spec = {"replicas": 1, "strategy": {"type": "Recreate"}, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": _NAME}, "spec": spec}
