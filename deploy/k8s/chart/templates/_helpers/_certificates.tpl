{{/* Certificates by cert-manager. Takes (dict "root" $ "component" "edge" "name" … "secret" … "usages" … "dnsNames" list). */}}

{{- define "placet.certificate" -}}
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  {{- include "placet.metadata" . | nindent 2 }}
spec:
  secretName: {{ .secret }}
  duration: {{ .root.Values.certManager.duration }}
  renewBefore: {{ .root.Values.certManager.renewBefore }}
  privateKey:
    algorithm: ECDSA
    size: 256
    rotationPolicy: Always
  usages: [{{ .usages }}]
  dnsNames:
    {{- range .dnsNames }}
    - {{ . | quote }}
    {{- end }}
  issuerRef:
    {{- toYaml .root.Values.certManager.issuer | nindent 4 }}
{{- end }}
