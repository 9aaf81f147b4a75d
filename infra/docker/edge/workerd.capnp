# The self-hosted edge: the Worker that `wrangler deploy` uploads, in workerd alone. Settings come from the process's
# environment, name by name, so that no secret is written to a file or a command line; a name that is not set is no setting.
# ../images.test.ts holds date, flags and names to edge/wrangler.jsonc and to what the Worker reads.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "edge", worker = .edge),
    # The core and the Redis REST server are private addresses, a core elsewhere is a public one.
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
  ],
  # entrypoint.sh says where.
  sockets = [(name = "http", http = (), service = "edge")],
);

const edge :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-11-02",
  compatibilityFlags = ["nodejs_compat", "enable_request_signal"],
  bindings = [
    (name = "ISARTOR__CORE_URL", fromEnvironment = "ISARTOR__CORE_URL"),
    (name = "ISARTOR__AUTH__MODE", fromEnvironment = "ISARTOR__AUTH__MODE"),
    (name = "ISARTOR__CACHE_MODE", fromEnvironment = "ISARTOR__CACHE_MODE"),
    (name = "ISARTOR__CACHE_TTL_SECS", fromEnvironment = "ISARTOR__CACHE_TTL_SECS"),
    (name = "ISARTOR__CACHE_NAMESPACE", fromEnvironment = "ISARTOR__CACHE_NAMESPACE"),
    (name = "ISARTOR__CACHE_SHARE_USERS", fromEnvironment = "ISARTOR__CACHE_SHARE_USERS"),
    (name = "ISARTOR__CACHE_SAMPLED", fromEnvironment = "ISARTOR__CACHE_SAMPLED"),
    (name = "ISARTOR__CLOCKS__FIRST_BYTE_SECS", fromEnvironment = "ISARTOR__CLOCKS__FIRST_BYTE_SECS"),
    (name = "ISARTOR__CORS_ORIGINS", fromEnvironment = "ISARTOR__CORS_ORIGINS"),
    (name = "ISARTOR__EDGE_HEDGE_MS", fromEnvironment = "ISARTOR__EDGE_HEDGE_MS"),
    (name = "ISARTOR__ENABLE_MONITORING", fromEnvironment = "ISARTOR__ENABLE_MONITORING"),
    (name = "ISARTOR__OTEL_EXPORTER_ENDPOINT", fromEnvironment = "ISARTOR__OTEL_EXPORTER_ENDPOINT"),
    (name = "ISARTOR__OTEL_SAMPLE_RATIO", fromEnvironment = "ISARTOR__OTEL_SAMPLE_RATIO"),
    (name = "ISARTOR__REDIS_TIMEOUT_MS", fromEnvironment = "ISARTOR__REDIS_TIMEOUT_MS"),
    (name = "ISARTOR__UPSTASH_BASE64", fromEnvironment = "ISARTOR__UPSTASH_BASE64"),
    (name = "UPSTASH_REDIS_REST_URL", fromEnvironment = "UPSTASH_REDIS_REST_URL"),
    (name = "ISARTOR__GATEWAY_API_KEY", fromEnvironment = "ISARTOR__GATEWAY_API_KEY"),
    (name = "ISARTOR__AUTH__KEYS", fromEnvironment = "ISARTOR__AUTH__KEYS"),
    (name = "ISARTOR__EDGE_SECRET", fromEnvironment = "ISARTOR__EDGE_SECRET"),
    (name = "ISARTOR__OTEL_EXPORTER_HEADERS", fromEnvironment = "ISARTOR__OTEL_EXPORTER_HEADERS"),
    (name = "UPSTASH_REDIS_REST_TOKEN", fromEnvironment = "UPSTASH_REDIS_REST_TOKEN"),
  ],
);
