import {
  apiKeyRecordKey,
  encodeStoredEntry,
  encodeTenantRecord,
  entryKey,
  policyKey,
  isJsonObject,
  parseJson,
  tenantRecordKey,
} from '@isartor/shared';
import type { JsonObject, JsonValue, StoredEntry, StoredEntryMeta, TenantRecord } from '@isartor/shared';
import { chatBody, chatRequest } from '@isartor/shared/testing';
import { sha256Hex } from '../sha256-hex.ts';
import { CoreProgram } from './core-program.ts';
import { EdgeUnderTest } from './edge-under-test.ts';
import { RedisDoor } from './redis-door.ts';
import { EPOCH, POLICY, digestOf, storedMeta } from './stored.ts';

/** What is asked of a fleet, and the answer that its Redis may hold to it. */
export const ASKED = chatRequest('Capital of France?');
export const ANSWER = chatBody('Paris, “né” 漢字 🙂.');
export const DIGEST = digestOf(ASKED);

/** An edge on Redis, a core that has nothing stored, and a hand on the keys. */
export class Fleet {
  readonly namespace = `fleet-${crypto.randomUUID()}`;
  readonly door = new RedisDoor();
  readonly edge: EdgeUnderTest;

  private constructor(
    readonly core: CoreProgram,
    bindings: Record<string, string>,
  ) {
    const redis = {
      ...this.door.bindings,
      ISARTOR__CACHE_NAMESPACE: this.namespace,
      ISARTOR__REDIS_TIMEOUT_MS: '5000',
    };
    this.edge = new EdgeUnderTest({ ...redis, ...bindings });
  }

  static async start(bindings: Record<string, string> = {}): Promise<Fleet> {
    const fleet = new Fleet(await CoreProgram.on('coreA', { chunks: ['"from the core"'] }), bindings);
    await fleet.record();
    await fleet.policy(POLICY);
    return fleet;
  }

  record(changes: Partial<TenantRecord> = {}): Promise<void> {
    const record = { epoch: EPOCH, off: [], quarantine: [], ...changes };
    return this.door.set(tenantRecordKey(this.namespace, 'default'), encodeTenantRecord(record));
  }

  policy(policy: string): Promise<void> {
    return this.door.set(policyKey(this.namespace), policy);
  }

  entry(changes: Partial<StoredEntryMeta> = {}, body = ANSWER, digest = DIGEST): Promise<void> {
    return this.door.set(entryKey(this.namespace, digest), encodeStoredEntry(this.entryOf(body, changes)));
  }

  entryOf(body: JsonObject, changes: Partial<StoredEntryMeta> = {}): StoredEntry {
    const bytes = new TextEncoder().encode(JSON.stringify(body));
    return { meta: storedMeta(this.edge.now, { bodyBytes: bytes.length, ...changes }), body: bytes };
  }

  /** A key of the same tenant that only Redis knows. */
  key(secret: string): Promise<void> {
    const sha256 = sha256Hex(secret);
    const record = JSON.stringify({ tenant: 'default', name: 'k', sha256 });
    return this.door.set(apiKeyRecordKey(this.namespace, sha256), record);
  }

  dropEntry(): Promise<void> {
    return this.door.delete(entryKey(this.namespace, DIGEST));
  }

  /** What `/readyz` says of Redis. */
  async redisState(): Promise<JsonValue | undefined> {
    const ready = parseJson((await this.edge.ask({ path: '/readyz' })).text);
    const dependencies = isJsonObject(ready) ? ready['dependencies'] : undefined;
    return isJsonObject(dependencies) ? dependencies['redis'] : undefined;
  }

  async verdict(headers: Record<string, string> = {}, body: object = ASKED): Promise<string | null> {
    return (await this.ask(headers, body)).headers.get('x-isartor-edge');
  }

  ask(headers: Record<string, string> = {}, body: object = ASKED): ReturnType<EdgeUnderTest['ask']> {
    return this.edge.ask({ headers: { ...this.core.headers, ...headers }, body });
  }
}
