import { inject } from 'vitest';
import { REST_TOKEN } from '../../test/support/rest-token.ts';

/** Whether a real Redis is there to test on; where it is not, the set-up has said why. */
export const hasRedis = inject('redisRest') !== '';

const DAY_MS = 86_400_000;

/** A way to the real Redis for one edge under test: it can be shut, and counts the round trips made through it. */
export class RedisDoor {
  readonly #id = crypto.randomUUID();
  readonly #rest = inject('redisRest');

  /** Settings that send a Worker through this door. */
  get bindings(): Record<string, string> {
    return {
      UPSTASH_REDIS_REST_URL: `${this.#rest}/${this.#id}`,
      UPSTASH_REDIS_REST_TOKEN: REST_TOKEN,
      ISARTOR__UPSTASH_BASE64: 'false',
    };
  }

  /** Writes by the client that the core uses; tests have namespaces of their own, so nothing meets. */
  async set(key: string, value: string | Uint8Array, expiresAtMs = Date.now() + DAY_MS): Promise<void> {
    const url = `${this.#rest}/__value/${encodeURIComponent(key)}?pxat=${Math.floor(expiresAtMs)}`;
    await (await fetch(url, { method: 'PUT', body: value })).text();
  }

  async delete(key: string): Promise<void> {
    await (await fetch(`${this.#rest}/__value/${encodeURIComponent(key)}`, { method: 'DELETE' })).text();
  }

  /** `slow`: every answer takes 250 ms; `held`: none comes until the door has another mode; `silent`: connections are taken and never answered; `error`: Redis answers errors; `reset`: connections are dropped. */
  async become(mode: 'open' | 'slow' | 'held' | 'silent' | 'error' | 'reset'): Promise<void> {
    await (await fetch(`${this.#rest}/__mode/${this.#id}`, { method: 'PUT', body: mode })).text();
  }

  /** Resolves when a read was given up before its answer. */
  async left(): Promise<void> {
    await (await fetch(`${this.#rest}/__left/${this.#id}`)).text();
  }

  async roundTrips(): Promise<number> {
    return Number(await (await fetch(`${this.#rest}/__count/${this.#id}`)).text());
  }
}
