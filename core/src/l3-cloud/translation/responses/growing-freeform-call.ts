import type { JsonObject } from '@isartor/shared';
import { freeformText } from './freeform-tool.ts';
import type { GrowingCall } from './growing-call.ts';
import { added, done, type ItemEvent, type ItemStatus } from './item-event.ts';

/**
 * A call of a tool that takes a text, which the client has to make. The text is told at once: only whole arguments tell
 * it from what stands around it.
 */
export class GrowingFreeformCall implements GrowingCall {
  readonly index: number;
  readonly #id: string;
  readonly #callId: string;
  readonly #name: string;
  #arguments = '';
  #input = '';
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
    this.#arguments += delta;
    return [];
  }

  complete(input: string): ItemEvent[] {
    if (input.startsWith(this.#arguments)) this.#arguments = input;
    return [];
  }

  close(status: ItemStatus): ItemEvent[] {
    this.#status = status;
    this.#input = freeformText(this.#arguments);
    const place = { item_id: this.#id, output_index: this.index };
    const input = this.#input;
    return [
      ...(input === '' ? [] : [['response.custom_tool_call_input.delta', { ...place, delta: input }] as const]),
      ['response.custom_tool_call_input.done', { ...place, input }],
      done(this.index, this.whole),
    ];
  }

  get whole(): JsonObject {
    return {
      id: this.#id,
      type: 'custom_tool_call',
      status: this.#status,
      call_id: this.#callId,
      name: this.#name,
      input: this.#input,
    };
  }
}
