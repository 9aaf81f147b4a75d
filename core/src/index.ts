// The public API of @isartor/core: what is not here may change any day.
export { loadConfig, type ConfigSources, type LoadedConfig } from './config/load-config.ts';
export type { Config } from './config/config.ts';
export { createApp } from './create-app.ts';
export { IsartorModule } from './isartor.module.ts';
export { ExactCacheStore, type ExactCacheReading, type StoreHealth } from './l1a-exact-cache/exact-cache-store.port.ts';
export { Providers, type Provider } from './l3-cloud/provider.port.ts';
export type { Answer, AnswerBody } from './pipeline/answer.ts';
export { Layers, type Layer, type Next } from './pipeline/layer.port.ts';
export type { RequestContext } from './pipeline/request-context.ts';
export type { Upstream, UpstreamCall, UpstreamReply } from './upstream/upstream.port.ts';
export { createLog, Log, type Logger } from './telemetry/log.ts';
