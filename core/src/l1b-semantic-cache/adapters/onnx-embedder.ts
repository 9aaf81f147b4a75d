import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Calibration } from '../calibration.ts';
import { EmbedderError, type Embedder, type EmbedderHealth, type Embedding } from '../embedder.port.ts';
import { knownEmbeddings } from './known-embeddings.ts';
import type { ModelFolder } from './model-folder.ts';
import type { OnnxWorkerData } from './onnx-worker.ts';
import { RunGate } from './run-gate.ts';
import type { FromWorker, ToWorker } from './onnx-worker-messages.ts';

/** Different texts that may wait; one more is a miss, not a longer wait for all. */
const MAX_WAITING = 256;
/** Texts handed to the worker at a time. */
const MAX_BATCH = 32;
/** Some 500 questions with their token vectors. */
const MAX_KNOWN_BYTES = 16 * 1024 * 1024;
/** A run longer than this is no longer a run. */
const STUCK_MS = 30_000;
/** A run takes milliseconds, loading a second or two. */
const END_MS = 10_000;
/** What the end of the process waits for a run of milliseconds, on a machine that has no time for it. */
const EXIT_MS = 10_000;
const RESTART_MIN_MS = 1_000;
const RESTART_MAX_MS = 60_000;

/** One text and those who want its vector. */
interface Job {
  readonly text: string;
  readonly done: PromiseWithResolvers<Embedding>;
  wanted: number;
}

/** Bounds that a test makes smaller. */
export interface OnnxEmbedderOptions {
  readonly maxWaiting?: number;
  /** Longest run, in ms. */
  readonly stuckMs?: number;
  /** Told once per fault of the worker, which mends itself: one that is gone is started again, a stuck one waited for. */
  readonly onFault?: (reason: string) => void;
}

