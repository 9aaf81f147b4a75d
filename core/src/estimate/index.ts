// The entry for offline estimates: plain functions, no Nest. Node runs it as it stands.
export { readModelFolder, type ModelFolder } from '../l1b-semantic-cache/adapters/model-folder.ts';
export { estimate, type EstimateSettings } from './estimate.ts';
export type { Estimate, EstimatedGroup } from './estimate-tally.ts';
export { LogEmbedder } from './log-embedder.ts';
export { readLogRecord, type LogRecord } from './log-record.ts';
export { readVolatile } from './read-volatile.ts';
