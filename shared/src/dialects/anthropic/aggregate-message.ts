import {
  isGrowingObject,
  own,
  parseGrowing,
  put,
  type GrowingJson,
  type GrowingObject,
} from '../../json/growing-json.ts';
import type { JsonObject } from '../../json/json-value.ts';
import type { SseEvent } from '../../sse/sse-event.ts';
import { GrowingBlock } from './growing-block.ts';

/**
 * The message that a whole stream of Anthropic's adds up to, as its official SDK accumulates it. Undefined when the
 * stream has no `message_stop`, says an error, is not JSON, contradicts itself (a second `message_start`, a block that
 * is not the next one), or holds an event that is not known here.
 */
export function aggregateMessage(events: readonly SseEvent[]): JsonObject | undefined {
  let message: GrowingMessage | undefined;
  for (const { event, data } of events) {
    const said = parseGrowing(data);
    const type = said === undefined ? undefined : own(said, 'type');
    if (said === undefined || (event !== undefined && event !== type)) return undefined;
    if (type === 'ping') continue;
    if (type === 'message_start') {
      const start = own(said, 'message');
      if (message !== undefined || !isGrowingObject(start)) return undefined;
      message = GrowingMessage.begun(start);
      if (message === undefined) return undefined;
      continue;
    }
    if (message === undefined) return undefined;
    if (type === 'message_stop') return message.finished();
    if (!message.add(type, said)) return undefined;
  }
  return undefined;
}

/** Members of an event that are its own, and not the message's. */
const OF_THE_EVENT: readonly string[] = ['type', 'delta', 'usage'];

class GrowingMessage {
  readonly #message: GrowingObject;
  readonly #blocks: GrowingBlock[] = [];

  private constructor(start: GrowingObject) {
    this.#message = start;
  }

  /** A message may begin with whole blocks: calls that code at the provider has made. */
  static begun(start: GrowingObject): GrowingMessage | undefined {
    const message = new GrowingMessage(start);
    const content = own(start, 'content') ?? [];
    if (!Array.isArray(content)) return undefined;
    for (const block of content) {
      if (!isGrowingObject(block)) return undefined;
      const whole = new GrowingBlock(block);
      whole.stop();
      message.#blocks.push(whole);
    }
    return message;
  }

  /** False: the event contradicts the ones before, or is not known here. */
  add(type: GrowingJson | undefined, event: GrowingObject): boolean {
    switch (type) {
      case 'content_block_start':
        return this.#start(event);
      case 'content_block_delta': {
        const delta = own(event, 'delta');
        return isGrowingObject(delta) && this.#blockOf(event)?.add(delta) === true;
      }
      case 'content_block_stop':
        return this.#blockOf(event)?.stop() === true;
      case 'message_delta':
        return this.#change(event);
      default:
        return false;
    }
  }

  finished(): JsonObject | undefined {
    const content: GrowingJson[] = [];
    for (const block of this.#blocks) {
      const whole = block.finished();
      if (whole === undefined) return undefined;
      content.push(whole);
    }
    put(this.#message, 'content', content);
    return this.#message;
  }

  #start(event: GrowingObject): boolean {
    const block = own(event, 'content_block');
    if (!isGrowingObject(block) || own(event, 'index') !== this.#blocks.length) return false;
    // The model that a fallback led to is the one that spoke; a plain message says so at its top.
    const to = own(block, 'type') === 'fallback' ? own(block, 'to') : undefined;
    const model = isGrowingObject(to) ? own(to, 'model') : undefined;
    if (typeof model === 'string') put(this.#message, 'model', model);
    this.#blocks.push(new GrowingBlock(block));
    return true;
  }

  #blockOf(event: GrowingObject): GrowingBlock | undefined {
    const index = own(event, 'index');
    return typeof index === 'number' ? this.#blocks[index] : undefined;
  }

  /** The end of the message: how it stopped, and the final counts, each in the place of an earlier one. */
  #change(event: GrowingObject): boolean {
    const delta = own(event, 'delta');
    if (!isGrowingObject(delta)) return false;
    for (const [name, value] of Object.entries(delta)) put(this.#message, name, value);
    for (const [name, value] of Object.entries(event)) {
      if (!OF_THE_EVENT.includes(name)) put(this.#message, name, value);
    }
    const usage = own(event, 'usage');
    if (isGrowingObject(usage)) this.#count(usage);
    return true;
  }

  #count(usage: GrowingObject): void {
    const before = own(this.#message, 'usage');
    const counts: GrowingObject = isGrowingObject(before) ? before : {};
    for (const [name, value] of Object.entries(usage)) {
      if (value !== null || own(counts, name) === undefined) put(counts, name, value);
    }
    put(this.#message, 'usage', counts);
  }
}
