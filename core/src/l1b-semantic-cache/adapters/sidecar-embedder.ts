import { CircuitBreaker, type BreakerState } from '../../upstream/circuit-breaker.ts';
import { EmbedderError, type Embedder, type EmbedderHealth, type Embedding } from '../embedder.port.ts';
import { EmbeddingServer, type Kind } from './embedding-server.ts';
import { knownEmbeddings } from './known-embeddings.ts';

/** Different texts that may be with the server at a time; one more is a miss. */
const MAX_WAITING = 256;
/** Some 2 000 questions with a vector of 384 numbers. */
const MAX_KNOWN_BYTES = 4 * 1024 * 1024;
const BREAKER = { failures: 3, openMs: 2_000 };
const INSPECT_MS = 5_000;
/** The second is with the model that came in place of the first. */
const TRIES = 2;
const RETRY_MIN_MS = 250;
const RETRY_MAX_MS = 10_000;

/** What a sidecar embedder is made of. */
export interface SidecarEmbedderOptions {
  readonly url: string;
  readonly model: string | undefined;
  /** Longest life of one call, in ms. Who asks may have given up long before. */
  readonly timeoutMs: number;
  /** Least cosine of a hit for the server's model. */
  readonly threshold: number;
  readonly maxWaiting?: number;
  readonly onBreaker?: ((state: BreakerState) => void) | undefined;
  /** Told once per outage why the server cannot be used. */
  readonly onFault?: ((reason: string) => void) | undefined;
}

/** Asks a server of its own for embeddings: no model is loaded in this process. */
export class SidecarEmbedder implements Embedder {
  readonly threshold: number;
  readonly asksOutside = true;
  private readonly server: EmbeddingServer;
  private readonly breaker: CircuitBreaker;
  /** What the server was when it was first reached. */
  private readonly first = Promise.withResolvers<Kind>();
  /** What it is now, or is being found out to be. */
  private kind = this.first.promise;
  /** By text: with the server now. */
  private readonly calls = new Map<string, Promise<Embedding>>();
  /** Of the kind that is known by its name, and of no other. */
  private readonly known = knownEmbeddings(MAX_KNOWN_BYTES);
  private readonly ending = new AbortController();
  private kindName: string | undefined;
  /** Of the vectors of this kind; undefined before the first. */
  private dimension: number | undefined;
  /** True where the server may have become another one. */
  private doubted = false;
  private fault: string | undefined;
  private retry: NodeJS.Timeout | undefined;
  private started = false;

  constructor(private readonly options: SidecarEmbedderOptions) {
    this.threshold = options.threshold;
    this.server = new EmbeddingServer(options.url, options.model);
    this.breaker = new CircuitBreaker(BREAKER, () => performance.now(), options.onBreaker);
    this.first.promise.catch(() => undefined);
  }

  /**
   * Known once the server has been reached: before that nothing is embedded. After a fault another model may be served,
   * which then is known by its name before anything is embedded with it.
   */
  get name(): string {
    return this.kindName ?? 'sidecar';
  }

  start(): void {
    if (this.started) return;
    this.started = true;
    void this.inspect(RETRY_MIN_MS);
  }

  async embed(text: string, timeoutMs: number): Promise<Embedding> {
    if (this.ending.signal.aborted) throw closed();
    if (!this.breaker.admits) throw new EmbedderError('down', this.fault ?? 'The embedding server fails.');
    // Where it may have become another server, the next call finds that out.
    const known = this.doubted ? undefined : this.known.get(text);
    if (known !== undefined) return known;
    const call = this.calls.get(text) ?? this.begin(text);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new EmbedderError('timeout', `No vector within ${timeoutMs} ms.`)), timeoutMs);
    });
    try {
      return await Promise.race([call, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  get queued(): number {
    return this.calls.size;
  }

  health(): EmbedderHealth {
    if (this.ending.signal.aborted) return { status: 'down', detail: 'closed' };
    if (!this.breaker.admits) return { status: 'down', detail: this.fault };
    return this.kindName === undefined
      ? { status: 'loading', detail: this.fault }
      : { status: 'up', detail: this.kindName };
  }

  async close(): Promise<void> {
    clearTimeout(this.retry);
    this.ending.abort(closed());
    this.first.reject(closed());
    await this.server.close();
  }

  private begin(text: string): Promise<Embedding> {
    if (this.calls.size >= (this.options.maxWaiting ?? MAX_WAITING)) {
      throw new EmbedderError('overloaded', `${this.calls.size} texts are with the embedding server already.`);
    }
    const call = this.call(text).finally(() => this.calls.delete(text));
    // Who asked may have given up by then.
    call.catch(() => undefined);
    this.calls.set(text, call);
    return call;
  }

  private async call(text: string): Promise<Embedding> {
    const signal = AbortSignal.any([this.ending.signal, AbortSignal.timeout(this.options.timeoutMs)]);
    await untilAborted(this.first.promise, signal);
    const watched = this.breaker.begin();
    try {
      const embedding = await this.embedding(text, signal);
      watched.succeeded();
      this.fault = undefined;
      return embedding;
    } catch (error) {
      if (this.ending.signal.aborted) throw closed();
      watched.failed();
      // Who is merely busy is the same as before.
      const busy = error instanceof EmbedderError && error.fault === 'overloaded';
      if (!busy || !this.breaker.admits) this.doubted = true;
      this.tell(error);
      throw error;
    }
  }

  /** Vectors of two models must never pass for those of one. */
  private async embedding(text: string, signal: AbortSignal): Promise<Embedding> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const kind = await untilAborted(this.kindNow(), signal);
      const embedding = await this.server.embed(kind, text, signal);
      if (embedding.kind !== 'vector') return embedding;
      if (this.isOf(kind, embedding.vector)) {
        this.known.set(text, embedding);
        return embedding;
      }
      this.doubted = true;
    }
    throw new EmbedderError('down', 'The embedding server changes its model again and again.');
  }

  private isOf({ name }: Kind, { length }: Float32Array): boolean {
    if (name !== this.kindName) return false;
    this.dimension ??= length;
    return length === this.dimension;
  }

  private kindNow(): Promise<Kind> {
    if (!this.doubted) return this.kind;
    this.doubted = false;
    this.kind = this.inspected().catch((error: unknown) => {
      this.doubted = true;
      throw error;
    });
    // Who asked may have given up by then.
    this.kind.catch(() => undefined);
    return this.kind;
  }

  private async inspected(): Promise<Kind> {
    const kind = await this.server.inspect(AbortSignal.any([this.ending.signal, AbortSignal.timeout(INSPECT_MS)]));
    this.kindName = kind.name;
    this.dimension = undefined;
    this.known.clear();
    return kind;
  }

  /** Tries until the server has said what it is: it may start later than this process. */
  private async inspect(retryMs: number): Promise<void> {
    try {
      const kind = await this.inspected();
      this.fault = undefined;
      this.first.resolve(kind);
    } catch (error) {
      if (this.ending.signal.aborted) return;
      this.tell(error);
      this.retry = setTimeout(() => void this.inspect(Math.min(2 * retryMs, RETRY_MAX_MS)), retryMs);
      this.retry.unref();
    }
  }

  private tell(error: unknown): void {
    const reason = error instanceof Error ? error.message : 'unknown';
    if (this.fault === undefined) this.options.onFault?.(reason);
    this.fault = reason;
  }
}

function closed(): EmbedderError {
  return new EmbedderError('down', 'The embedder is closed.');
}

function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      const late = new EmbedderError('timeout', 'The embedding server did not say in time what it is.');
      reject(signal.reason instanceof EmbedderError ? signal.reason : late);
    };
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
