{{/* Labels that Helm's users look for. What selects pods is `app` alone. */}}
{{- define "isartor.labels" -}}
app.kubernetes.io/part-of: isartor
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* Metadata of an object: (list $ name app); app may be empty. */}}
{{- define "isartor.metadata" -}}
{{- $root := index . 0 -}}
name: {{ index . 1 }}
namespace: {{ $root.Release.Namespace }}
labels:
  {{- with index . 2 }}
  app: {{ . }}
  {{- end }}
  {{- include "isartor.labels" $root | nindent 2 }}
{{- end }}

{{/* Labels of a pod: (list $ app). In a mesh it says itself that it takes part: the namespace may be made by others. */}}
{{- define "isartor.podLabels" -}}
app: {{ index . 1 }}
{{- if eq (index . 0).Values.exposure "istio" }}
istio.io/dataplane-mode: ambient
{{- end }}
{{- end }}

{{/*
`replicas` of a Deployment: (list count autoscaled); null: none is said. None beside an autoscaler either: a number would set
the pool back at each upgrade, and Helm 4 could not roll back to a release that says one (a conflict with who scaled since).
*/}}
{{- define "isartor.replicas" -}}
{{- if not (or (index . 1) (kindIs "invalid" (index . 0))) -}}
replicas: {{ index . 0 }}
{{- end -}}
{{- end }}

{{/* `imagePullSecrets`: the Secrets' names; nothing where there are none. */}}
{{- define "isartor.imagePullSecrets" -}}
{{- with . -}}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{/* Annotations of what `helm test` makes before its pod, and takes away again. */}}
{{- define "isartor.testHook" -}}
helm.sh/hook: test
helm.sh/hook-weight: '-1'
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}

