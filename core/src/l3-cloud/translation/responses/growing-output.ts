import type { LanguageModelV4Source } from '@ai-sdk/provider';
import type { JsonObject } from '@isartor/shared';
import { thoughtSignature } from '../neutral/reasoning-seal.ts';
import { isWhole } from '../neutral/tool-input.ts';
import type { AnswerLabel, ModelPart } from '../surface.port.ts';
import { freeformNames } from './freeform-tool.ts';
import { GrowingFunctionCall, type GrowingCall } from './growing-call.ts';
import { GrowingFreeformCall } from './growing-freeform-call.ts';
import { GrowingMessage } from './growing-message.ts';
import { GrowingThoughts } from './growing-thoughts.ts';
import { imageItem } from './image-item.ts';
import { added, done, type GrowingItem, type ItemEvent, type ItemStatus } from './item-event.ts';
import { sealedText, type Sealed } from './seal-text.ts';

/** A piece of an output: what else a stream says is about the response. */
export type OutputPart = Exclude<ModelPart, { type: 'finish' | 'response-metadata' }>;
type TextPart = Extract<OutputPart, { type: `text-${string}` }>;
type ThoughtPart = Extract<OutputPart, { type: `reasoning-${'start' | 'delta' | 'end'}` }>;
type CallPart = Extract<OutputPart, { type: `tool-input-${string}` | 'tool-call' }>;

/** The output of a response: items, in the order in which they begin. */
export class GrowingOutput {
  readonly #answerId: string;
  /** Tools whose calls are told as a text. */
  readonly #freeform: ReadonlySet<string>;
  readonly #items: (GrowingItem | { readonly whole: JsonObject })[] = [];
  /** Texts next to each other are one message; it stays open until something else comes. */
  #message: GrowingMessage | undefined;
  #messageSignature: string | undefined;
  /** Sources that came before the text that they support. */
  readonly #sources: LanguageModelV4Source[] = [];
  readonly #thoughts = new Map<string, GrowingThoughts>();
  readonly #calls = new Map<string, GrowingCall>();
  /** Calls that the provider makes by itself. */
  readonly #others = new Set<string>();

  constructor({ id, tools }: Pick<AnswerLabel, 'id' | 'tools'>) {
    this.#answerId = id;
    this.#freeform = freeformNames(tools);
  }

  add(part: OutputPart): ItemEvent[] {
    switch (part.type) {
      case 'text-start':
      case 'text-delta':
      case 'text-end':
        return this.#addText(part);
      case 'reasoning-start':
      case 'reasoning-delta':
      case 'reasoning-end':
        return this.#addThoughts(part);
      case 'tool-input-start':
      case 'tool-input-delta':
      case 'tool-input-end':
      case 'tool-call':
        return this.#addCall(part);
      case 'source':
        if (this.#message === undefined) this.#sources.push(part);
        else this.#message.addSource(part);
        return [];
      case 'file':
        return imageItem(part, this.#nextId('ig')).flatMap((item) => [
          ...this.#closeMessage('completed'),
          ...this.#addWhole(item),
        ]);
      case 'tool-result':
      case 'tool-approval-request':
      case 'reasoning-file':
      case 'custom':
        // What a provider did by itself is told by its answer: there is no item for it.
        return [];
      default:
        return part satisfies never;
    }
  }

