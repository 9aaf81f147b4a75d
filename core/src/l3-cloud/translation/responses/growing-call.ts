import type { JsonObject } from '@isartor/shared';
import { added, done, type GrowingItem, type ItemEvent, type ItemStatus } from './item-event.ts';

/** A call of an output, which the client has to make. */
export interface GrowingCall extends GrowingItem {
  begin(): ItemEvent;
  addArguments(delta: string): ItemEvent[];
  /** What the pieces left out, where the whole is longer: arguments that nobody had to write. */
  complete(input: string): ItemEvent[];
}

/** A call of a function. */
export class GrowingFunctionCall implements GrowingCall {
  readonly index: number;
  readonly #id: string;
  readonly #callId: string;
  readonly #name: string;
  #arguments = '';
  #status: ItemStatus = 'completed';

  constructor(id: string, index: number, callId: string, name: string) {
    this.#id = id;
    this.index = index;
    this.#callId = callId;
    this.#name = name;
  }

  begin(): ItemEvent {
    return added(this.index, { ...this.whole, status: 'in_progress' });
  }

  addArguments(delta: string): ItemEvent[] {
    if (delta === '') return [];
    this.#arguments += delta;
    return [['response.function_call_arguments.delta', { ...this.#place(), delta }]];
  }

  complete(input: string): ItemEvent[] {
    return input.startsWith(this.#arguments) ? this.addArguments(input.slice(this.#arguments.length)) : [];
  }

  /** Arguments that a server left out are none; those of a call that was cut off are unknown. */
  close(status: ItemStatus): ItemEvent[] {
    this.#status = status;
    const rest = status === 'completed' && this.#arguments.trim() === '' ? this.addArguments('{}') : [];
    const told = { ...this.#place(), name: this.#name, arguments: this.#arguments };
    return [...rest, ['response.function_call_arguments.done', told], done(this.index, this.whole)];
  }

  get whole(): JsonObject {
    return {
      id: this.#id,
      type: 'function_call',
      status: this.#status,
      arguments: this.#arguments,
      call_id: this.#callId,
      name: this.#name,
    };
  }

  #place(): JsonObject {
    return { item_id: this.#id, output_index: this.index };
  }
}
