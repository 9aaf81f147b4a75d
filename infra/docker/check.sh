#!/usr/bin/env bash
# Checks, without running them: Dockerfiles, every shell script of the repository, workflows, Compose files and what
# Prometheus is given.
# Takes its tools from PATH (infra/tools/install.sh gets them). One that is missing is said, and fails where CI is set.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

failed=0
has() {
  command -v "$1" >/dev/null && return
  printf 'check.sh: MISSING: %s, so %s were not checked\n' "$1" "$2" >&2
  [ -z "${CI:-}" ] || failed=1
  return 1
}
passes() { "$@" || { failed=1; printf 'check.sh: FAILED: %s\n' "$*" >&2; }; }

mapfile -t scripts < <(git ls-files '*.sh' .ci/run)
mapfile -t workflows < <(git ls-files '.github/workflows/*.yml')
has hadolint Dockerfiles && passes hadolint infra/docker/Dockerfile infra/docker/edge.Dockerfile
has shellcheck 'shell scripts' && passes shellcheck "${scripts[@]}"
has promtool prometheus.yaml && passes promtool check config infra/docker/full/prometheus.yaml
has actionlint workflows && passes actionlint "${workflows[@]}"

compose() { # the program, or the plugin of Docker's
  if command -v docker-compose >/dev/null; then docker-compose "$@"; else docker compose "$@"; fi
}
if compose version >/dev/null 2>&1 || has docker-compose 'Compose files'; then
  for file in infra/docker/docker-compose*.yml; do passes compose -f "$file" config --quiet; done
fi
exit "$failed"
