import type { Dashboard, Panel, Query } from './dashboard.ts';

const quantile = (of: number, histogram: string, by: string): string =>
  `histogram_quantile(${of}, sum by (le${by === '' ? '' : `, ${by}`}) (rate(${histogram}_bucket[5m])))`;

const quantiles = (histogram: string): Query[] =>
  [0.5, 0.95, 0.99].map((of) => [quantile(of, histogram, ''), `p${of * 100}`] as const);

const DEFLECTION: Panel = {
  title: 'Deflected',
  unit: 'percentunit',
  help: 'Share of requests that a cache or the small model answered well (2xx from l1a, l1b, l2).',
  queries: [['isartor:deflected:ratio_rate5m', 'deflected']],
};
const REQUEST_RATE: Panel = {
  title: 'Requests by the layer that answered',
  unit: 'reqps',
  help: 'What never reaches l3 is not paid for. `none`: refused before any layer, or failed.',
  queries: [['sum by (layer) (rate(isartor_requests_total[5m]))', '{{layer}}']],
};
const LATENCY: Panel = {
  title: 'Duration of requests',
  unit: 's',
  help: 'From a request to its end; streams count until they end.',
  queries: quantiles('isartor_request_duration_seconds'),
};
const ERROR_RATIO: Panel = {
  title: 'Failed',
  unit: 'percentunit',
  help: 'Share of requests that ended in a 5xx or broke off. What callers did wrong does not count.',
  queries: [['isartor:failed:ratio_rate5m', 'failed']],
};
const HIT_RATE: Panel = {
  title: 'Hit rate of the exact cache',
  unit: 'percentunit',
  help: 'Of the look-ups. More room (ISARTOR__CACHE_MAX_CAPACITY, Redis maxmemory) helps while misses say `absent` soon after they were stored.',
  queries: [['isartor:exact_hits:ratio_rate5m', 'hits']],
};
const SAVED_USD: Panel = {
  title: 'Not spent',
  unit: 'currencyUSD',
  help: 'US dollars in the last 24 hours, by the price list, for answers from l1a, l1b and l2, and for those that were shared.',
  queries: [['sum(increase(isartor_cost_saved_usd_total[24h]))', 'saved']],
  stat: true,
};
const BREAKERS: Panel = {
  title: 'Breakers',
  unit: 'short',
  help: '0: closed, 1: half open, 2: open (nothing is even tried). By pod the worst.',
  queries: [['max by (breaker) (isartor_breaker_state)', '{{breaker}}']],
};
const REDIS_KEYS: Panel = {
  title: 'Redis keys',
  unit: 'short',
  help: 'Entries of both caches, tenant records and flights. From redis_exporter.',
  queries: [['sum(redis_db_keys)', 'keys']],
};
const REDIS_MEMORY: Panel = {
  title: 'Redis memory',
  unit: 'bytes',
  help: 'Past its maximum the least recently used entries go (volatile-lru). From redis_exporter.',
  queries: [
    ['sum(redis_memory_used_bytes)', 'used'],
    ['sum(redis_memory_max_bytes)', 'maximum'],
  ],
};
const REDIS_EVICTIONS: Panel = {
  title: 'Redis evictions',
  unit: 'ops',
  help: 'Entries that went before their time: more memory, or more nodes. From redis_exporter.',
  queries: [['sum(rate(redis_evicted_keys_total[5m]))', 'evicted']],
};
const GPU: Panel = {
  title: 'GPU utilisation',
  unit: 'percent',
  help: 'What the inference HPA scales on. From the DCGM exporter.',
  queries: [['avg by (pod) (DCGM_FI_DEV_GPU_UTIL)', '{{pod}}']],
};
const QUEUE: Panel = {
  title: 'Queue of the inference pool',
  unit: 'short',
  help: 'Requests that wait in the model servers, and those in the gateway that want the small model (what KEDA scales on).',
  queries: [
    ['sum(isartor:inference_queue)', 'in the pool'],
    ['sum(isartor_l2_pending_requests)', 'in the gateway'],
  ],
};
const REPLICAS: Panel = {
  title: 'Replicas',
  unit: 'short',
  help: 'Pods that are there. From kube-state-metrics.',
  queries: [['max by (deployment) (kube_deployment_status_replicas{deployment=~"isartor-.*"})', '{{deployment}}']],
};
const CPU: Panel = {
  title: 'CPU of the gateway',
  unit: 'short',
  help: 'Cores in use, by pod. The gateway HPA keeps it at 70 % of what is requested.',
  queries: [['sum by (instance) (rate(isartor_process_cpu_seconds_total[5m]))', '{{instance}}']],
};
const MEMORY: Panel = {
  title: 'Memory of the gateway',
  unit: 'bytes',
  help: 'Resident, by pod.',
  queries: [['max by (instance) (isartor_process_memory_bytes)', '{{instance}}']],
};
const burn = (window: string): Query => [`isartor:failed:ratio_rate${window} / 0.001`, window];

