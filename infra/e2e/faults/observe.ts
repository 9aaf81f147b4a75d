import { setTimeout as pause } from 'node:timers/promises';
import { HEADER, isJsonObject, parseJson, type JsonValue } from '@isartor/shared';
import type { RecordedRequest } from '@isartor/shared/testing';
import { ClientCall, type ClientView } from './client.ts';
import type { Act, FaultCase, Leaving } from './fault-case.ts';
import { LongAnswer } from './fault-answers.ts';
import { abortOf, delayOf, type Abort, type Ending, type Form, type Outcome } from './outcome.ts';
import { CHAT, type Surface } from './surfaces.ts';
import type { Target } from './targets/target.ts';

/** How long the provider is watched for an abort before it counts as running on: past every clock that may end it. */
const WATCH_MS = 2_500;
/** Within it the calls of an answer that has ended must be over. */
const SETTLED_MS = 1_000;
/** How long a client that reads slowly does not read at all. */
const PAUSE_MS = 500;
/** What a provider may get rid of settles within it. */
const SETTLE_WITHIN_MS = 2_000;
/** How long a call is held until every client of a crowd has surely asked. */
const GATHER_MS = 400;
const CROWD = 20;
/** How often a client leaves for one outcome, at most. */
const ROUNDS = 3;

/** More than the sockets on the way hold by themselves, and less than the answer has. */
const HELD_BACK_BYTES = LongAnswer.bytes / 2;

let questions = 0;

/** Plays one case against a gateway and says what came of it. */
export async function observe(target: Target, fault: FaultCase, form: Form): Promise<Outcome> {
  questions += 1;
  const scene = new Scene(target, fault, form, `question ${process.pid}-${questions}.`);
  const outcome = await scene.play(fault.act);
  return { ...outcome, ...(await scene.afterwards()) };
}

type Uncached = Omit<Outcome, 'cached' | 'stuck'>;

/** One case on its stage: the question, who asks it, and the provider's calls for it. */
class Scene {
  readonly #target: Target;
  readonly #fault: FaultCase;
  readonly #form: Form;
  readonly #question: string;
  readonly #surface: Surface;

  constructor(target: Target, fault: FaultCase, form: Form, question: string) {
    this.#target = target;
    this.#fault = fault;
    this.#surface = fault.surface ?? CHAT;
    this.#form = form;
    this.#question = question;
  }

  async play(act: Act): Promise<Uncached> {
    switch (act) {
      case 'asks':
        return this.#ask();
      case 'asks while nobody listens':
        await this.#target.upstream.refuseConnections();
        try {
          return await this.#ask();
        } finally {
          await this.#target.upstream.acceptConnections();
        }
      case 'reads slowly':
        return this.#readSlowly();
      case 'stops reading':
        return this.#stopReading();
      case 'asks twenty-fold':
        return this.#crowd();
      default:
        return this.#leave(act);
    }
  }

