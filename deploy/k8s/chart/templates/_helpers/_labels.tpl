{{/* Labels. Each takes (dict "root" $ "component" "edge"). */}}

{{- define "placet.selectorLabels" -}}
app.kubernetes.io/name: {{ include "placet.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "placet.labels" -}}
{{ include "placet.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: placet
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Pods have no label that changes with the chart's version, which alone must not replace them. */}}
{{- define "placet.podLabels" -}}
{{ include "placet.selectorLabels" . }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "placet.metadata" -}}
name: {{ include "placet.fullname" .root }}-{{ .name | default .component }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "placet.labels" . | nindent 2 }}
{{- end }}
