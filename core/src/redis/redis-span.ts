import { currentSpan, inSpan } from '../telemetry/current-span.ts';
import { DB_OPERATION, DB_SYSTEM, DB_SYSTEM_REDIS } from '../telemetry/semantic-names.ts';
import { faultCode } from './redis-fault.ts';

/** Runs an operation of Redis in a span of its own, where the request is traced. `command` is its main one: no key or value. */
export function inRedisSpan<Value>(command: string, operation: () => Promise<Value>): Promise<Value> {
  const parent = currentSpan();
  if (!parent.recording) return operation();
  const attributes = { [DB_SYSTEM]: DB_SYSTEM_REDIS, [DB_OPERATION]: command };
  return inSpan(parent.child(`redis ${command}`, 'client', attributes), operation, faultCode);
}