{{/* Security of a pod that `restricted` admits: its user's number. */}}
{{- define "isartor.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "isartor.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Over zones, then over hosts: the app. */}}
{{- define "isartor.spread" -}}
{{- $app := . -}}
{{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
- maxSkew: 1
  topologyKey: {{ . }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      app: {{ $app }}
{{- end }}
{{- end }}

{{- define "isartor.gatewayImage" -}}
{{- with .Values.gateway.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{- end -}}
{{- end -}}
{{- end }}

{{/* True where there is a Redis, in the cluster or outside. */}}
{{- define "isartor.hasRedis" -}}
{{- if or .Values.redis.enabled .Values.redis.external.secret }}true{{ end -}}
{{- end }}

{{/* The variables that the operator names, as JSON: the chart's own of these names are left out. */}}
{{- define "isartor.given" -}}
{{- $given := dict -}}
{{- range $name, $_ := .Values.gateway.settings }}{{- $_ := set $given $name "settings" }}{{- end -}}
{{- range .Values.gateway.extraEnv }}{{- $_ := set $given .name "extraEnv" }}{{- end -}}
{{- toJson $given -}}
{{- end }}

{{/* A variable out of a Secret: (list $ name secret key optional); nothing where the operator names it. */}}
{{- define "isartor.fromSecret" -}}
{{- if not (hasKey (include "isartor.given" (index . 0) | fromJson) (index . 1)) -}}
- name: {{ index . 1 }}
  valueFrom:
    secretKeyRef:
      name: {{ index . 2 }}
      key: {{ index . 3 }}
      {{- if index . 4 }}
      optional: true
      {{- end }}
{{- end -}}
{{- end }}

{{/* The settings that follow from the sections of the values, those of gateway.settings over them, without those of extraEnv. */}}
{{- define "isartor.settings" -}}
{{- $ns := .Release.Namespace -}}
{{- $computed := dict "ISARTOR__ROUTER_BACKEND" "none" "ISARTOR__CACHE_BACKEND" "memory" "ISARTOR__ENABLE_MONITORING" "false" -}}
{{- if include "isartor.hasRedis" . }}{{- $_ := set $computed "ISARTOR__CACHE_BACKEND" "redis" }}{{- end -}}
{{- if .Values.redis.enabled -}}
{{- $redis := empty .Values.redis.external.secret | ternary "ISARTOR__REDIS_URL" "ISARTOR__SEMANTIC_CACHE__REDIS_URL" -}}
{{- $_ := set $computed $redis (printf "redis://:$(REDIS_PASSWORD)@redis.%s:6379" $ns) -}}
{{- end -}}
{{- with .Values.inference }}{{- if .enabled -}}
{{- $_ := set $computed "ISARTOR__ROUTER_BACKEND" .backend -}}
{{- $_ := set $computed "ISARTOR__VLLM_URL" "http://isartor-inference:8081" -}}
{{- $_ := set $computed "ISARTOR__VLLM_MODEL" .servedModelName -}}
{{- $_ := set $computed "ISARTOR__LAYER2__SIDECAR_URL" "http://isartor-inference:8081" -}}
{{- $_ := set $computed "ISARTOR__LAYER2__MODEL_NAME" .servedModelName -}}
{{- end }}{{- end -}}
{{- with .Values.embedding }}{{- if .enabled -}}
{{- $_ := set $computed "ISARTOR__EMBEDDING_SIDECAR__SIDECAR_URL" "http://isartor-embedding:8082" -}}
{{- $_ := set $computed "ISARTOR__EMBEDDING_SIDECAR__MODEL_NAME" .modelName -}}
{{- end }}{{- end -}}
{{- if .Values.otelCollector.enabled -}}
{{- $_ := set $computed "ISARTOR__ENABLE_MONITORING" "true" -}}
{{- end -}}
{{- $_ := set $computed "ISARTOR__OTEL_EXPORTER_ENDPOINT" (printf "http://otel-collector.%s:4317" $ns) -}}
{{- $given := include "isartor.given" . | fromJson -}}
{{- range $name, $value := mergeOverwrite $computed .Values.gateway.settings }}
{{- if not (or (kindIs "invalid" $value) (eq (get $given $name) "extraEnv")) }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* Where callers come from, for the network policies. */}}
{{- define "isartor.ingressNamespace" -}}
{{- $by := dict "ingress" "ingress-nginx" "gatewayApi" "envoy-gateway-system" "istio" .Values.istio.gatewayNamespace "none" .Release.Namespace -}}
{{- .Values.networkPolicies.ingressNamespace | default (get $by .Values.exposure) -}}
{{- end }}

{{/* A rule of egress to the pods of an app: (list app port). */}}
{{- define "isartor.toPods" -}}
- to:
    - podSelector:
        matchLabels:
          app: {{ index . 0 }}
  ports:
    - protocol: TCP
      port: {{ index . 1 }}
{{- end }}

{{/* A rule of egress to everything that is not private, by HTTPS. */}}
{{- define "isartor.toInternet" -}}
- to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except:
          {{- toYaml .Values.networkPolicies.privateRanges | nindent 10 }}
    - ipBlock:
        cidr: ::/0
        except: ['fc00::/7', 'fe80::/10']
  ports:
    - protocol: TCP
      port: 443
{{- end }}

{{/* Bytes of a quantity of memory, as Kubernetes or Redis writes it. */}}
{{- define "isartor.bytes" -}}
{{- if kindIs "string" . -}}
{{- $units := dict "" 1 "m" 0.001 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- $units = merge $units (dict "kb" 1024 "mb" 1048576 "gb" 1073741824) -}}
{{- mulf (regexFind "^[0-9.]+" . | float64) (get $units (regexFind "[a-zA-Z]*$" .)) -}}
{{- else -}}
{{- . -}}
{{- end -}}
{{- end }}

{{/* Refuses what does not fit into a container's memory: (list $ section name quantity). */}}
{{- define "isartor.fits" -}}
{{- $limit := (get (index . 0).Values (index . 1)).resources.limits.memory -}}
{{- if ge (include "isartor.bytes" (index . 3) | float64) (include "isartor.bytes" $limit | float64) -}}
{{- fail (printf "%s.%s (%s) does not fit into %s.resources.limits.memory (%v)" (index . 1) (index . 2) (index . 3) (index . 1) $limit) -}}
{{- end -}}
{{- end }}

{{/* Refuses values that contradict each other, which the schema cannot see. */}}
{{- define "isartor.contradictions" -}}
{{- $autoscaled := dict "gateway" .Values.gateway.autoscaling.enabled -}}
{{- $_ := set $autoscaled "inference" (and .Values.inference.enabled (eq .Values.inference.autoscaling.mode "hpa")) -}}
{{- $_ := set $autoscaled "embedding" (and .Values.embedding.enabled .Values.embedding.autoscaling.enabled) -}}
{{- range $pool, $isAutoscaled := $autoscaled -}}
{{- with (get $.Values $pool).autoscaling -}}
{{- if and $isAutoscaled (gt (int .minReplicas) (int .maxReplicas)) -}}
{{- fail (printf "%s.autoscaling.minReplicas (%d) is more than maxReplicas (%d)" $pool (int .minReplicas) (int .maxReplicas)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- include "isartor.fits" (list . "gateway" "heapMiB" (printf "%dMi" (int .Values.gateway.heapMiB))) -}}
{{- if .Values.redis.enabled -}}
{{- include "isartor.fits" (list . "redis" "maxmemory" .Values.redis.maxmemory) -}}
{{- end -}}
{{- with .Values.gateway -}}
{{- range $name, $port := dict "ISARTOR__HOST_PORT" "8080" "ISARTOR__METRICS_PORT" "9464" -}}
{{- $value := get $.Values.gateway.settings $name | toString | replace "<nil>" "" | default $port -}}
{{- if ne (regexFind "[0-9]+$" $value) $port -}}
{{- fail (printf "gateway.settings.%s (%s): container, Service and policies have port %s" $name $value $port) -}}
{{- end -}}
{{- end -}}
{{- $grace := get .settings "ISARTOR__SHUTDOWN_GRACE_SECS" | toString | replace "<nil>" "" | default "30" | float64 -}}
{{- $needed := add 15 (ceil $grace) -}}
{{- if lt (int .terminationGracePeriodSeconds) (int $needed) -}}
{{- fail (printf "gateway.terminationGracePeriodSeconds (%d) is less than preStop and ISARTOR__SHUTDOWN_GRACE_SECS take: %d" (int .terminationGracePeriodSeconds) (int $needed)) -}}
{{- end -}}
{{- end -}}
{{- end }}
