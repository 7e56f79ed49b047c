# Who holds which secret. The key that answers nodes is the edge's alone, and no secret is written into a manifest.
package deploy

# The Secrets that hold a key which answers a node: those that an edge reads its server key from.
answering contains volume.secret.secretName if {
	some pod in pods
	some container in pod.spec.containers
	file := setting(container, "PLACET_EDGE_SERVER_KEY_FILE")
	some mount in container.volumeMounts
	startswith(file, sprintf("%s/", [mount.mountPath]))
	some volume in pod.spec.volumes
	volume.name == mount.name
}

violation contains finding("ANSWERING_KEY_OUTSIDE_THE_EDGE", name) if {
	some name, pod in pods
	component(pod) != "edge"
	count(secrets(pod) & answering) > 0
}

violation contains in_container("ANSWERING_KEY_OUTSIDE_THE_EDGE", each) if {
	some each in containers
	component(pods[each.pod]) != "edge"
	some variable in each.container.env
	startswith(variable.name, "PLACET_EDGE_")
}

violation contains in_container("ANSWERING_KEY_OUTSIDE_THE_EDGE", each) if {
	some each in containers
	component(pods[each.pod]) != "edge"
	some source in each.container.envFrom
	source
}

violation contains finding("EDGE_WITHOUT_ITS_KEY", name) if {
	some name, pod in pods
	component(pod) == "edge"
	count(answering) == 0
}

violation contains finding("LEDGER_SECRET_AT_THE_EDGE", name) if {
	some name, pod in pods
	component(pod) == "edge"
	some other in pods
	component(other) in {"policy", "migration"}
	count(secrets(pod) & secrets(other)) > 0
}

# One role for reading and adding, another that owns the tables.
violation contains finding("LEDGER_OWNED_BY_THE_TIER", name) if {
	some name, pod in pods
	component(pod) == "policy"
	some other in pods
	component(other) == "migration"
	count(secrets(pod) & secrets(other)) > 0
}

violation contains finding("SECRET_IN_THE_MANIFEST", manifest.metadata.name) if {
	some manifest in input
	manifest.kind == "Secret"
}

violation contains finding("SECRET_IN_THE_MANIFEST", manifest.metadata.name) if {
	some manifest in input
	walk(manifest, [_, value])
	is_string(value)
	regex.match(`-----BEGIN |://[^/@ ]*:[^/@ ]+@`, value)
}

# A private key that everybody in the pod may read; the services refuse it.
violation contains finding("SECRET_FILE_OPEN", name) if {
	some name, pod in pods
	some volume in pod.spec.volumes
	some kind in ["secret", "projected"]
	bits.and(object.get(volume[kind], "defaultMode", 420), 7) != 0
}

# A file may have a mode of its own, which wins.
violation contains finding("SECRET_FILE_OPEN", name) if {
	some name, pod in pods
	some volume in pod.spec.volumes
	some kind in ["secret", "projected"]
	walk(volume[kind], [_, item])
	bits.and(item.mode, 7) != 0
}

# The pods of `helm test` ask like a stranger: what a tier holds is not theirs.
violation contains finding("TEST_HOLDS_A_TIERS_SECRET", name) if {
	some name, pod in pods
	component(pod) == "test"
	some other in pods
	component(other) != "test"
	count(secrets(pod) & secrets(other)) > 0
}
