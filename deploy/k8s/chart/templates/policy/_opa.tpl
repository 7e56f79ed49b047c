{{/* OPA beside the policy service: a native sidecar, so it starts before and ends after it. Same image; its
configuration and authorization are files of the image, written by `placet_policy opa-config` when it is built. The
arguments are what that command prints, which a test compares. */}}

{{- define "placet.policy.opa" -}}
- name: opa
  image: {{ include "placet.image" (dict "root" $ "image" .Values.policy.image) }}
  imagePullPolicy: {{ .Values.policy.image.pullPolicy }}
  restartPolicy: Always
  {{- include "placet.containerSecurity" . | nindent 2 }}
  command: [/usr/local/bin/opa]
  args:
    - run
    - --server
    - --addr
    - 127.0.0.1:8181
    - --diagnostic-addr
    - {{ include "placet.hostPort" (dict "host" .Values.bindAddress "port" 8282) | quote }}
    - --authorization=basic
    - --config-file
    - /etc/placet/opa/config.yaml
    - --log-format
    - json
    - --log-level
    - error
    - --skip-version-check
    - /etc/placet/opa/authz.rego
  ports:
    - name: opa-diagnostic
      containerPort: 8282
  {{- /* Only readiness asks for the bundle: it comes from the main container, which starts after the start-up probe. */}}
  {{- include "placet.probes" (dict "port" "opa-diagnostic" "live" "/health" "ready" "/health?bundles") | nindent 2 }}
  resources:
    {{- toYaml .Values.policy.opa.resources | nindent 4 }}
{{- end }}
