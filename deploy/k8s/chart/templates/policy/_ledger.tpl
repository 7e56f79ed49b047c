{{/* Where the ledger is, as settings of the policy tier and of its migration. */}}

{{- define "placet.policy.ledgerSettings" -}}
{{- if eq .Values.policy.ledger.type "sqlite" -}}
- name: PLACET_POLICY_LEDGER_URL
  value: sqlite:////var/lib/placet/ledger.sqlite
- name: PLACET_POLICY_LEDGER_MIGRATE
  value: at-start
{{- else -}}
{{- include "placet.policy.postgresSettings" .Values.policy.ledger.postgres }}
{{- end }}
{{- end }}

{{/* Takes {secret, urlKey, passwordKey, caKey}. */}}
{{- define "placet.policy.postgresSettings" -}}
- name: PLACET_POLICY_LEDGER_URL
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .urlKey }}
{{- if .passwordKey }}
- name: PLACET_POLICY_LEDGER_PASSWORD_FILE
  value: /etc/placet/ledger/password
{{- end }}
{{- end }}

{{/* The URL names the authority's file: `?sslrootcert=/etc/placet/ledger/ca.crt`. Takes the same. */}}
{{- define "placet.policy.ledgerVolume" -}}
secret:
  secretName: {{ .secret }}
  defaultMode: 0440
  items:
    {{- with .passwordKey }}
    - key: {{ . }}
      path: password
    {{- end }}
    {{- with .caKey }}
    - key: {{ . }}
      path: ca.crt
    {{- end }}
{{- end }}
