{{/* Autoscaling and disruption. The load of one container decides, so that a tier reacts to its own work. Takes (dict "root" $ "component" "edge"
"values" .Values.edge). */}}

{{- define "placet.autoscaler" -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "placet.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "placet.fullname" .root }}-{{ .component }}
  minReplicas: {{ .values.autoscaling.minReplicas }}
  maxReplicas: {{ .values.autoscaling.maxReplicas }}
  metrics:
    - type: ContainerResource
      containerResource:
        container: {{ .component }}
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ .values.autoscaling.cpuPercent }}
  behavior:
    scaleUp:
      stabilizationWindowSeconds: 0
    scaleDown:
      # Longer than a policy server's connections live, so that a shrinking tier does not chase its own balance.
      stabilizationWindowSeconds: 300
{{- end }}

{{- define "placet.disruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "placet.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ .values.disruptionBudget.maxUnavailable }}
  # A pod that cannot decide anyway must not keep a machine from being drained.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "placet.selectorLabels" . | nindent 6 }}
{{- end }}
