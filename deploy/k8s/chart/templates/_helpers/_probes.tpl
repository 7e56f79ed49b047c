{{/* Probes over HTTP on an internal port; kubelet's gRPC probes do not speak TLS. Takes (dict "port" "internal" "ready"
"/readyz" "live" "/livez"). The start-up and liveness probes ask for the process alone: a pod that cannot decide is
taken out of service by readiness and not restarted, which would only lose what it knows. A ledger on a busy database
may take its time to open, so a start has a minute; the edge's readiness asks the policy tier, for up to 3 s. */}}

{{- define "placet.probes" -}}
startupProbe:
  httpGet:
    path: {{ .live }}
    port: {{ .port }}
  periodSeconds: 1
  timeoutSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet:
    path: {{ .live }}
    port: {{ .port }}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
readinessProbe:
  httpGet:
    path: {{ .ready | quote }}
    port: {{ .port }}
  periodSeconds: 3
  timeoutSeconds: 4
  failureThreshold: 2
{{- end }}
