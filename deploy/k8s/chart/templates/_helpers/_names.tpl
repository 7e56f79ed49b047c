{{/* Names. A release named after the chart gives short names: `placet-edge`, not `placet-placet-edge`. */}}

{{- define "placet.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "placet.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains (include "placet.name" .) .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "placet.name" .) | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* Names of the certificates between the tiers, which differ between releases unless they are set: a pod of another
trust domain is then refused although one authority issued for both. */}}
{{- define "placet.mtls.edgeName" -}}
{{- default (printf "%s-edge-client.%s.svc" (include "placet.fullname" .) .Release.Namespace) .Values.mtls.edgeName }}
{{- end }}

{{- define "placet.mtls.policyName" -}}
{{- default (printf "%s-policy.%s.svc" (include "placet.fullname" .) .Release.Namespace) .Values.mtls.policyName }}
{{- end }}

{{/* Secrets with tls.crt, tls.key and ca.crt: named ones, or those that cert-manager fills. */}}
{{- define "placet.mtls.edgeSecret" -}}
{{- default (printf "%s-edge-mtls" (include "placet.fullname" .)) .Values.mtls.edgeSecret }}
{{- end }}

{{- define "placet.mtls.policySecret" -}}
{{- default (printf "%s-policy-mtls" (include "placet.fullname" .)) .Values.mtls.policySecret }}
{{- end }}

{{- define "placet.edge.tlsSecret" -}}
{{- default (printf "%s-edge-tls" (include "placet.fullname" .)) .Values.edge.tls.secret }}
{{- end }}

{{- define "placet.policy.ledgerClaim" -}}
{{- default (printf "%s-policy-ledger" (include "placet.fullname" .)) .Values.policy.ledger.sqlite.existingClaim }}
{{- end }}
