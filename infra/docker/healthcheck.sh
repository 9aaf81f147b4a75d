#!/usr/bin/env bash
# healthcheck ADDRESS: is /healthz answered with 200? ADDRESS is a port, or an address and a port of which the port counts.
# In bash alone, so that an image needs no curl and a check costs no second Node.
set -euo pipefail
exec 3<>"/dev/tcp/127.0.0.1/${1##*:}"
printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r -t 2 _ status _ <&3
[ "$status" = 200 ]
