# OPA beside the policy service. A native sidecar whose API is on loopback and locked, and whose start waits for
# nothing.
package deploy

opas contains each if {
	some each in containers
	each.container.name == "opa"
}

violation contains finding("OPA_IS_NO_SIDECAR", name) if {
	some name, pod in pods
	component(pod) == "policy"
	not _sidecar(pod)
}

_sidecar(pod) if {
	some container in pod.spec.initContainers
	container.name == "opa"
	container.restartPolicy == "Always"
}

violation contains in_container("OPA_BEYOND_LOOPBACK", each) if {
	some each in opas
	_addresses(each) != ["127.0.0.1:8181"]
}

_addresses(each) := [address |
	some position, argument in each.container.args
	argument in {"--addr", "-a"}
	address := each.container.args[position + 1]
]

violation contains in_container("OPA_BEYOND_LOOPBACK", each) if {
	some each in opas
	some port in each.container.ports
	port.containerPort == 8181
}

# The service asks the OPA of its own pod and no other.
violation contains in_container("OPA_BEYOND_LOOPBACK", each) if {
	some each in containers
	setting(each.container, "PLACET_POLICY_OPA_URL") != "http://127.0.0.1:8181"
}

violation contains in_container("OPA_UNLOCKED", each) if {
	some each in opas
	not "--authorization=basic" in each.container.args
}

violation contains in_container("OPA_UNLOCKED", each) if {
	some each in opas
	each.container.args[count(each.container.args) - 1] != "/etc/placet/opa/authz.rego"
}

# The files come from the image: nothing may be mounted over them.
violation contains in_container("OPA_UNLOCKED", each) if {
	some each in opas
	count(object.get(each.container, "volumeMounts", [])) > 0
}

violation contains in_container("OPA_START_WAITS", each) if {
	some each in opas
	each.container.startupProbe.httpGet.path != "/health"
}

violation contains in_container("OPA_START_WAITS", each) if {
	some each in opas
	some argument in each.container.args
	contains(argument, "--ready-timeout")
}

violation contains in_container("OPA_READY_WITHOUT_BUNDLE", each) if {
	some each in opas
	each.container.readinessProbe.httpGet.path != "/health?bundles"
}