  /** Tells the rest of what is still open. */
  close(status: ItemStatus): ItemEvent[] {
    const open = [...this.#thoughts.values(), ...this.#calls.values()];
    this.#thoughts.clear();
    this.#calls.clear();
    return [...open.flatMap((item) => item.close(status)), ...this.#closeMessage(status)];
  }

  get items(): JsonObject[] {
    return this.#items.map(({ whole }) => whole);
  }

  #addText(part: TextPart): ItemEvent[] {
    this.#messageSignature = thoughtSignature(part.providerMetadata) ?? this.#messageSignature;
    switch (part.type) {
      case 'text-start': {
        const opened = this.#openMessage();
        return [...opened.events, ...this.#beginText(opened.message)];
      }
      case 'text-delta': {
        if (this.#message !== undefined) return this.#message.addText(part.delta);
        // Its message was closed by what came between.
        const opened = part.delta === '' ? undefined : this.#openMessage();
        if (opened === undefined) return [];
        return [...opened.events, ...this.#beginText(opened.message), ...opened.message.addText(part.delta)];
      }
      case 'text-end':
        this.#message?.cite(part);
        // Its seal comes next to it, before another text.
        return this.#messageSignature === undefined ? [] : this.#closeMessage('completed');
      default:
        return part satisfies never;
    }
  }

  #openMessage(): { readonly message: GrowingMessage; readonly events: ItemEvent[] } {
    if (this.#message !== undefined) return { message: this.#message, events: [] };
    const message = new GrowingMessage(this.#nextId('msg'), this.#items.length);
    this.#message = message;
    this.#items.push(message);
    return { message, events: [message.begin()] };
  }

  #beginText(message: GrowingMessage): ItemEvent[] {
    const events = message.beginText();
    for (const source of this.#sources.splice(0)) message.addSource(source);
    return events;
  }

  #closeMessage(status: ItemStatus): ItemEvent[] {
    const message = this.#message;
    if (message === undefined) return [];
    this.#message = undefined;
    const signature = this.#messageSignature;
    this.#messageSignature = undefined;
    return [...message.close(status), ...(signature === undefined ? [] : this.#addSeal('text', signature))];
  }

  #addThoughts(part: ThoughtPart): ItemEvent[] {
    const events: ItemEvent[] = [];
    let thoughts = this.#thoughts.get(part.id);
    if (thoughts === undefined) {
      events.push(...this.#closeMessage('completed'));
      thoughts = new GrowingThoughts(this.#nextId('rs'), this.#items.length);
      this.#thoughts.set(part.id, thoughts);
      this.#items.push(thoughts);
      events.push(thoughts.begin());
    }
    thoughts.take(part.providerMetadata);
    if (part.type === 'reasoning-delta') events.push(...thoughts.addText(part.delta));
    if (part.type === 'reasoning-end') {
      this.#thoughts.delete(part.id);
      events.push(...thoughts.close());
    }
    return events;
  }

  #addCall(part: CallPart): ItemEvent[] {
    switch (part.type) {
      case 'tool-input-start':
        if (part.providerExecuted === true) this.#others.add(part.id);
        return this.#others.has(part.id) ? [] : this.#openCall(part.id, part.toolName);
      case 'tool-input-delta':
        return this.#calls.get(part.id)?.addArguments(part.delta) ?? [];
      case 'tool-input-end':
        return [];
      case 'tool-call':
        return part.providerExecuted === true ? [] : this.#closeCall(part);
      default:
        return part satisfies never;
    }
  }

  #openCall(id: string, name: string): ItemEvent[] {
    const before = this.#closeMessage('completed');
    const index = this.#items.length;
    const call = this.#freeform.has(name)
      ? new GrowingFreeformCall(this.#nextId('ctc'), index, id, name)
      : new GrowingFunctionCall(this.#nextId('fc'), index, id, name);
    this.#calls.set(id, call);
    this.#items.push(call);
    return [...before, call.begin()];
  }

  #closeCall({ toolCallId, toolName, input, providerMetadata }: Extract<CallPart, { type: 'tool-call' }>): ItemEvent[] {
    const events = this.#calls.has(toolCallId) ? [] : this.#openCall(toolCallId, toolName);
    const call = this.#calls.get(toolCallId);
    if (call === undefined) return events;
    const signature = thoughtSignature(providerMetadata);
    return [
      ...events,
      ...call.complete(input),
      ...this.#closeIfWhole(toolCallId, call, input),
      ...(signature === undefined ? [] : this.#addSeal({ call: toolCallId }, signature)),
    ];
  }

  /** One that may have been cut off stays open: only the end of the answer tells. */
  #closeIfWhole(id: string, call: GrowingCall, input: string): ItemEvent[] {
    if (!isWhole(input)) return [];
    this.#calls.delete(id);
    return call.close('completed');
  }

  /** Gemini signs texts and calls too; their items have no place for it, so thoughts without a word carry it. */
  #addSeal(on: Sealed['on'], signature: string): ItemEvent[] {
    const encrypted_content = sealedText({ on, seal: { format: 'google-gemini-v1', signature } });
    return this.#addWhole({ id: this.#nextId('rs'), type: 'reasoning', summary: [], encrypted_content });
  }

  #addWhole(item: JsonObject): ItemEvent[] {
    const index = this.#items.length;
    this.#items.push({ whole: item });
    return [added(index, item), done(index, item)];
  }

  #nextId(kind: string): string {
    return `${kind}_${this.#answerId}_${this.#items.length}`;
  }
}
