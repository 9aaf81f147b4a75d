import type { SharedV4ProviderMetadata } from '@ai-sdk/provider';
import type { JsonObject, SseEvent } from '@isartor/shared';
import { joinedMetadata } from '../neutral/joined-metadata.ts';
import { sealOf } from '../neutral/reasoning-seal.ts';
import type { AnswerLabel, ModelPart, StreamWriter } from '../surface.port.ts';
import { emptyMessage, stopReasonOf, toolUseId, usageOf } from './message-members.ts';
import { sealData, signatureOf } from './seal-block.ts';

type Part<Kind extends ModelPart['type']> = Extract<ModelPart, { type: Kind }>;
type Start = Part<`${'text' | 'reasoning' | 'tool-input'}-start`>;

/** A block that has begun in the model's stream. */
interface OpenBlock {
  readonly kind: 'text' | 'reasoning' | 'tool-input';
  readonly name: string;
  /** Its place in the message; undefined: it is not being told. */
  index: number | undefined;
  wasTold: boolean;
  /** What was told of a call's input. */
  input: string;
  metadata: SharedV4ProviderMetadata | undefined;
}

/** A streamed message: its events add up to the plain one. */
export function writeStream(label: AnswerLabel): StreamWriter {
  return new MessageStream(label);
}

class MessageStream implements StreamWriter {
  #label: AnswerLabel;
  #hasBegun = false;
  #count = 0;
  #hasCalled = false;
  /** By the model's own name for them. */
  readonly #open = new Map<string, OpenBlock>();

  constructor(label: AnswerLabel) {
    this.#label = label;
  }

