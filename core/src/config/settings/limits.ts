import { setting } from '../setting.ts';
import { byteSize, decimalNumber, wholeNumber } from '../value-types.ts';

/** What a request may cost, and how much may be in flight. */
export const LIMIT_SETTINGS = {
  maxInflightBytes: setting({
    path: 'max_inflight_bytes',
    type: byteSize(1),
    default: '32 MiB',
    unit: 'bytes',
    doc: 'Most bytes of request bodies in flight; past it 503 (a request that is alone is always admitted).',
  }),
  maxInflightRequests: setting({
    path: 'max_inflight_requests',
    type: wholeNumber(1, 1_000_000),
    default: 1024,
    unit: 'requests',
    doc: 'Most requests in flight; past it 503.',
  }),
  bodyBytes: setting({
    path: 'limits.body_bytes',
    type: byteSize(1),
    default: '10 MiB',
    unit: 'bytes',
    doc: 'Longest request body; past it 413.',
  }),
  bodySecs: setting({
    path: 'limits.body_secs',
    type: decimalNumber(0.001, 3_600),
    default: 30,
    unit: 'seconds',
    doc: 'Longest time for a request body to arrive; past it 408.',
  }),
  bodyMinBytesPerSec: setting({
    path: 'limits.body_min_bytes_per_sec',
    type: byteSize(0),
    default: 16_384,
    unit: 'bytes per second',
    doc: 'Slowest pace of a request body after its first 5 seconds; below it 408.',
  }),
  headerSecs: setting({
    path: 'limits.header_secs',
    type: decimalNumber(0.001, 3_600),
    default: 10,
    unit: 'seconds',
    doc: 'Longest time for the request headers to arrive.',
  }),
  headerBytes: setting({
    path: 'limits.header_bytes',
    type: byteSize(1_024),
    default: '32 KiB',
    unit: 'bytes',
    doc: 'Most bytes of request headers; past it 431.',
  }),
};
