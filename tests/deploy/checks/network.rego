# Who talks to whom. TLS on both hops with pinned names, nothing but HTTPS outside, and a NetworkPolicy for every pod.
package deploy

_needed := {
	"edge": {
		"TLS_CERT_FILE", "TLS_KEY_FILE", "POLICY_CA_FILE", "POLICY_CERT_FILE", "POLICY_KEY_FILE", "POLICY_SAN",
	},
	"policy": {"TLS_CERT_FILE", "TLS_KEY_FILE", "CLIENT_CA_FILE", "CLIENT_SAN"},
}

violation contains in_container("PLAINTEXT", each) if {
	some each in containers
	some name in _needed[each.container.name]
	object.get({"value": setting(each.container, _prefixed(each, name))}, "value", "") == ""
}

violation contains in_container("PLAINTEXT", each) if {
	some each in containers
	some name in _needed[each.container.name]
	not setting(each.container, _prefixed(each, name))
}

violation contains in_container("PLAINTEXT", each) if {
	some each in containers
	setting(each.container, "PLACET_EDGE_PLAINTEXT") != "false"
}

_prefixed(each, name) := sprintf("PLACET_%s_%s", [upper(each.container.name), name])

# Each side pins the name that is in the other's certificate, and the two differ.
violation contains in_container("NAME_NOT_PINNED", each) if {
	some each in containers
	setting(each.container, "PLACET_EDGE_POLICY_SAN") in _names("client auth")
}

violation contains in_container("NAME_NOT_PINNED", each) if {
	some each in containers
	setting(each.container, "PLACET_POLICY_CLIENT_SAN") in _names("server auth")
}

violation contains in_container("NAME_NOT_PINNED", each) if {
	some each in containers
	some other in containers
	setting(each.container, "PLACET_EDGE_POLICY_SAN") == setting(other.container, "PLACET_POLICY_CLIENT_SAN")
}

_names(usage) := {name |
	some manifest in input
	manifest.kind == "Certificate"
	usage in manifest.spec.usages
	some name in manifest.spec.dnsNames
}

violation contains finding("INSIDE_PORT_OUTSIDE", manifest.metadata.name) if {
	some manifest in input
	manifest.kind == "Service"
	manifest.spec.type in {"LoadBalancer", "NodePort"}
	some port in manifest.spec.ports
	port.targetPort != "https"
}

violation contains finding("POLICY_SERVICE_NOT_HEADLESS", manifest.metadata.name) if {
	some manifest in input
	manifest.kind == "Service"
	some port in manifest.spec.ports
	port.targetPort == "grpc"
	object.get(manifest.spec, "clusterIP", "") != "None"
}

violation contains finding("NO_NETWORK_POLICY", name) if {
	some name, pod in pods
	not _isolated(pod)
}

_isolated(pod) if {
	some manifest in input
	manifest.kind == "NetworkPolicy"
	{"Ingress", "Egress"} == {kind | some kind in manifest.spec.policyTypes}
	selects(manifest.spec.podSelector, pod)
}

# Exactly the peers that are meant: a rule without peers or ports, or with everybody, is a door.
violation contains finding("NETWORK_OPEN", manifest.metadata.name) if {
	some manifest in input
	manifest.kind == "NetworkPolicy"
	some [peers, rule] in _rules(manifest)
	not _narrow(rule, peers)
}

violation contains finding("NETWORK_OPEN", manifest.metadata.name) if {
	some manifest in input
	manifest.kind == "NetworkPolicy"
	some [peers, rule] in _rules(manifest)
	some peer in rule[peers]
	_everybody(peer)
}

_rules(manifest) := [["from", rule] | some rule in manifest.spec.ingress] if {
	not manifest.spec.egress
} else := array.concat(
	[["from", rule] | some rule in object.get(manifest.spec, "ingress", [])],
	[["to", rule] | some rule in manifest.spec.egress],
)

_narrow(rule, peers) if {
	count(rule[peers]) > 0
	count(rule.ports) > 0
}

_everybody(peer) if endswith(peer.ipBlock.cidr, "/0")

_everybody(peer) if {
	some selector in ["podSelector", "namespaceSelector"]
	peer[selector] == {}
}

# The edge asks names and the policy tier; the policy tier and its migration ask names and one database.
violation contains finding("TIER_REACHES_MORE", name) if {
	some name, pod in pods
	component(pod) == "edge"
	some rule in _egress(pod)
	some port in rule.ports
	port.port != 53
	not _to_the_policy_tier(rule)
}

_to_the_policy_tier(rule) if {
	{"grpc"} == {port.port | some port in rule.ports}
	{"policy"} == {to | some peer in rule.to; to := object.get(peer, ["podSelector", "matchLabels", "app.kubernetes.io/component"], "")}
}

violation contains finding("TIER_REACHES_MORE", name) if {
	some name, pod in pods
	component(pod) in {"policy", "migration"}
	count({port.port | some rule in _egress(pod); some port in rule.ports; port.port != 53}) > 1
}

_egress(pod) := [rule |
	some manifest in input
	manifest.kind == "NetworkPolicy"
	selects(manifest.spec.podSelector, pod)
	some rule in manifest.spec.egress
]

# A pod of `helm test` asks where nodes ask, and nowhere else; nobody asks it.
violation contains finding("TEST_REACHES_MORE", name) if {
	some name, pod in pods
	component(pod) == "test"
	some manifest in input
	manifest.kind == "NetworkPolicy"
	selects(manifest.spec.podSelector, pod)
	_more_than_the_edge(manifest.spec)
}

_more_than_the_edge(spec) if spec.ingress

_more_than_the_edge(spec) if {
	some rule in spec.egress
	some port in rule.ports
	not port.port in {"https", 53}
}

_more_than_the_edge(spec) if {
	some rule in spec.egress
	some port in rule.ports
	port.port == "https"
	some peer in rule.to
	object.get(peer, ["podSelector", "matchLabels", "app.kubernetes.io/component"], "") != "edge"
}

# A pod without an owner is there for `helm test`, which makes it anew; anything else would not come back.
violation contains finding("POD_WITHOUT_OWNER", manifest.metadata.name) if {
	some manifest in input
	manifest.kind == "Pod"
	object.get(manifest.metadata, ["annotations", "helm.sh/hook"], "") != "test"
}

# Only the edge may be asked from outside the release, and only by edges is the policy tier asked.
violation contains finding("POLICY_ASKED_BY_OTHERS", manifest.metadata.name) if {
	some manifest in input
	manifest.kind == "NetworkPolicy"
	some rule in manifest.spec.ingress
	some port in rule.ports
	port.port == "grpc"
	some peer in rule.from
	object.get(peer, ["podSelector", "matchLabels", "app.kubernetes.io/component"], "") != "edge"
}
