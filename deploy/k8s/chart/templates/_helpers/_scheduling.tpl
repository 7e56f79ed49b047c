{{/* Where pods run. Takes (dict "root" $ "component" "edge" "values" .Values.edge). */}}

{{- define "placet.scheduling" -}}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- $spread := list }}
{{- range $key, $wish := dict "topology.kubernetes.io/zone" .values.topologySpread.zone "kubernetes.io/hostname" .values.topologySpread.node }}
{{- if ne $wish "off" }}
{{- $spread = append $spread (dict "key" $key "wish" $wish) }}
{{- end }}
{{- end }}
{{- if $spread }}
topologySpreadConstraints:
  {{- range $spread }}
  - maxSkew: 1
    topologyKey: {{ .key }}
    whenUnsatisfiable: {{ .wish }}
    labelSelector:
      matchLabels:
        {{- include "placet.selectorLabels" $ | nindent 8 }}
    # Only the pods of the same revision count, or a rollout would be spread around the pods it replaces.
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}
{{- end }}
