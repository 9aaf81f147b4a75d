import type { JsonObject } from '@isartor/shared';
import { thoughtSignature } from '../neutral/reasoning-seal.ts';
import type { ModelPart } from '../surface.port.ts';
import { signed } from './answer-members.ts';

type CallPart = Extract<ModelPart, { type: `tool-input-${'start' | 'delta' | 'end'}` | 'tool-call' }>;

interface OpenCall {
  readonly index: number;
  /** What was told of its arguments. */
  input: string;
  isSigned: boolean;
}

/** The deltas of calls that the client has to make, numbered as they begin. */
export class ToolCallDeltas {
  readonly #calls = new Map<string, OpenCall>();
  /** Calls that the provider makes by itself. */
  readonly #others = new Set<string>();

  of(part: CallPart): JsonObject[] {
    switch (part.type) {
      case 'tool-input-start':
        if (part.providerExecuted === true) this.#others.add(part.id);
        return this.#others.has(part.id)
          ? []
          : [this.#begun(part.id, part.toolName, '', thoughtSignature(part.providerMetadata))];
      case 'tool-input-delta':
        return this.#grown(part.id, part.delta, thoughtSignature(part.providerMetadata));
      case 'tool-input-end':
        return [];
      case 'tool-call':
        return part.providerExecuted === true ? [] : this.#whole(part);
      default:
        return part satisfies never;
    }
  }

  /** Of calls that the model meant as they are: arguments that a server left out are none. */
  get missing(): JsonObject[] {
    return [...this.#calls.values()]
      .filter(({ input }) => input.trim() === '')
      .map(({ index }) => ({ tool_calls: [{ index, function: { arguments: '{}' } }] }));
  }

  /** The whole call brings what its pieces did not: all of it, or arguments that nobody had to write. */
  #whole({ toolCallId, toolName, input, providerMetadata }: Extract<CallPart, { type: 'tool-call' }>): JsonObject[] {
    const signature = thoughtSignature(providerMetadata);
    const call = this.#calls.get(toolCallId);
    if (call === undefined) return [this.#begun(toolCallId, toolName, input, signature)];
    const rest = input.startsWith(call.input) ? input.slice(call.input.length) : '';
    return this.#grown(toolCallId, rest, signature);
  }

  #begun(id: string, name: string, input: string, signature: string | undefined): JsonObject {
    const index = this.#calls.size;
    this.#calls.set(id, { index, input, isSigned: signature !== undefined });
    const call = { index, id, type: 'function', function: { name, arguments: input }, ...signed(signature) };
    return { tool_calls: [call] };
  }

  #grown(id: string, piece: string, signature: string | undefined): JsonObject[] {
    const call = this.#calls.get(id);
    if (call === undefined) return [];
    const isNew = signature !== undefined && !call.isSigned;
    if (piece === '' && !isNew) return [];
    call.input += piece;
    call.isSigned ||= isNew;
    const grown = { index: call.index, function: { arguments: piece }, ...(isNew && signed(signature)) };
    return [{ tool_calls: [grown] }];
  }
}
