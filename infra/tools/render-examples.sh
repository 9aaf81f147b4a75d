#!/usr/bin/env bash
# Renders the chart's examples anew, for git to show what a change of the chart changes for them.
#
#   render-examples.sh          writes examples/*/rendered/manifests.yaml
#   render-examples.sh FOLDER   writes FOLDER/<example>.yaml instead (the check compares them)
#
# HELM: the program; default helm
set -euo pipefail
chart=$(cd "$(dirname "${BASH_SOURCE[0]}")/../helm/isartor" && pwd)
for values in "$chart"/examples/*/values.yaml; do
  example=$(basename "$(dirname "$values")")
  target="${1:+$1/$example.yaml}"
  target="${target:-$chart/examples/$example/rendered/manifests.yaml}"
  mkdir -p "$(dirname "$target")"
  "${HELM:-helm}" template isartor "$chart" --namespace isartor --kube-version 1.28.0 --values "$values" >"$target"
done
