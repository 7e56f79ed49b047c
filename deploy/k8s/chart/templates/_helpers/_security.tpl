{{/* What the restricted Pod Security Standard asks for, and a read-only root on top. None of it is a value. */}}

{{- define "placet.podSecurity" -}}
# Service links would put PLACET_EDGE_PORT and the like into the environment, where unknown settings stop the start.
enableServiceLinks: false
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .Values.runAsUser }}
  runAsGroup: {{ .Values.runAsUser }}
  # Files of Secrets belong to this group; the services refuse a private key that everybody may read.
  fsGroup: {{ .Values.runAsUser }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- end }}

{{- define "placet.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end }}
