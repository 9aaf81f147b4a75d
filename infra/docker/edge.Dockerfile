# The self-hosted edge: the Worker that `wrangler deploy` uploads, in workerd alone. From the repository's root:
#   docker build -t your-registry.io/isartor-edge:v0.1.0 -f infra/docker/edge.Dockerfile .
# And the server through which it reads a Redis that has no REST address of its own (Compose only):
#   docker build -t your-registry.io/isartor-redis-rest:v0.1.0 -f infra/docker/edge.Dockerfile --target redis-rest .

# Debian with Node 24, for the build and for redis-rest.
ARG BASE=node:24.21.0-bookworm-slim
# workerd needs glibc, entrypoint and health check bash.
ARG EDGE_BASE=debian:12-slim

# hadolint ignore=DL3006
FROM ${BASE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY core/package.json core/
COPY edge/package.json edge/
COPY infra/package.json infra/
COPY shared/package.json shared/
RUN --mount=type=cache,target=/npm-cache \
    npm ci --cache /npm-cache --workspace=@isartor/edge --workspace=@isartor/shared --workspace=@isartor/infra --ignore-scripts
COPY tsconfig.json ./
COPY shared shared
COPY edge edge
COPY infra infra
ENV WRANGLER_SEND_METRICS=false CI=1
RUN npm run build --workspace=@isartor/edge && npm run build --workspace=@isartor/infra
# workerd of this machine's kind, and the authorities that Node trusts.
RUN mkdir /out \
    && cp node_modules/@cloudflare/workerd-linux-*/bin/workerd edge/dist/worker.js infra/docker/edge/workerd.capnp /out/ \
    && node -p "require('node:tls').rootCertificates.join('\n')" >/out/authorities.pem

# hadolint ignore=DL3006
FROM ${BASE} AS redis-rest
WORKDIR /app
COPY infra/docker/healthcheck.sh /usr/local/bin/healthcheck
COPY --from=build /app/infra/dist/redis-rest.cjs ./
ENV NODE_ENV=production
USER 1000:1000
EXPOSE 8079
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s --retries=3 CMD ["healthcheck", "8079"]
CMD ["node", "redis-rest.cjs"]
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="isartor-redis-rest" \
      org.opencontainers.image.description="Upstash's REST protocol in front of a Redis, for Isartor's self-hosted edge" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# hadolint ignore=DL3006
FROM ${EDGE_BASE} AS edge
WORKDIR /app
COPY infra/docker/healthcheck.sh /usr/local/bin/healthcheck
COPY infra/docker/edge/entrypoint.sh /usr/local/bin/isartor-edge
COPY --from=build /out/workerd /usr/local/bin/workerd
COPY --from=build /out/workerd.capnp /out/worker.js /out/authorities.pem ./
ENV SSL_CERT_FILE=/app/authorities.pem
USER 1000:1000
EXPOSE 8787
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s --retries=3 \
    CMD ["bash", "-c", "exec healthcheck \"${ISARTOR_EDGE_PORT:-8787}\""]
CMD ["isartor-edge"]
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="isartor-edge" \
      org.opencontainers.image.description="The self-hosted edge of Isartor, a prompt firewall" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