  write(part: ModelPart): readonly SseEvent[] {
    const events = this.#eventsOf(part);
    if (events.length === 0 || this.#hasBegun) return events;
    this.#hasBegun = true;
    const usage = { input_tokens: 0, output_tokens: 0 };
    return [event('message_start', { message: { ...emptyMessage(this.#label), usage } }), ...events];
  }

  #eventsOf(part: ModelPart): SseEvent[] {
    switch (part.type) {
      case 'response-metadata':
        this.#label = { ...this.#label, model: part.modelId ?? this.#label.model };
        return [];
      case 'text-start':
      case 'reasoning-start':
      case 'tool-input-start':
        return this.#start(part);
      case 'text-delta':
      case 'reasoning-delta':
      case 'tool-input-delta':
        return this.#grow(part.id, part.delta, part.providerMetadata);
      case 'text-end':
      case 'reasoning-end':
        return this.#end(part.id, part.providerMetadata);
      case 'tool-input-end':
        // The whole call follows, and may bring a signature.
        return [];
      case 'tool-call':
        return this.#call(part);
      case 'finish':
        return this.#finish(part);
      default:
        // What a provider did by itself is told by its answer; Anthropic's messages hold no files.
        return [];
    }
  }

  #start(part: Start): SseEvent[] {
    if (part.type === 'tool-input-start' && part.providerExecuted === true) return [];
    const block: OpenBlock = {
      kind: kindOf(part),
      name: part.type === 'tool-input-start' ? part.toolName : '',
      index: undefined,
      wasTold: false,
      input: '',
      metadata: part.providerMetadata,
    };
    this.#open.set(part.id, block);
    return block.kind === 'tool-input' ? this.#tell(part.id, block) : [];
  }

  /** Begins a block in the message, once it has something to say; texts and thoughts end where another block begins. */
  #tell(id: string, block: OpenBlock): SseEvent[] {
    if (block.index !== undefined) return [];
    const others = [...this.#open].filter(([, { kind, index }]) => kind !== 'tool-input' && index !== undefined);
    const ended = others.flatMap(([otherId]) => this.#pause(otherId));
    block.index = this.#count;
    block.wasTold = true;
    if (block.kind === 'tool-input') this.#hasCalled = true;
    this.#count += 1;
    return [...ended, event('content_block_start', { index: block.index, content_block: startOf(id, block) })];
  }

  #grow(id: string, delta: string, metadata: SharedV4ProviderMetadata | undefined): SseEvent[] {
    const block = this.#open.get(id);
    if (block === undefined) return [];
    block.metadata = joinedMetadata(block.metadata, metadata);
    if (delta === '') return [];
    const begun = this.#tell(id, block);
    if (block.kind === 'tool-input') block.input += delta;
    return [...begun, event('content_block_delta', { index: block.index ?? 0, delta: deltaOf(block.kind, delta) })];
  }

  #end(id: string, metadata: SharedV4ProviderMetadata | undefined): SseEvent[] {
    const block = this.#open.get(id);
    if (block === undefined) return [];
    block.metadata = joinedMetadata(block.metadata, metadata);
    this.#open.delete(id);
    if (block.kind === 'reasoning') return this.#endThoughts(block, id);
    return [...this.#stop(block), ...this.#sealed(block)];
  }

  /** Sealed thoughts have no text, and are told at once. */
  #endThoughts(block: OpenBlock, id: string): SseEvent[] {
    const seal = sealOf(block.metadata);
    if (seal !== undefined && 'redacted' in seal)
      return this.#whole({ type: 'redacted_thinking', data: seal.redacted });
    if (block.index === undefined && block.wasTold) return [];
    const begun = this.#tell(id, block);
    const signature = signatureOf(block.metadata);
    const delta = { type: 'signature_delta', signature };
    const signed = signature === '' ? [] : [event('content_block_delta', { index: block.index ?? 0, delta })];
    return [...begun, ...signed, ...this.#stop(block)];
  }

  #call(part: Part<'tool-call'>): SseEvent[] {
    if (part.providerExecuted === true) return [];
    const { toolCallId: id, toolName, input, providerMetadata } = part;
    const begun = this.#open.has(id) ? [] : this.#start({ type: 'tool-input-start', id, toolName });
    const told = this.#open.get(id)?.input ?? '';
    const rest = input.startsWith(told) ? input.slice(told.length) : '';
    return [...begun, ...this.#grow(id, rest, providerMetadata), ...this.#end(id, undefined)];
  }

  /** Ends a block in the message that may go on in the model's stream: what comes then is a block of its own. */
  #pause(id: string): SseEvent[] {
    const block = this.#open.get(id);
    if (block === undefined) return [];
    const events = this.#stop(block);
    block.index = undefined;
    return events;
  }

  #stop({ index }: OpenBlock): SseEvent[] {
    return index === undefined ? [] : [event('content_block_stop', { index })];
  }

  #sealed(block: OpenBlock): SseEvent[] {
    // Of a block that others have ended, the seal would be taken for theirs.
    if (block.index === undefined && block.wasTold) return [];
    const data = sealData(block.metadata, !block.wasTold);
    return data === undefined ? [] : this.#whole({ type: 'redacted_thinking', data });
  }

  #whole(content_block: JsonObject): SseEvent[] {
    const index = this.#count;
    this.#count += 1;
    return [event('content_block_start', { index, content_block }), event('content_block_stop', { index })];
  }

  #finish({ finishReason, usage }: Part<'finish'>): SseEvent[] {
    const ended = [...this.#open.keys()].flatMap((id) => this.#end(id, undefined));
    const delta = { stop_reason: stopReasonOf(finishReason.unified, this.#hasCalled), stop_sequence: null };
    return [...ended, event('message_delta', { delta, usage: usageOf(usage) }), event('message_stop', {})];
  }
}

function kindOf({ type }: Start): OpenBlock['kind'] {
  if (type === 'text-start') return 'text';
  return type === 'reasoning-start' ? 'reasoning' : 'tool-input';
}

function startOf(id: string, { kind, name }: OpenBlock): JsonObject {
  if (kind === 'text') return { type: 'text', text: '' };
  if (kind === 'reasoning') return { type: 'thinking', thinking: '', signature: '' };
  return { type: 'tool_use', id: toolUseId(id), name, input: {} };
}

function deltaOf(kind: OpenBlock['kind'], piece: string): JsonObject {
  if (kind === 'text') return { type: 'text_delta', text: piece };
  if (kind === 'reasoning') return { type: 'thinking_delta', thinking: piece };
  return { type: 'input_json_delta', partial_json: piece };
}

function event(type: string, members: JsonObject): SseEvent {
  return { event: type, data: JSON.stringify({ type, ...members }) };
}
