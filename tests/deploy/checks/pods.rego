# What a pod may do. The restricted Pod Security Standard, a read-only root, no token, bounded memory, files that
# update.
package deploy

violation contains finding("RUNS_AS_ROOT", name) if {
	some name, pod in pods
	not _not_root(pod.spec.securityContext)
}

_not_root(context) if {
	context.runAsNonRoot == true
	context.runAsUser > 0
	context.runAsGroup > 0
}

violation contains in_container("RUNS_AS_ROOT", each) if {
	some each in containers
	object.get(each.container.securityContext, "runAsUser", 1) == 0
}

violation contains finding("SECCOMP_MISSING", name) if {
	some name, pod in pods
	object.get(pod.spec, ["securityContext", "seccompProfile", "type"], "") != "RuntimeDefault"
}

violation contains in_container("ROOT_WRITABLE", each) if {
	some each in containers
	object.get(each.container, ["securityContext", "readOnlyRootFilesystem"], false) != true
}

violation contains in_container("MAY_GAIN_PRIVILEGES", each) if {
	some each in containers
	object.get(each.container, ["securityContext", "allowPrivilegeEscalation"], true) != false
}

violation contains in_container("MAY_GAIN_PRIVILEGES", each) if {
	some each in containers
	object.get(each.container, ["securityContext", "privileged"], false) != false
}

violation contains in_container("HAS_CAPABILITIES", each) if {
	some each in containers
	object.get(each.container, ["securityContext", "capabilities"], {}) != {"drop": ["ALL"]}
}

violation contains finding("USES_THE_HOST", name) if {
	some name, pod in pods
	some field in ["hostNetwork", "hostPID", "hostIPC"]
	object.get(pod.spec, field, false) != false
}

violation contains finding("USES_THE_HOST", name) if {
	some name, pod in pods
	some volume in pod.spec.volumes
	volume.hostPath
}

violation contains finding("TOKEN_MOUNTED", name) if {
	some name, pod in pods
	object.get(pod.spec, "automountServiceAccountToken", true) != false
}

violation contains finding("SERVICE_LINKS", name) if {
	some name, pod in pods
	object.get(pod.spec, "enableServiceLinks", true) != false
}

violation contains in_container("RESOURCES_MISSING", each) if {
	some each in containers
	not _bounded(each.container.resources)
}

_bounded(resources) if {
	resources.requests.cpu
	resources.requests.memory
	resources.limits.memory
}

violation contains in_container("MOUNTED_BY_SUBPATH", each) if {
	some each in containers
	some mount in each.container.volumeMounts
	some field in ["subPath", "subPathExpr"]
	mount[field]
}

violation contains in_container("MOUNT_WRITABLE", each) if {
	some each in containers
	some mount in each.container.volumeMounts
	mount.readOnly != true
	not _ledger_file(each.in, mount.name)
}

violation contains in_container("MOUNT_WRITABLE", each) if {
	some each in containers
	some mount in each.container.volumeMounts
	not "readOnly" in object.keys(mount)
	not _ledger_file(each.in, mount.name)
}

_ledger_file(spec, name) if {
	some volume in spec.volumes
	volume.name == name
	volume.persistentVolumeClaim
}

violation contains in_container("PROBE_MISSING", each) if {
	some each in serving
	some probe in ["startupProbe", "livenessProbe", "readinessProbe"]
	not each.container[probe].httpGet
}

# Ready means able to decide, which only the service's own answer tells.
violation contains in_container("READINESS_ASKS_LITTLE", each) if {
	some each in serving
	each.container.name != "opa"
	each.container.readinessProbe.httpGet.path != "/readyz"
}

# A process that is alive and cannot decide must be left alone: restarting it mends nothing.
violation contains in_container("LIVENESS_ASKS_OTHERS", each) if {
	some each in serving
	some probe in ["startupProbe", "livenessProbe"]
	not each.container[probe].httpGet.path in {"/livez", "/health"}
}
