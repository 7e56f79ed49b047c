{{/* Scrapes. Each takes (dict "root" $ "component" "edge" "ports" list); ports are names for the monitor, and name and
number for the service. */}}

{{- define "placet.serviceMonitor" -}}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  {{- include "placet.metadata" . | nindent 2 }}
  {{- with .root.Values.serviceMonitor.labels }}
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  selector:
    matchLabels:
      {{- include "placet.selectorLabels" . | nindent 6 }}
      placet/metrics: "true"
  endpoints:
    {{- range .ports }}
    - port: {{ . }}
      interval: {{ $.root.Values.serviceMonitor.interval }}
    {{- end }}
{{- end }}

{{- define "placet.metricsService" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "placet.metadata" (merge (dict "name" (printf "%s-metrics" .component)) .) | nindent 2 }}
    placet/metrics: "true"
spec:
  clusterIP: None
  # Pods that are not ready are the ones whose metrics are wanted most.
  publishNotReadyAddresses: true
  selector:
    {{- include "placet.selectorLabels" . | nindent 4 }}
  ports:
    {{- range .ports }}
    - name: {{ .name }}
      port: {{ .port }}
      targetPort: {{ .name }}
      protocol: TCP
    {{- end }}
{{- end }}
