"""The configuration files of the cluster's components. All are JSON, which their YAML readers take as well."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.cluster.node.authority import Authority, Party, write_token_key
from tests.cluster.node.folders import Folders

ADDRESS = "172.30.0.1"
"""The node's address inside the cluster's network."""

NODE = "node1"
POD_NETWORK = "10.244.0.0/24"
SERVICE_NETWORK = "10.96.0.0/16"
DNS_ADDRESS = "10.96.0.10"  # The cluster address of the Service in addons/coredns.yaml.
PAUSE_IMAGE = "localhost/pause:1"
_KUBERNETES = "kubernetes.default.svc"

USERS = (
    Party(file="admin", user="admin", group="system:masters"),
    Party(file="kcm", user="system:kube-controller-manager"),
    Party(file="scheduler", user="system:kube-scheduler"),
    Party(file="proxy", user="system:kube-proxy"),
    Party(file="kubelet", user=f"system:node:{NODE}", group="system:nodes", names=(NODE, ADDRESS)),
)
_API_SERVER = Party(
    file="apiserver",
    user="kube-apiserver",
    names=(
        "kubernetes",
        "kubernetes.default",
        _KUBERNETES,
        f"{_KUBERNETES}.cluster.local",
        "localhost",
        "10.96.0.1",
        ADDRESS,
        "127.0.0.1",
    ),
)


def write_certificates(folders: Folders) -> None:
    """Issue what the components prove themselves with, and write each user's kubeconfig."""
    authority = Authority(folders.certificates, "ca")
    for party in (_API_SERVER, *USERS):
        authority.issue(party)
    # The API server proves itself to metrics-server, which answers for a part of the API, by an authority of its own.
    Authority(folders.certificates, "front-ca").issue(Party(file="front-client", user="front-proxy-client"))
    write_token_key(folders.certificates)
    for party in USERS:
        _write(folders.settings / f"{party.file}.conf", _kubeconfig(folders.certificates, party.file))


def write_settings(folders: Folders) -> None:
    """Write the configuration of containerd, the pod network, the kubelet and kube-proxy."""
    (folders.settings / "cni").mkdir(exist_ok=True)
    _write_text(folders.settings / "containerd.toml", _containerd(folders))
    _write(folders.settings / "cni" / "10-kc.conflist", _pod_network(folders))
    _write(folders.settings / "kubelet.yaml", _kubelet(folders))
    _write(folders.settings / "proxy.yaml", _kube_proxy(folders))
    # Empty: no name outside the cluster is to be resolved.
    _write_text(folders.settings / "resolv.conf", "")


def _kubeconfig(certificates: Path, user: str) -> Mapping[str, Any]:
    cluster = {"server": f"https://{ADDRESS}:6443", "certificate-authority": str(certificates / "ca.crt")}
    pair = {"client-certificate": str(certificates / f"{user}.crt"), "client-key": str(certificates / f"{user}.key")}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "k",
        "contexts": [{"name": "k", "context": {"cluster": "k", "user": "u"}}],
        "users": [{"name": "u", "user": pair}],
        "clusters": [{"name": "k", "cluster": cluster}],
    }


def _containerd(folders: Folders) -> str:
    # `restrict_oom_score_adj`: inside a container runc may not lower it below what the caller has.
    return f"""\
version = 2
root = "{folders.data}/containerd"
state = "{folders.run}/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", \
"io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs"]
grpc = {{address = "{folders.containerd}"}}
[plugins."io.containerd.internal.v1.opt"]
path = "{folders.data}/opt"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{PAUSE_IMAGE}"
restrict_oom_score_adj = true
cni = {{bin_dir = "/usr/lib/cni", conf_dir = "{folders.settings}/cni"}}
"""


def _pod_network(folders: Folders) -> Mapping[str, Any]:
    addresses = {"type": "host-local", "dataDir": f"{folders.data}/cni", "ranges": [[{"subnet": POD_NETWORK}]]}
    bridge = {
        "type": "bridge",
        "bridge": "cni0",
        "isGateway": True,
        "isDefaultGateway": True,
        # NetworkPolicies judge the pods' own addresses, which must not be hidden on the way.
        "ipMasq": False,
        "hairpinMode": True,
        "ipam": addresses,
    }
    return {"cniVersion": "1.0.0", "name": "kc", "plugins": [bridge]}


def _kubelet(folders: Folders) -> Mapping[str, Any]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": ADDRESS,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(folders.certificates / "ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "cgroupDriver": "cgroupfs",
        "failCgroupV1": False,
        "failSwapOn": False,
        "clusterDNS": [DNS_ADDRESS],
        "clusterDomain": "cluster.local",
        "seccompDefault": True,
        "containerRuntimeEndpoint": f"unix://{folders.containerd}",
        "resolvConf": str(folders.settings / "resolv.conf"),
        "tlsCertFile": str(folders.certificates / "kubelet.crt"),
        "tlsPrivateKeyFile": str(folders.certificates / "kubelet.key"),
        "podLogsDir": str(folders.logs / "pods"),
        "volumePluginDir": str(folders.data / "volplugins"),
        # The images were imported and cannot be pulled again: they are never collected for want of room.
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
    }


def _kube_proxy(folders: Folders) -> Mapping[str, Any]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "iptables",
        "clusterCIDR": POD_NETWORK,
        "hostnameOverride": NODE,
        "clientConnection": {"kubeconfig": str(folders.settings / "proxy.conf")},
        # These are the machine's, not the namespace's, and are left as they are.
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
    }


def _write(path: Path, content: Mapping[str, Any]) -> None:
    _write_text(path, json.dumps(content, indent=2) + "\n")


def _write_text(path: Path, text: str) -> None:
    # Only when it differs: kube-proxy ends when its configuration is written again.
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
