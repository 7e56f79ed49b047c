# What the manifests hold. Helpers over the input, an array of Kubernetes objects, and the form of a finding. The
# checks are partial rules `violation`, each with a code; every code has a case in test_checks.py that provokes it.
package deploy

# Each pod, or template of pods: the object it belongs to, and its spec.
pods[name] := {"manifest": manifest, "labels": labels, "spec": template.spec} if {
	some manifest in input
	some template in [object.get(manifest, ["spec", "template"], {}), manifest]
	template.spec.containers
	labels := object.get(template, ["metadata", "labels"], {})
	name := sprintf("%s %s", [manifest.kind, manifest.metadata.name])
}

containers contains {"pod": name, "in": pod.spec, "container": container} if {
	some name, pod in pods
	some container in array.concat(object.get(pod.spec, "initContainers", []), pod.spec.containers)
}

# A service or OPA, which run on; a migration ends by itself.
serving contains each if {
	some each in containers
	startswith(each.pod, "Deployment ")
}

component(pod) := object.get(pod.labels, "app.kubernetes.io/component", "")

finding(code, where) := {"code": code, "where": where}

in_container(code, each) := finding(code, sprintf("%s, container %s", [each.pod, each.container.name]))

# The literal value of an environment variable.
setting(container, name) := value if {
	some variable in container.env
	variable.name == name
	value := variable.value
}

secrets(pod) := ({volume.secret.secretName | some volume in object.get(pod.spec, "volumes", [])} | {source.secret.name |
	some volume in pod.spec.volumes
	some source in volume.projected.sources
}) | {name |
	some each in pod.spec.containers
	some variable in object.get(each, "env", [])
	name := variable.valueFrom.secretKeyRef.name
}
