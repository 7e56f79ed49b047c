{{/* How pods come and go. Takes (dict "root" $ "component" "edge" "values" .Values.edge). */}}

{{- define "placet.replicas" -}}
{{- if .values.autoscaling.enabled }}
{{- /* The autoscaler owns the number. When it is enabled on a running release, leaving the field out would drop the
tier to one pod for a moment; so the present number is written down. There is none yet in `helm template`. */}}
{{- $live := lookup "apps/v1" "Deployment" .root.Release.Namespace (printf "%s-%s" (include "placet.fullname" .root) .component) }}
{{- with $live }}
replicas: {{ .spec.replicas }}
{{- end }}
{{- else }}
replicas: {{ .values.replicas }}
{{- end }}
{{- end }}

{{/* The whole time a pod may take to end: the sleep, the service's own drain, and a margin for OPA and the runtime. */}}
{{- define "placet.gracePeriod" -}}
{{- add .preStopSeconds (.settings.drainSeconds | default 20) 10 }}
{{- end }}

{{- define "placet.preStop" -}}
lifecycle:
  preStop:
    # Callers hear that a pod goes only after it was told to; until they did, it serves on. The image has no shell.
    sleep:
      seconds: {{ .preStopSeconds }}
{{- end }}
