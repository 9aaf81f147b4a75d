#!/usr/bin/env bash
# Checks what infra/ ships for Kubernetes with the tools of the trade, in seconds once they are there: rendered by
# kubectl's kustomize and by helm, valid for the oldest and the newest Kubernetes and for the operators' resources,
# refused where it should be refused. What a table can say is in infra/conformance, which `npm test` runs; our policies and
# the values that the chart refuses are asked here too. A check whose tool is missing is skipped loudly, and fails with CI set.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

tools=$(bash infra/tools/install.sh)
installed=$?
export PATH="$tools:$PATH"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=()
[ "$installed" -eq 0 ] || failed+=('infra/tools/install.sh')

has() { command -v "$1" >/dev/null; }

# Runs a check when its tools are there: name, tools, command.
check() {
  local name=$1 tool began=$SECONDS
  for tool in $2; do
    has "$tool" || [ -d "$tools/$tool" ] || {
      echo "SKIPPED  $name: there is no $tool"
      [ -z "${CI:-}" ] || failed+=("$name")
      return
    }
  done
  if "${@:3}" >"$work/output" 2>&1; then
    printf 'ok       %s (%d s)\n' "$name" $((SECONDS - began))
  else
    cat "$work/output"
    echo "FAILED   $name"
    failed+=("$name")
  fi
}

layers=$(cd infra/k8s && echo base overlays/*)

render_layer() {
  if has kubectl; then kubectl kustomize "infra/k8s/$1"; else kustomize build "infra/k8s/$1"; fi
}

render_kustomize() {
  local layer
  mkdir -p "$work/manifests"
  for layer in $layers; do
    render_layer "$layer" >"$work/manifests/kustomize-${layer##*/}.yaml" || return 1
  done
  cp infra/k8s/cluster/cluster-issuer.yaml infra/k8s/cluster/gateway-class.yaml "$work/manifests/"
}

chart=infra/helm/isartor

render_chart() {
  local values name
  mkdir -p "$work/manifests"
  for values in "$chart/values.yaml" "$chart"/ci/*.yaml "$chart"/examples/*/values.yaml; do
    name=$(tr '/' '-' <<<"${values#"$chart"/}")
    helm template isartor "$chart" --namespace isartor --values "$values" >"$work/manifests/helm-$name" || return 1
  done
}

lint_chart() { # by which Helm
  local values
  for values in "$chart"/ci/*.yaml "$chart"/examples/*/values.yaml; do
    "$1" lint "$chart" --strict --quiet --namespace isartor --values "$values" || return 1
  done
}

validate_against() { # the folder of one Kubernetes version's schemas
  local file='{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json'
  kubeconform -strict -summary -n 2 -schema-location "$1/$file" -schema-location "$tools/schemas/crds/$file" "$work/manifests"
}

# A check that lets everything pass is none: a field that there is none of must be refused.
refuses_unknown_fields() {
  mkdir "$work/wrong"
  sed 's/preStop:/preeStop:/' "$work/manifests/kustomize-base.yaml" >"$work/wrong/field.yaml"
  sed 's/minReplicaCount:/minReplicasCount:/' "$work/manifests/kustomize-keda.yaml" >"$work/wrong/custom-resource.yaml"
  local file='{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json' wrong
  for wrong in "$work"/wrong/*.yaml; do
    if kubeconform -strict -schema-location "$1/$file" -schema-location "$tools/schemas/crds/$file" "$wrong"; then
      echo "$wrong was let through"
      return 1
    fi
  done
}

check 'yamllint' yamllint yamllint --strict -c infra/yamllint.yaml infra/k8s infra/helm infra/otel infra/grafana infra/yamllint.yaml
check 'images, scripts, workflows, Compose files' 'hadolint shellcheck promtool actionlint' bash infra/docker/check.sh
has kubectl && kustomize=kubectl || kustomize=kustomize
check 'kustomize build' "$kustomize" render_kustomize
check 'helm lint' helm lint_chart helm
check 'helm template' helm render_chart
conformance() { # the tests of these names
  node_modules/.bin/vitest run --root infra "${@/%/.test.ts}"
}

with_oldest_helm() { ISARTOR_HELM=helm-oldest "$@"; }
if has helm-oldest; then
  check 'helm 3.12 lint' helm-oldest lint_chart helm-oldest
  check 'helm 3.12 renders and refuses alike' helm-oldest with_oldest_helm conformance chart
else
  echo 'NOT RUN  helm 3.12: bash infra/tools/install.sh helm-oldest builds it (some minutes, once)'
fi
if has otelcol; then
  check 'collector configurations' otelcol bash infra/otel/check.sh
else
  echo 'NOT RUN  collector configurations: bash infra/tools/install.sh otelcol builds the collector (some minutes, once)'
fi
check 'rules and alerts' promtool bash infra/grafana/check.sh
check 'policies, flows, values refused' "helm $kustomize" conformance policies pod-security network-policies chart
check 'helm unittest' helm-unittest helm-unittest --strict "$chart"
for schemas in "$tools"/schemas/kubernetes-*; do
  check "kubeconform ${schemas##*/}" "schemas kubeconform $kustomize" validate_against "$schemas"
done
check 'kubeconform refuses' "schemas kubeconform $kustomize" refuses_unknown_fields "$schemas"

if [ ${#failed[@]} -gt 0 ]; then
  printf 'check:infra failed: %s\n' "${failed[*]}"
  exit 1
fi
