#!/bin/sh
# Starts the Worker in workerd. A secret may come from the file that NAME_FILE names (a Compose or Kubernetes secret).
# ISARTOR_EDGE_PORT is a port, or an address and a port: 8787 on every address by default.
set -eu

for name in ISARTOR__GATEWAY_API_KEY ISARTOR__AUTH__KEYS ISARTOR__EDGE_SECRET ISARTOR__OTEL_EXPORTER_HEADERS UPSTASH_REDIS_REST_TOKEN; do
  # The names are the five above: nothing of the environment's own is evaluated.
  eval "value=\${$name:-} file=\${${name}_FILE:-}"
  if [ -z "$value" ] && [ -n "$file" ]; then
    value=$(cat -- "$file") || { echo "isartor: ${name}_FILE cannot be read" >&2; exit 78; }
    export "$name=$value"
  fi
done

listen=${ISARTOR_EDGE_PORT:-8787}
case $listen in
  *:*) ;;
  *) listen="*:$listen" ;;
esac
exec workerd serve "${ISARTOR_EDGE_CONFIG:-/app/workerd.capnp}" --socket-addr "http=$listen"
