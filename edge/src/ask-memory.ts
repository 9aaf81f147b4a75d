import { LRUCache } from 'lru-cache';
import { OPERATION_SPECS } from '@isartor/shared';
import type { HeaderReader, Operation, PathTarget } from '@isartor/shared';

/** Bodies longer than this (bytes) are read anew each time. */
const LONGEST = 65_536;
/** Of all that is remembered; an isolate has 128 MB. Two bytes a character, and some for the rest. */
const CAPACITY_BYTES = 8 * 1024 * 1024;
const CAPACITY = 4_000;
const OVERHEAD_BYTES = 512;

/** What the exact cache needs to know of a body. */
export interface BodyMeaning {
  readonly digest: string;
  readonly stream: boolean;
  /** The client asked for the usage of a stream. */
  readonly wantsUsage: boolean;
}

/** All that decides what a body means, beside the settings. */
export interface AskedBody {
  readonly tenant: string;
  readonly operation: Operation;
  /** What the path named, where it names the model. */
  readonly target: PathTarget | undefined;
  readonly sse: boolean;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly header: HeaderReader;
  readonly session: string | undefined;
  readonly bytes: Uint8Array;
}

/** Refuses bytes that are not UTF-8 and keeps a BOM, so that two bodies never make one text. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Remembers what bodies mean that were answered from the cache: the same bytes, asked by the same tenant in the same way,
 * have the same digest, and need not be scanned, parsed and hashed again. Bounded; the least recently used goes first.
 */
export class AskMemory {
  readonly #meanings = new LRUCache<string, BodyMeaning>({ max: CAPACITY, maxSize: CAPACITY_BYTES });

  /** The name under which a body is remembered; `undefined` for one that is too long, or no text. */
  nameOf({ tenant, operation, target, sse, pathParameters, header, session, bytes }: AskedBody): string | undefined {
    if (bytes.byteLength > LONGEST) return undefined;
    const headers = OPERATION_SPECS[operation].answerHeaders.map((name) => header(name) ?? null);
    const how = [target?.method ?? null, sse];
    try {
      // JSON has no bare line break, so the body begins after the first one.
      return `${JSON.stringify([tenant, operation, how, pathParameters, headers, session ?? null])}\n${utf8.decode(bytes)}`;
    } catch {
      return undefined;
    }
  }

  get(name: string): BodyMeaning | undefined {
    return this.#meanings.get(name);
  }

  remember(name: string, { digest, stream, wantsUsage }: BodyMeaning): void {
    this.#meanings.set(name, { digest, stream, wantsUsage }, { size: name.length * 2 + OVERHEAD_BYTES });
  }
}
