#!/usr/bin/env bash
# Asks the real collector (otelcol on PATH; infra/tools/install.sh otelcol) whether it takes what stands here. Exporters that
# it does not have are replaced by one that does nothing, and named.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TRACES_ENDPOINT=jaeger:4317 AWS_REGION=eu-central-1 GOOGLE_CLOUD_PROJECT=p DD_SITE=datadoghq.eu DD_API_KEY=k \
  APPLICATIONINSIGHTS_CONNECTION_STRING='InstrumentationKey=k' NEW_RELIC_OTLP_ENDPOINT=https://otlp.nr-data.net \
  NEW_RELIC_LICENSE_KEY=k GRAFANA_CLOUD_OTLP_ENDPOINT=https://otlp.example.net/otlp GRAFANA_CLOUD_AUTHORIZATION='Basic k'

failed=0
for file in *.yaml ../docker/full/otel-collector.yaml; do
  config=$file
  absent=$(sed -n 's/^  \(awsxray\|awsemf\|googlecloud\|azuremonitor\|datadog\):$/\1/p' "$file")
  if [ -n "$absent" ]; then
    config="$work/$(basename "$file")"
    # Of an absent exporter's block nothing but its name is left.
    awk '/^[a-z]/ { inside = ($1 == "exporters:") } inside && /^  [a-z]/ { sub(/:.*/, ":"); print; next } !inside || /^[a-z]/' "$file" |
      sed -E 's/\b(awsxray|awsemf|googlecloud|azuremonitor|datadog)\b/nop/g' | awk '!(/^  nop:$/ && seen++)' >"$config"
    echo "not checked in $file: $(echo "$absent" | paste -sd ' ')"
  fi
  otelcol validate --config "$config" || { echo "refused: $file"; failed=1; }
done
# A check that lets everything pass is none.
sed 's/memory_limiter, batch/memory_limiter, bach/' daemonset.yaml >"$work/wrong.yaml"
if otelcol validate --config "$work/wrong.yaml" 2>/dev/null; then
  echo 'a processor that there is none of was let through'
  failed=1
fi
exit "$failed"
