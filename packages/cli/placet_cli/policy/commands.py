"""``placet policy``: what happens to policies before they are released."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from placet_cli.errors import CliError
from placet_cli.opa_binary import pinned_opa
from placet_cli.policy.apply import Destination, config_map, read_bundle
from placet_cli.policy.apply import apply as apply_manifest
from placet_cli.policy.bench import check_command, run_command
from placet_cli.policy.build import build_bundle
from placet_cli.policy.check import refuse_errors
from placet_cli.policy.diff import diff_command
from placet_cli.policy.mutation.command import mutate_command
from placet_cli.policy.new_rule import new_command
from placet_cli.policy.trial import try_bundle
from placet_cli.policy.trying import try_command

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Policies before they are released.")


@app.callback()
def policy() -> None:
    """Policies before they are released."""


app.command("new")(new_command)
app.command("check")(check_command)
app.command("test")(run_command)
app.command("try")(try_command)
app.command("diff")(diff_command)
app.command("mutate")(mutate_command)


@app.command()
def build(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A folder laid out like policies/.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where the bundle is written.")],
    *,
    demo: Annotated[
        bool, typer.Option("--demo", help="Lay DIR/demo over the data; never release such a bundle.")
    ] = False,
) -> None:
    """Check a policy folder, build its bundle, and print the bundle's digest.

    What `placet policy check` calls an error is refused; a folder without `checks` is held to OPA's strict compilation
    and its schemas. The finished bundle is tried by the policy tier's own reader. The same folder gives the same bytes
    on every machine, so that people can compare digests. Tests are not shipped.
    """
    opa = pinned_opa()
    bundle = build_bundle(directory, opa=opa, demo=demo)
    try_bundle(bundle.data, opa=opa)
    refuse_errors(directory, opa=opa)
    _write(output, bundle.data)
    typer.echo(f"{bundle.revision}  {output}")


@app.command()
def apply(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="What `placet policy build` wrote.")],
    *,
    namespace: Annotated[str, typer.Option("--namespace", "-n", help="The release's namespace.")],
    name: Annotated[str, typer.Option("--name", help="The ConfigMap: policy.bundle.configMap.")] = "placet-bundle",
    context: Annotated[str | None, typer.Option("--context", help="The cluster; else kubectl's present one.")] = None,
    kubectl: Annotated[str, typer.Option("--kubectl", help="The kubectl to use.")] = "kubectl",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the manifest and change nothing.")] = False,
) -> None:
    """Put a bundle where the policy tier's pods in Kubernetes take it from, and print its revision.

    The policy tier's own reader tries the bundle before. It is active within about a minute: that is how long
    Kubernetes takes to renew a mounted ConfigMap. A bundle has 1 MiB at most.
    """
    destination = Destination(name=name, namespace=namespace, context=context)
    data = read_bundle(bundle)
    try_bundle(data, opa=pinned_opa())
    manifest = config_map(data, destination)
    if dry_run:
        typer.echo(manifest, nl=False)
        return
    typer.echo(apply_manifest(manifest, destination, kubectl=kubectl))
    typer.echo(f"sha256:{hashlib.sha256(data).hexdigest()}  {bundle}")


def _write(output: Path, data: bytes) -> None:
    """Replace the file in one step: the gate watches it and must never read half of one."""
    try:
        with tempfile.NamedTemporaryFile(dir=output.parent, prefix=f".{output.name}.", delete=False) as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        Path(file.name).replace(output)
    except OSError as error:
        raise CliError(f"{output}: {error.strerror}") from error
