{{/* A pod that asks the edge as a TSS Node does, for `helm test`. The node's folder is laid out from a Secret and a
ConfigMap as the node's own package is. Takes (dict "root" $ "name" "test-ping" "request" "ping_type_only"). */}}

{{- define "placet.testPod" -}}
{{- $tests := .root.Values.tests }}
{{- $scope := dict "root" .root "component" "test" "name" .name }}
apiVersion: v1
kind: Pod
metadata:
  {{- include "placet.metadata" $scope | nindent 2 }}
  annotations:
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation
spec:
  restartPolicy: Never
  # Four tries with their pauses, and an image to pull.
  activeDeadlineSeconds: 180
  {{- include "placet.podSecurity" .root | nindent 2 }}
  {{- include "placet.imagePullSecrets" .root | nindent 2 }}
  containers:
    - name: test
      image: {{ include "placet.image" (dict "root" .root "image" $tests.image) }}
      imagePullPolicy: {{ $tests.image.pullPolicy }}
      {{- include "placet.containerSecurity" .root | nindent 6 }}
      args: [node, send, {{ .request }}, --node, /etc/placet/node, --ca, /etc/placet/node/ca.crt]
      resources:
        {{- toYaml $tests.resources | nindent 8 }}
      volumeMounts:
        - name: node
          mountPath: /etc/placet/node
          readOnly: true
  volumes:
    - name: node
      projected:
        defaultMode: 0440
        sources:
          - configMap:
              name: {{ include "placet.fullname" .root }}-test-node
              items: [{key: cobo-tss-node-config.yaml, path: configs/cobo-tss-node-config.yaml}]
          - secret:
              name: {{ $tests.secret }}
              items:
                - key: {{ $tests.nodeKey }}
                  path: db/tss-node-callback-pri.pem
                - key: {{ $tests.serverPublicKey }}
                  path: configs/callback-server-pub.key
                - key: {{ $tests.caKey }}
                  path: ca.crt
                {{- with .requestKey }}
                - key: {{ . }}
                  path: request.json
                {{- end }}
{{- end }}
