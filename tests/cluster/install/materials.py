"""The files that somebody who installs Placet brings along: keys, certificates, passwords, a node's folder."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from scripts.steps import ROOT, tool
from tests.cluster.node.authority import Authority, Party

NODE_NAMESPACE = "tss-nodes"
DATABASE_NAMESPACE = "databases"
DATABASE_HOST = f"postgresql.{DATABASE_NAMESPACE}"
PASSWORDS = {"ledger_owner": "owner-for-the-test", "ledger_writer": "writer-for-the-test"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """Files for one release, under the names that docs/deploy.md uses.

    Attributes:
        folder: where they are.
        namespace: the release's; the edge's certificate is for its Service there.
    """

    folder: Path
    namespace: str

    @property
    def node(self) -> Path:
        """The node's folder, as ``placet node`` wants it."""
        return self.folder / "cobo-tss-node-generic"

    @property
    def edge_authority(self) -> Path:
        """Who vouches for the certificate that nodes see."""
        return self.folder / "edge-ca.crt"

    def make(self) -> None:
        """Make everything that the document supposes to be there."""
        (self.folder / "policies").symlink_to(ROOT / "policies")
        self._make_keys()
        authority = Authority(self.folder, "edge-ca")
        authority.issue(Party(file="nodes-see", user="edge", names=(f"placet-edge.{self.namespace}.svc",)))
        for role, password in PASSWORDS.items():
            (self.folder / f"{role.removeprefix('ledger_')}-password").write_text(password, encoding="ascii")

    def _make_keys(self) -> None:
        self._placet("keys", "new", "--dir", ".")
        self._placet("node", "init", ".", "--server", f"https://placet-edge.{self.namespace}.svc/v2/check")
        public = self.folder / "callback-server-pub.key"
        (self.node / "configs" / public.name).write_bytes(public.read_bytes())
        (self.folder / "node-1.pem").write_text(self._placet("node", "info"), encoding="ascii")

    def _placet(self, *arguments: str) -> str:
        argv = [tool("placet"), *arguments]
        return subprocess.run(argv, cwd=self.folder, check=True, stdout=subprocess.PIPE, text=True).stdout


def policy_command(*arguments: str) -> str:
    """What the policy tier's own program prints."""
    argv = [sys.executable, "-m", "placet_policy", *arguments]
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True).stdout
