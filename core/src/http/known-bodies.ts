import { hash } from 'node:crypto';
import { OPERATION_SPECS } from '@isartor/shared';
import { LRUCache } from 'lru-cache';
import { latin1Of } from '../latin1-of.ts';
import type { BodyFacts, KeyScope } from './key-facts.ts';

/** A few hundred bytes each. */
const MAX_KNOWN = 8_192;

/**
 * What bodies came to, by their exact bytes: a client that asks again mostly sends the same bytes, and one hash of them
 * costs less than scanning, parsing and writing them out in canonical form.
 */
export class KnownBodies {
  private readonly facts = new LRUCache<string, BodyFacts>({ max: MAX_KNOWN });

  /** The name of a body among those that mean the same: SHA-256 over all that its facts depend on, and its bytes. */
  nameOf(bytes: Uint8Array, scope: KeyScope): string {
    const { tenant, operation, target, sse, directives, pathParameters, header } = scope;
    const headers = OPERATION_SPECS[operation].answerHeaders.map((name) => header(name) ?? null);
    const how = [target?.method ?? null, sse === true];
    const rest = JSON.stringify([tenant, operation, how, directives.session ?? null, pathParameters, headers]);
    return hash('sha256', rest + latin1Of(bytes), 'base64url');
  }

  get(name: string): BodyFacts | undefined {
    return this.facts.get(name);
  }

  set(name: string, facts: BodyFacts): void {
    this.facts.set(name, facts);
  }
}
