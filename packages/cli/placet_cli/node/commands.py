"""``placet node``: a stand-in for the TSS Node, to try a callback server before a real node asks it."""

import time
from pathlib import Path
from typing import Annotated

import typer

from placet_cli.errors import CliError
from placet_cli.key_files import public_pem
from placet_cli.node.check import check_config, load_config
from placet_cli.node.config import CONFIG_PATH, NODE_DIRECTORY, NodeConfig
from placet_cli.node.hints import hint
from placet_cli.node.monitor import PingForm
from placet_cli.node.monitor import monitor as monitor_servers
from placet_cli.node.reactions import Reacts
from placet_cli.node.request_file import find_request
from placet_cli.node.send import Outcome, ServerOutcome, send_with_retries
from placet_cli.node.store import DEFAULT_SERVICE_ADDRESS, create_node, node_key, node_key_files, server_key_names
from placet_cli.node.transport import http_client

EXIT_REJECTED = 10
"""``send``: a server answered REJECT in the documented form."""

EXIT_NOT_APPROVED = 11
"""``send``: no server rejected, but not every one approved. ``monitor``: a ping was not answered."""

_LARGEST_TIME_SCALE = 1000.0
_NOTICED_SECONDS = 1.0
"""A shorter pause is over before its announcement has been read."""


def _real_factor(value: float) -> float:
    # Typer's own range lets nan through, and a pause of nan seconds is a crash.
    if not 0.0 <= value <= _LARGEST_TIME_SCALE:
        raise typer.BadParameter(f"must be a number from 0 to {_LARGEST_TIME_SCALE:g}")
    return value


app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="A stand-in for the TSS Node, driven by its real configuration format.",
)

_Node = Annotated[
    Path | None,
    typer.Option(
        "--node",
        metavar="DIR",
        help=f"The node's folder; without it the current one, else {NODE_DIRECTORY} in it.",
        show_default=False,
    ),
]
_CaFile = Annotated[
    Path | None,
    typer.Option("--ca", metavar="FILE", help="Certificates to trust (PEM) in place of the machine's own."),
]
_TimeScale = Annotated[
    float,
    typer.Option(
        "--time-scale", callback=_real_factor, help="Multiplies every pause: 0.001 makes an hour 3.6 seconds."
    ),
]


@app.callback()
def node() -> None:
    """A stand-in for the TSS Node, driven by its real configuration format."""


@app.command()
def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where the node's folder is made.")],
    server: Annotated[
        list[str] | None,
        typer.Option("--server", metavar="URL", help="A callback server's address; may be given several times."),
    ] = None,
) -> None:
    """Make cobo-tss-node-generic in DIR: a configuration file in the node's format and a callback key pair."""
    addresses = server or [DEFAULT_SERVICE_ADDRESS]
    made = create_node(directory, service_addresses=addresses)
    typer.echo(f"{made / CONFIG_PATH}: the configuration, with {len(addresses)} callback server(s)")
    typer.echo(f"{node_key_files(made).private}: the node's callback key, mode 0600")
    for name in server_key_names(len(addresses)):
        typer.echo(f"Next: put the callback server's public key into {made / CONFIG_PATH.parent / name}")


@app.command()
def info(node_directory: _Node = None) -> None:
    """Print the node's callback public key, as the node's own `info` does.

    The key goes to standard output and the line before it to standard error, so that the key can be redirected.
    """
    key = node_key(_find_node(node_directory))
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    typer.echo(f"INFO[{stamp}] Callback public key:", err=True)
    typer.echo(public_pem(key.public_key()), nl=False)


@app.command("check-config")
def check_config_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=f"The node's {CONFIG_PATH}.")],
) -> None:
    """Say what is wrong or odd in the callback section of a node's configuration file.

    Works on a real node's file too. Other sections are left alone. Exit code 1 when the section cannot be used.
    """
    checked = check_config(file)
    for finding in checked.findings:
        typer.echo(f"{finding.level}: {finding.path}: {finding.message}")
    if checked.config is None:
        raise CliError(f"{file}: cannot be used")
    typer.echo(f"{file}: {len(checked.config.servers)} callback server(s), all of which must approve")


