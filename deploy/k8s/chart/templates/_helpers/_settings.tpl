{{/* Settings as environment: `unreadySeconds` becomes PLACET_EDGE_UNREADY_SECONDS. Takes (dict "prefix" "PLACET_EDGE"
"settings" …). A changed setting changes the pod template, so no checksum annotation is needed for a rollout. */}}

{{- define "placet.settings" -}}
{{- range $name, $value := .settings }}
- name: {{ $.prefix }}_{{ $name | snakecase | upper }}
  {{- /* A number from a values file is a float, which YAML would write as 1e+06. */}}
  value: {{ kindIs "float64" $value | ternary ($value | toJson) ($value | toString) | quote }}
{{- end }}
{{- end }}

{{/* An address as `HOST:PORT` wants it: IPv6 in brackets. Takes (dict "host" "::" "port" 8282). */}}
{{- define "placet.hostPort" -}}
{{- if contains ":" .host }}[{{ .host }}]{{ else }}{{ .host }}{{ end }}:{{ .port }}
{{- end }}
