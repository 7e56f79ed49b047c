# How pods come, go and stay. No gap in a rollout, an end that fits the drain, a budget for evictions, a stop that no
# release owns.
package deploy

violation contains finding("ROLLOUT_HAS_A_GAP", manifest.metadata.name) if {
	some manifest in input
	manifest.kind == "Deployment"
	not _gapless(manifest)
	not _one_file(manifest)
}

_gapless(manifest) if manifest.spec.strategy.rollingUpdate.maxUnavailable == 0

# A SQLite ledger is one file of one process.
_one_file(manifest) if {
	manifest.spec.strategy.type == "Recreate"
	manifest.spec.replicas == 1
	some volume in manifest.spec.template.spec.volumes
	volume.persistentVolumeClaim
}

violation contains finding("LEDGER_FILE_SHARED", manifest.metadata.name) if {
	some manifest in input
	manifest.kind == "Deployment"
	some volume in manifest.spec.template.spec.volumes
	volume.persistentVolumeClaim
	not _one_file(manifest)
}

# The sleep before SIGTERM and the service's own drain have to be over before the pod is killed.
violation contains in_container("KILLED_WHILE_DRAINING", each) if {
	some each in serving
	drain := setting(each.container, sprintf("PLACET_%s_DRAIN_SECONDS", [upper(each.container.name)]))
	sleep := object.get(each.container, ["lifecycle", "preStop", "sleep", "seconds"], 0)
	each.in.terminationGracePeriodSeconds < (to_number(drain) + sleep) + 5
}

violation contains in_container("STOPS_AT_ONCE", each) if {
	some each in serving
	each.container.name != "opa"
	object.get(each.container, ["lifecycle", "preStop", "sleep", "seconds"], 0) < 1
}

violation contains finding("NO_DISRUPTION_BUDGET", name) if {
	some name, pod in pods
	startswith(name, "Deployment ")
	object.get(pod.manifest.spec, "replicas", 2) > 1
	not _budgeted(pod)
}

_budgeted(pod) if {
	some manifest in input
	manifest.kind == "PodDisruptionBudget"
	selects(manifest.spec.selector, pod)
}

violation contains finding("AUTOSCALER_OVERRULED", manifest.metadata.name) if {
	some manifest in input
	manifest.kind == "HorizontalPodAutoscaler"
	some pod in pods
	pod.manifest.metadata.name == manifest.spec.scaleTargetRef.name
	pod.manifest.spec.replicas
}

# Pods of one tier on one machine, or in one zone, go together. Only those of one revision are counted, or a rollout
# would be spread around the pods that it replaces.
violation contains finding("NOT_SPREAD", name) if {
	some name, pod in pods
	startswith(name, "Deployment ")
	not _spread(pod)
}

_spread(pod) if {
	some constraint in pod.spec.topologySpreadConstraints
	constraint.matchLabelKeys == ["pod-template-hash"]
	selects(constraint.labelSelector, pod)
}

# A release that owned the stop could lift it by an upgrade or a rollback.
violation contains finding("STOP_OWNED", manifest.metadata.name) if {
	some manifest in input
	manifest.kind == "ConfigMap"
	some pod in pods
	some volume in pod.spec.volumes
	volume.name == "stop"
	volume.configMap.name == manifest.metadata.name
}

violation contains finding("STOP_NOT_WATCHED", name) if {
	some name, pod in pods
	component(pod) == "policy"
	not _watches_stop(pod)
}

_watches_stop(pod) if {
	some volume in pod.spec.volumes
	volume.name == "stop"
	volume.configMap.optional == true
	some container in pod.spec.containers
	some mount in container.volumeMounts
	mount.name == "stop"
	setting(container, "PLACET_POLICY_STOP_FILE") == sprintf("%s/stop", [mount.mountPath])
}

selects(selector, pod) if {
	count(selector.matchLabels) > 0
	every key, value in selector.matchLabels {
		pod.labels[key] == value
	}
}