@app.command()
def send(
    request: Annotated[str, typer.Argument(metavar="FILE|SAMPLE", help="A file with a callback request, or a sample.")],
    *,
    node_directory: _Node = None,
    ca_file: _CaFile = None,
    reacts: Annotated[
        Reacts,
        typer.Option(help="Which answers are asked again; the node's documentation states only a missing one."),
    ] = Reacts.CLOSE_ONLY,
    time_scale: _TimeScale = 1.0,
    request_id: Annotated[str | None, typer.Option(help="Send under this id in place of a new one.")] = None,
) -> None:
    """Send one request to every configured server, with the configured retries; all of them must approve.

    Every answer's signature, request_id and expiry are checked. --reacts models what the documentation leaves open:
    close-only asks again only when there was no answer, 5xx also after an HTTP status from 500 on, any after everything
    but a signed status 0 with an action; what is not asked again and is no APPROVE is a refusal.

    Exit codes: 0 every server approved; 10 a server rejected; 11 not approved for another reason; 1 nothing was sent.
    """
    directory, config = _load(node_directory)
    key = node_key(directory)
    found = find_request(request, request_id=request_id)
    with http_client(ca_file=ca_file) as client:
        typer.echo(f"{found.title} (request_id {found.request_id or 'none'})")
        outcome = send_with_retries(
            config,
            key,
            found.package,
            request_id=found.request_id,
            client=client,
            ping=found.ping,
            reacts=reacts,
            time_scale=time_scale,
            report=_echo,
            pausing=lambda retry, seconds: _announce(retry, seconds, retry_times=config.retry_times),
        )
    _end(outcome, config)


@app.command()
def monitor(
    *,
    node_directory: _Node = None,
    ca_file: _CaFile = None,
    count: Annotated[int | None, typer.Option(min=1, help="How many rounds; without it until Ctrl-C.")] = None,
    form: Annotated[
        PingForm, typer.Option(help="How the ping is written; the real form is not documented.")
    ] = PingForm.STRINGS,
    time_scale: _TimeScale = 1.0,
) -> None:
    """Ping every configured server each monitor_interval.

    Exit codes: 0 every ping was answered with a signed status 0; 11 one was not; 1 nothing was sent.
    """
    directory, config = _load(node_directory)
    if config.monitor_interval is None:
        raise CliError("callback.monitor_interval is absent or 0: this node sends no pings")
    with http_client(ca_file=ca_file) as client:
        answered = monitor_servers(
            config,
            node_key(directory),
            interval=config.monitor_interval * time_scale,
            client=client,
            count=count,
            form=form,
            report=_echo,
        )
    if not answered:
        raise typer.Exit(EXIT_NOT_APPROVED)


def _find_node(directory: Path | None) -> Path:
    candidates = [Path(), NODE_DIRECTORY] if directory is None else [directory]
    for candidate in candidates:
        if (candidate / CONFIG_PATH).exists():
            return candidate
    raise CliError(f"{candidates[-1] / CONFIG_PATH}: no such file; `placet node init` makes one")


def _load(directory: Path | None) -> tuple[Path, NodeConfig]:
    found = _find_node(directory)
    return found, load_config(found / CONFIG_PATH)


def _echo(outcome: ServerOutcome) -> None:
    answer = outcome.answer
    status = f" status: {answer.status}" if answer.status else ""
    error = f" error: {answer.error}" if answer.error else ""
    typer.echo(f"{outcome.server.service_address} #{outcome.tries}: {answer.kind}: {answer.why}{status}{error}")
    remedy = hint(answer.why) if outcome.tries == 1 else None
    if remedy is not None:
        typer.echo(f"Hint: {remedy}", err=True)


def _announce(retry: int, seconds: float, *, retry_times: int) -> None:
    """Say that nothing will happen for a while; an hour of silence looks like a program that hangs."""
    if seconds >= _NOTICED_SECONDS:
        ways_out = "; --time-scale shortens the pauses, Ctrl-C ends" if retry == 1 else ""
        typer.echo(f"Asking again in {seconds:g} s ({retry} of {retry_times}{ways_out})", err=True)


def _end(outcome: Outcome, config: NodeConfig) -> None:
    asked = f"{len(config.servers)} callback server(s)"
    if outcome.approved:
        typer.echo(f"The node would execute the task: approved by {asked}.")
        return
    typer.echo(f"The node would not execute the task: not approved by all of {asked}.")
    raise typer.Exit(EXIT_REJECTED if outcome.rejected else EXIT_NOT_APPROVED)