/** Embeds with an ONNX model in one worker thread of this process. */
export class OnnxEmbedder implements Embedder {
  readonly name: string;
  readonly threshold: number;
  readonly calibration: Calibration | undefined;
  private readonly known = knownEmbeddings(MAX_KNOWN_BYTES);
  private readonly maxWaiting: number;
  private readonly stuckMs: number;
  private readonly onFault: (reason: string) => void;
  /** By text: waiting or being embedded. */
  private readonly jobs = new Map<string, Job>();
  private waiting: Job[] = [];
  private running:
    { readonly batch: number; readonly jobs: readonly Job[]; readonly clock: NodeJS.Timeout } | undefined;
  private worker: Worker | undefined;
  private status: EmbedderHealth = { status: 'loading' };
  private batch = 0;
  private restartMs = RESTART_MIN_MS;
  private restart: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly folder: ModelFolder,
    options: OnnxEmbedderOptions = {},
  ) {
    this.name = folder.name;
    this.threshold = folder.threshold;
    this.calibration = folder.calibration;
    this.maxWaiting = options.maxWaiting ?? MAX_WAITING;
    this.stuckMs = options.stuckMs ?? STUCK_MS;
    this.onFault = options.onFault ?? (() => undefined);
  }

  start(): void {
    if (this.closed || this.worker !== undefined) return;
    keepQuiet();
    const gate = new RunGate();
    const threads = Math.max(1, availableParallelism() - 1);
    const data: OnnxWorkerData = { folder: this.folder, threads, gate: gate.memory };
    // The source runs as it is in tests and in development, and compiled in production.
    const file = new URL(`./onnx-worker${extname(import.meta.filename)}`, import.meta.url);
    const worker = new Worker(file, { workerData: data, execArgv: [] });
    worker.unref();
    worker.on('message', (message: FromWorker) => this.hear(worker, message));
    worker.on('error', (error) => this.fail(worker, error instanceof Error ? error.message : 'unknown'));
    // A process that ends, in whatever way, ends after the run.
    const shut = (): void => gate.shut(EXIT_MS);
    process.once('exit', shut);
    worker.once('exit', () => process.removeListener('exit', shut));
    worker.on('exit', (code) => this.fail(worker, `the embedding thread ended with ${code}`));
    this.worker = worker;
  }

  async embed(text: string, timeoutMs: number): Promise<Embedding> {
    if (this.closed || this.status.status === 'down') {
      throw new EmbedderError('down', this.status.detail ?? 'The embedder is closed.');
    }
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const job = this.jobs.get(text) ?? this.enqueue(text);
    job.wanted += 1;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new EmbedderError('timeout', `No vector within ${timeoutMs} ms.`)), timeoutMs);
    });
    try {
      return await Promise.race([job.done.promise, late]);
    } finally {
      clearTimeout(timer);
      job.wanted -= 1;
    }
  }

  get queued(): number {
    return this.jobs.size;
  }

  health(): EmbedderHealth {
    return this.status;
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.restart);
    const { worker } = this;
    this.worker = undefined;
    this.drop(new EmbedderError('down', 'The embedder is closed.'));
    if (worker !== undefined) await ended(worker);
  }

  private enqueue(text: string): Job {
    this.forgetUnwanted();
    if (this.waiting.length >= this.maxWaiting) {
      throw new EmbedderError('overloaded', `${this.maxWaiting} texts wait for a vector already.`);
    }
    const job: Job = { text, done: Promise.withResolvers(), wanted: 0 };
    // Who asked may have given up by then.
    job.done.promise.catch(() => undefined);
    this.jobs.set(text, job);
    this.waiting.push(job);
    // After this turn, so that what comes at once is one batch.
    queueMicrotask(() => this.pump());
    return job;
  }

  /** What nobody waits for any more takes no place. */
  private forgetUnwanted(): void {
    if (this.waiting.length < this.maxWaiting) return;
    this.waiting = this.waiting.filter((job) => {
      if (job.wanted > 0) return true;
      this.jobs.delete(job.text);
      return false;
    });
  }

  private pump(): void {
    if (this.running !== undefined || this.status.status !== 'up' || this.worker === undefined) return;
    const jobs: Job[] = [];
    while (jobs.length < MAX_BATCH) {
      const job = this.waiting.shift();
      if (job === undefined) break;
      if (job.wanted > 0) jobs.push(job);
      else this.jobs.delete(job.text);
    }
    if (jobs.length === 0) return;
    const { worker } = this;
    this.batch += 1;
    const clock = setTimeout(() => this.fail(worker, `a run took more than ${this.stuckMs} ms`, true), this.stuckMs);
    this.running = { batch: this.batch, jobs, clock };
    tell(worker, { kind: 'embed', batch: this.batch, texts: jobs.map(({ text }) => text) });
  }

  private hear(worker: Worker, message: FromWorker): void {
    if (message.kind === 'ready') {
      this.restartMs = RESTART_MIN_MS;
      this.resume();
      return;
    }
    const { running } = this;
    if (running?.batch !== message.batch) {
      // A run that was given up is over after all: this process, or its machine, had stood still.
      if (this.worker === worker && this.status.status === 'down') this.resume();
      return;
    }
    this.running = undefined;
    clearTimeout(running.clock);
    for (const [i, job] of running.jobs.entries()) {
      this.jobs.delete(job.text);
      const embedding = message.kind === 'embedded' ? message.embeddings[i] : undefined;
      if (embedding !== undefined) {
        this.known.set(job.text, embedding);
        job.done.resolve(embedding);
      } else job.done.reject(new EmbedderError('down', message.kind === 'failed' ? message.reason : 'No vector came.'));
    }
    this.pump();
  }

  private resume(): void {
    this.status = { status: 'up', detail: this.name };
    this.pump();
  }

  /**
   * The worker is gone or stuck: what it was to do is lost. Another takes the place of one that is gone; one that is
   * stuck is kept, since its run cannot be cut off, and a second model beside it would only take more memory.
   */
  private fail(worker: Worker, reason: string, stuck = false): void {
    if (this.worker !== worker) return;
    if (!stuck) this.worker = undefined;
    this.status = { status: 'down', detail: reason };
    this.onFault(reason);
    this.drop(new EmbedderError('down', reason));
    if (this.closed || stuck) return;
    this.restart = setTimeout(() => {
      this.status = { status: 'loading' };
      this.start();
    }, this.restartMs);
    this.restart.unref();
    this.restartMs = Math.min(2 * this.restartMs, RESTART_MAX_MS);
  }

  private drop(error: EmbedderError): void {
    clearTimeout(this.running?.clock);
    this.running = undefined;
    this.waiting = [];
    for (const job of this.jobs.values()) job.done.reject(error);
    this.jobs.clear();
  }
}

function tell(worker: Worker, message: ToWorker): void {
  // A thread has no origin; the rule takes it for a window.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  worker.postMessage(message);
}

/** Asks a worker to end after its run, and waits for that, though not for ever. */
async function ended(worker: Worker): Promise<void> {
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  tell(worker, { kind: 'end' });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, END_MS);
  });
  await Promise.race([exited, late]);
  clearTimeout(timer);
}

/**
 * ONNX Runtime keeps a device id and a log of its use under the home folder, and would send it to its makers. It reads the
 * process's own environment, of which a thread has but a copy: so here, before the thread loads it.
 */
function keepQuiet(): void {
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
}