/** All pages. */
export const DASHBOARDS: readonly Dashboard[] = [
  {
    id: 'overview',
    title: 'overview',
    panels: [
      SAVED_USD,
      { ...DEFLECTION, stat: true },
      { ...ERROR_RATIO, stat: true },
      {
        title: 'In flight',
        unit: 'short',
        help: 'Requests in the gateway now.',
        queries: [['sum(isartor_requests_in_flight)', 'in flight']],
        stat: true,
      },
      REQUEST_RATE,
      DEFLECTION,
      LATENCY,
      ERROR_RATIO,
      {
        title: 'p95 by the layer that answered',
        unit: 's',
        help: 'A hit takes milliseconds. Where it does not, look at Redis and at the event loop.',
        queries: [[quantile(0.95, 'isartor_request_duration_seconds', 'layer'), '{{layer}}']],
      },
      {
        title: 'Delay of the event loop',
        unit: 's',
        help: 'p99 of the last 15 to 30 s, by pod: what every request waits when something keeps the process busy.',
        queries: [['max by (instance) (isartor_event_loop_delay_seconds{quantile="0.99"})', '{{instance}}']],
      },
    ],
  },
  {
    id: 'layers',
    title: 'layers',
    panels: [
      REQUEST_RATE,
      {
        title: 'Time in each layer, p95',
        unit: 's',
        help: 'Of the layer itself, the ones below it taken off.',
        queries: [[quantile(0.95, 'isartor_layer_duration_seconds', 'layer'), '{{layer}}']],
      },
      HIT_RATE,
      {
        title: 'Exact cache (L1a): what it did and why',
        unit: 'ops',
        help: 'absent: never asked, or expired and gone. epoch: purged. policy and the like: another configuration.',
        queries: [['sum by (event, why) (rate(isartor_cache_events_total[5m]))', '{{event}} {{why}}']],
      },
      {
        title: 'Semantic cache (L1b): what it did and why',
        unit: 'ops',
        help: 'In shadow: what it would have done. guarded: near enough, and a rule says it is another question.',
        queries: [['sum by (mode, event) (rate(isartor_semantic_events_total[5m]))', '{{mode}} {{event}}']],
      },
      {
        title: 'Small model (L2): where requests went and why',
        unit: 'ops',
        help: 'l3 with gate-…: its answer was not good enough. busy, failed, slow: the pool.',
        queries: [['sum by (route, why) (rate(isartor_l2_routes_total[5m]))', '{{route}} {{why}}']],
      },
      BREAKERS,
      {
        title: 'Caches and queues in the pods',
        unit: 'short',
        help: 'Entries of the memory caches, and texts that wait to be embedded.',
        queries: [
          ['sum(isartor_cache_entries) or vector(0)', 'exact entries in memory'],
          ['sum(isartor_vector_index_entries) or vector(0)', 'vectors in memory'],
          ['sum(isartor_embedding_queue)', 'texts to embed'],
        ],
      },
    ],
  },
  {
    id: 'cost',
    title: 'cost',
    panels: [
      SAVED_USD,
      {
        title: 'Tokens not asked for',
        unit: 'short',
        help: 'In the last 24 hours.',
        queries: [['sum(increase(isartor_tokens_saved_total[24h]))', 'tokens']],
        stat: true,
      },
      {
        title: 'Spent an hour, by provider and model',
        unit: 'currencyUSD',
        help: 'By the price list, or by ISARTOR__PRICES. Nothing for models without a price.',
        queries: [
          ['sum by (provider, model) (rate(isartor_cost_spent_usd_total[15m])) * 3600', '{{provider}} {{model}}'],
        ],
      },
      {
        title: 'Not spent an hour, by layer',
        unit: 'currencyUSD',
        help: 'By the price list. Nothing for models without a price.',
        queries: [['sum by (layer) (rate(isartor_cost_saved_usd_total[15m])) * 3600', '{{layer}}']],
      },
      {
        title: 'Tokens not asked for, by layer',
        unit: 'short',
        help: 'A second.',
        queries: [['sum by (layer, type) (rate(isartor_tokens_saved_total[5m]))', '{{layer}} {{type}}']],
      },
      {
        title: 'Tokens asked for, by model',
        unit: 'short',
        help: 'A second, as the models counted. Models that no configuration names are `other`.',
        queries: [
          [
            'sum by (gen_ai_request_model, gen_ai_token_type) (rate(gen_ai_client_token_usage_sum[5m]))',
            '{{gen_ai_request_model}} {{gen_ai_token_type}}',
          ],
        ],
      },
      {
        title: 'Calls to models',
        unit: 'ops',
        help: 'By provider; those with an error are paid for as far as the provider charges them.',
        queries: [
          [
            'sum by (gen_ai_provider_name, error_type) (rate(gen_ai_client_operation_duration_count[5m]))',
            '{{gen_ai_provider_name}} {{error_type}}',
          ],
        ],
      },
    ],
  },
  {
    id: 'gpu-pool',
    title: 'GPU pool',
    panels: [
      GPU,
      QUEUE,
      {
        title: 'Requests that wanted the small model',
        unit: 'short',
        help: 'In the last minute.',
        queries: [['sum(isartor_l2_wanted)', 'wanted']],
      },
      {
        title: 'Calls to models, p95',
        unit: 's',
        help: 'Until the end of the answer, by who answered: the kind of the pool’s servers stands beside the providers.',
        queries: [
          [quantile(0.95, 'gen_ai_client_operation_duration', 'gen_ai_provider_name'), '{{gen_ai_provider_name}}'],
        ],
      },
      REPLICAS,
      BREAKERS,
      {
        title: 'Time in L2, p95',
        unit: 's',
        help: 'Decision and answer. It is bounded by a share of the request’s time (layer2.deadline_share).',
        queries: [
          ['histogram_quantile(0.95, sum by (le) (rate(isartor_layer_duration_seconds_bucket{layer="l2"}[5m])))', 'l2'],
        ],
      },
      {
        title: 'Times that a server’s only model stood in',
        unit: 'short',
        help: 'The configured name is not what the pool serves: see the log.',
        queries: [['sum(isartor_l2_model_fallbacks_total) or vector(0)', 'fallbacks']],
      },
    ],
  },
  {
    id: 'redis',
    title: 'Redis',
    panels: [
      REDIS_KEYS,
      REDIS_MEMORY,
      REDIS_EVICTIONS,
      HIT_RATE,
      {
        title: 'Breakers of Redis',
        unit: 'short',
        help: '2: Redis does not answer in time and is left alone; requests go on without it.',
        queries: [['max by (breaker) (isartor_breaker_state{breaker=~".*redis"})', '{{breaker}}']],
      },
      {
        title: 'Reads and writes that failed',
        unit: 'ops',
        help: 'Each cost its request at most ISARTOR__REDIS_TIMEOUT_MS.',
        queries: [['sum by (why) (rate(isartor_cache_events_total{event="error"}[5m]))', '{{why}}']],
      },
      {
        title: 'Time in the exact cache, p95',
        unit: 's',
        help: 'Mostly Redis.',
        queries: [
          [
            'histogram_quantile(0.95, sum by (le) (rate(isartor_layer_duration_seconds_bucket{layer="l1a"}[5m])))',
            'l1a',
          ],
        ],
      },
    ],
  },
  {
    id: 'errors',
    title: 'errors',
    panels: [
      ERROR_RATIO,
      {
        title: 'Errors by code',
        unit: 'ops',
        help: 'core/docs/errors.md says what each means and whose fault it is.',
        queries: [['sum by (code) (rate(isartor_errors_total[5m]))', '{{code}}']],
      },
      {
        title: 'Requests by status',
        unit: 'reqps',
        help: '499: the client left.',
        queries: [['sum by (status) (rate(isartor_requests_total[5m]))', '{{status}}']],
      },
      {
        title: 'Requests by outcome',
        unit: 'reqps',
        help: 'broken: the answer ended before its end.',
        queries: [['sum by (outcome) (rate(isartor_requests_total[5m]))', '{{outcome}}']],
      },
      {
        title: 'Keys of providers that may be asked with',
        unit: 'short',
        help: 'Of providers with several keys; by pod the fewest. /readyz and the log say which rest, and why.',
        queries: [['min by (provider) (isartor_provider_keys_ready)', '{{provider}}']],
      },
      {
        title: 'Retries',
        unit: 'ops',
        help: 'Calls to a provider that were made again.',
        queries: [['sum by (provider) (rate(isartor_retries_total[5m]))', '{{provider}}']],
      },
      {
        title: 'Calls to models that failed',
        unit: 'ops',
        help: 'By provider and what it came to.',
        queries: [
          [
            'sum by (gen_ai_provider_name, error_type) (rate(gen_ai_client_operation_duration_count{error_type!=""}[5m]))',
            '{{gen_ai_provider_name}} {{error_type}}',
          ],
        ],
      },
      BREAKERS,
    ],
  },
  {
    id: 'slo',
    title: 'SLO burn',
    panels: [
      {
        title: 'Error budget left, of 30 days',
        unit: 'percentunit',
        help: 'Objective: 99.9 % of requests neither fail nor break.',
        queries: [['1 - (isartor:failed:ratio_rate30d / 0.001)', 'left']],
        stat: true,
      },
      {
        title: 'Hits within 50 ms',
        unit: 'percentunit',
        help: 'Objective: 99 % of the answers of the exact cache.',
        queries: [['isartor:fast_hits:ratio_rate5m', 'within 50 ms']],
        stat: true,
      },
      {
        title: 'Burn rate',
        unit: 'short',
        help: '1: the budget lasts 30 days. 14.4 for an hour spends 2 % of it, and pages.',
        queries: [burn('5m'), burn('30m'), burn('1h'), burn('6h')],
      },
      {
        title: 'Requests that count',
        unit: 'reqps',
        help: 'All but those whose client left.',
        queries: [['isartor:counted:rate5m', 'counted']],
      },
    ],
  },
  {
    id: 'scaling',
    title: 'scaling',
    panels: [
      REPLICAS,
      CPU,
      REQUEST_RATE,
      LATENCY,
      GPU,
      QUEUE,
      HIT_RATE,
      MEMORY,
      REDIS_KEYS,
      REDIS_MEMORY,
      REDIS_EVICTIONS,
    ],
  },
];
