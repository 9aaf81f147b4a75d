// What edge and core must agree on. Sorted by folder; a name that is not here is internal.
export { constantTimeEqual } from './auth/constant-time-equal.ts';
export { assertOneTenantPerKey, gatewayKey, parseKeyList } from './auth/key-list.ts';
export { KeyListError } from './auth/key-list-error.ts';
export {
  CACHE_POLICIES,
  encodeKeyRecord,
  parseKeyRecord,
  type CachePolicy,
  type KeyRecord,
} from './auth/key-record.ts';
export { KeyRing } from './auth/key-ring.ts';
export { ANONYMOUS, principalOf, type Principal } from './auth/principal.ts';
export { readCredential } from './auth/read-credential.ts';
export { skippedLayers } from './auth/skipped-layers.ts';
export { cacheDigest, type Sha256Hex } from './cache-key/cache-digest.ts';
export { readCacheDirectives, type CacheDirectives } from './cache-key/cache-directives.ts';
export { cacheEnvelope, type EnvelopeInput } from './cache-key/cache-envelope.ts';
export { UNCACHEABLE_RULES, uncacheableRule, type UncacheableRule } from './cache-key/is-cacheable.ts';
export {
  MAX_STORED_BYTES,
  UNSTORABLE_RULES,
  unstorableRule,
  type JudgedAnswer,
  type UnstorableRule,
} from './cache-key/is-storable.ts';
export { apiKeyRecordKey, entryKey, policyKey, tenantRecordKey } from './cache-key/key-names.ts';
export { answersInList, geminiPath, targetParameters, type PathTarget } from './dialects/gemini/path-target.ts';
export { isUsageOnlyChunk } from './dialects/openai/usage-chunk.ts';
export { replayBody } from './dialects/replay-body.ts';
export { aggregateStream, isReplayable, saysUsage } from './dialects/streams.ts';
export { usageOf } from './dialects/usage.ts';
export { errorBody, errorEvent, errorHeaders } from './error/error-body.ts';
export { ERROR_CODES, type ErrorCode, type ErrorFault, type ErrorSpec } from './error/error-code.ts';
export { GatewayError, type GatewayErrorOptions } from './error/gateway-error.ts';
export { canonicalJson } from './json/canonical-json.ts';
export { isJsonArray, isJsonObject, parseJson, type JsonObject, type JsonValue } from './json/json-value.ts';
export { hasExactIntegers } from './json/exact-integers.ts';
export { scanJson, type ByteSpan, type JsonScan } from './json/scan-json.ts';
export { JSON_LIMITS, SCAN_RULES, type ScanRule } from './json/scan-rule.ts';
export { EXPOSED_HEADERS, HEADER, type HeaderReader } from './layer/headers.ts';
export { isLayerName, LAYER_NAMES, SKIPPABLE_LAYERS, type LayerName, type SkippableLayer } from './layer/layer-name.ts';
export { dialectOfPath, HITS_PATH, matchRoute, type RouteMatch } from './match-route.ts';
export { nativeAnswer } from './native/native-answer.ts';
export { toChatBody } from './native/to-chat-body.ts';
export {
  OPERATION_SPECS,
  OPERATIONS,
  PROVIDER_DIALECTS,
  type Dialect,
  type Operation,
  type OperationSpec,
  type ProviderDialect,
} from './operation.ts';
export { costOf, formatCost, nanoUsd, pricedAs, PriceList, priceOf } from './price/price.ts';
export { PRICES, PRICES_AS_OF, type ModelPrice } from './price/prices.ts';
export { type Usage } from './price/usage.ts';
export { CREDENTIAL_QUERY, readQuery, type RequestQuery } from './query.ts';
export { requestIdFrom } from './request-id.ts';
export { checkContentHeaders } from './request/content-type.ts';
export { clientWantsUsage, withIncludeUsage, withMembers, withModel, withoutMembers } from './request/edit-body.ts';
export { parseRequest, type ParsedRequest, type RequestHead } from './request/parse-request.ts';
export { parseSseFrame } from './sse/parse-sse-frame.ts';
export { encodeSseEvent, SSE_DONE, SSE_KEEP_ALIVE, type SseEvent } from './sse/sse-event.ts';
export { MAX_EVENT_BYTES, SseFramer, type SseFrame } from './sse/sse-framer.ts';
export {
  judgeEntry,
  MISS_REASONS,
  type Judgement,
  type MissReason,
  type ReaderView,
} from './stored-entry/judge-entry.ts';
export { decodeMetaHeader, encodeMetaHeader } from './stored-entry/meta-header.ts';
export { serveEntry, type ServedEntry } from './stored-entry/serve-entry.ts';
export { type StoredEntryMeta } from './stored-entry/stored-entry-meta.ts';
export { decodeStoredEntry, encodeStoredEntry, type StoredEntry } from './stored-entry/stored-entry.ts';
export {
  compareEpochs,
  encodeTenantRecord,
  latest,
  MAX_QUARANTINE,
  nextEpoch,
  parseTenantRecord,
  type TenantRecord,
} from './tenant-record.ts';
export { answerHeadersFromUpstream } from './transport/answer-headers.ts';
export { upstreamHeaders } from './transport/upstream-headers.ts';