  /** Asks the same once more, of a provider that is sound again. */
  async afterwards(): Promise<Pick<Outcome, 'cached' | 'stuck'>> {
    const before = this.#calls().length;
    this.#target.upstream.respondWith(this.#surface.sound(this.#form));
    const view = await this.#client().ended;
    const stuck = view.status !== 200 || endingOf(view, undefined, this.#surface) !== 'whole';
    return { cached: this.#calls().length === before, ...(stuck && { stuck: true as const }) };
  }

  async #ask(): Promise<Uncached> {
    this.#target.upstream.respondWith(() => this.#answer());
    const view = await this.#client().ended;
    const open = await this.#openCalls();
    const delay = view.end === 'none' ? ('never' as const) : delayOf(view.ms);
    if (delay === undefined) throw new Error(`the answer took ${Math.round(view.ms)} ms, which is in no class`);
    return { ...this.#seen(view), delay, calls: this.#calls().length, ...(open && { runsOn: true as const }) };
  }

  async #readSlowly(): Promise<Uncached> {
    const { long, call } = await this.#dawdle();
    let before = -1;
    for (let waited = 0; waited < PAUSE_MS || (long.produced !== before && waited < SETTLE_WITHIN_MS); waited += 100) {
      before = long.produced;
      await pause(100);
    }
    const heldBack = long.produced < HELD_BACK_BYTES;
    call.read();
    const view = await call.ended;
    return { ...this.#seen(view, long.produced), heldBack, calls: this.#calls().length };
  }

  async #stopReading(): Promise<Uncached> {
    const { long, call } = await this.#dawdle();
    const stopped = performance.now();
    const [request] = this.#calls();
    const gone = request?.aborted.then(() => performance.now() - stopped);
    const ms = await Promise.race([gone, request?.closed.then(() => 'sent' as const), pause(WATCH_MS, undefined)]);
    const heldBack = long.produced < HELD_BACK_BYTES;
    call.read();
    const view = await call.ended;
    const aborted = ms === 'sent' ? undefined : classed(ms);
    return { ...this.#seen(view, long.produced), heldBack, ...(aborted && { aborted }), calls: this.#calls().length };
  }

  /** A client that has asked for a long answer and does not read it. */
  async #dawdle(): Promise<{ long: LongAnswer; call: ClientCall }> {
    const long = new LongAnswer(this.#form);
    this.#target.upstream.respondWith(long.answer);
    const call = this.#client('', { reads: false });
    // A gateway that collects an answer has no head to show until it has everything.
    await Promise.race([call.headed, call.ended]);
    return { long, call };
  }

  async #crowd(): Promise<Uncached> {
    const gathered = pause(GATHER_MS);
    this.#target.upstream.respondWith(async () => {
      await gathered;
      return this.#answer();
    });
    const calls = Array.from({ length: CROWD }, () => this.#client());
    const views = await Promise.all(calls.map(({ ended }) => ended));
    const [first, ...others] = views.map((view) => this.#seen(view));
    if (first === undefined || others.some((other) => JSON.stringify(other) !== JSON.stringify(first)))
      throw new Error(`the same question was answered differently: ${JSON.stringify([first, ...others])}`);
    return { ...first, calls: this.#calls().length };
  }

  /** Within 100 ms is what two of three rounds must keep; a time in no class is noise of the machine, twice at most. */
  async #leave(act: Leaving): Promise<Uncached> {
    const [how = '', when] = act.split(' ', 2);
    const inTheMiddle = when === 'in';
    let kept = 0;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const aborted = await this.#leaveOnce(how === 'resets' ? 'resets' : 'closes', inTheMiddle, ` ${round}`);
      if (aborted === undefined) continue;
      if (aborted === 'within 100 ms') kept += 1;
      if (kept === 2 || aborted !== 'within 100 ms') return { aborted, calls: this.#calls().length / round };
    }
    throw new Error('the abort took longer than 100 ms in two of three rounds');
  }

  async #leaveOnce(how: 'closes' | 'resets', inTheMiddle: boolean, variant: string): Promise<Abort | undefined> {
    const arrived = Promise.withResolvers<RecordedRequest>();
    const middle = Promise.withResolvers<void>();
    this.#target.upstream.respondWith((request) => {
      arrived.resolve(request);
      return this.#answer(middle.resolve);
    });
    // A question of its own: a round that is still under way must not be joined.
    const call = this.#client(variant);
    const request = await arrived.promise;
    if (inTheMiddle) await middle.promise;
    // A client can be in the middle only of what it has begun to receive.
    if (inTheMiddle && this.#form === 'streamed') await call.begun;
    const left = performance.now();
    call.leave(how);
    return classed(
      await Promise.race([request.aborted.then(() => performance.now() - left), pause(WATCH_MS, undefined)]),
    );
  }

  #client(variant = '', options: { readonly reads?: boolean } = {}): ClientCall {
    const { path, request } = this.#surface;
    const asked = request(this.#question + variant, this.#form);
    return new ClientCall(this.#target, path(this.#form), asked, options);
  }

  #answer(middle: () => void = () => undefined) {
    return this.#fault.answer(this.#form, middle);
  }

  /** The calls that the provider got for this question. */
  #calls(): readonly RecordedRequest[] {
    return this.#target.upstream.requests.filter(({ body }) => Buffer.from(body).includes(this.#question));
  }

  /** Whether a call is still open although its answer has ended. */
  #openCalls(): Promise<boolean> {
    const over = Promise.all(this.#calls().map(({ closed }) => closed)).then(() => false);
    return Promise.race([over, pause(SETTLED_MS, true)]);
  }

  #seen(view: ClientView, sentBytes = this.#fault.sentBytes?.(this.#form)): Omit<Uncached, 'calls'> {
    const { status, headers, text } = view;
    const code = codeIn(text, this.#surface);
    const retryAfter = headers['retry-after'];
    const fault = headers[HEADER.error];
    return {
      ...(status !== undefined && { status }),
      ...(code !== undefined && { code }),
      ...(retryAfter !== undefined && { retryAfter }),
      ...(typeof fault === 'string' && { fault }),
      ...(new RegExp(`127\\.0\\.0\\.1|${new URL(this.#target.upstream.origin).port}|ECONN`).test(text) && {
        leaks: true as const,
      }),
      ending: endingOf(view, sentBytes, this.#surface),
    };
  }
}

/** `undefined` as time: there was no abort as long as one watched. */
function classed(ms: number | undefined): Abort | undefined {
  return ms === undefined ? 'never' : abortOf(ms);
}

function endingOf(
  { headers, text, bytes, end }: ClientView,
  sentBytes: number | undefined,
  { lastEvent }: Surface,
): Ending {
  if (end === 'none') return 'no end';
  if (end === 'broken') return 'broken off';
  const streamed = headers['content-type']?.startsWith('text/event-stream') === true;
  const events = text.split('\n\n');
  if (streamed && events.some((event) => isJsonObject(errorIn(event)))) return 'error event';
  if (sentBytes !== undefined && bytes === sentBytes) return 'as sent';
  const whole = streamed ? lastEvent.test(text) : parsed(text) !== undefined;
  return whole ? 'whole' : 'silently cut';
}

/** What tells an error apart, in a body or in one of a stream's events. */
function codeIn(text: string, { codeOf }: Surface): string | undefined {
  const [error] = [text, ...text.split('\n\n')].map(errorIn).filter(isJsonObject);
  return error && codeOf(error);
}

function errorIn(text: string): JsonValue | undefined {
  const value = parsed(text.replace(/^(?:event: \w+\n)?data: /, ''));
  return isJsonObject(value) ? value['error'] : undefined;
}

function parsed(text: string): JsonValue | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
