import type { SharedV4ProviderMetadata } from '@ai-sdk/provider';
import type { JsonObject } from '@isartor/shared';
import type { ModelPart } from '../surface.port.ts';
import { reasoningDetail } from './reasoning-details.ts';

type ThoughtPart = Extract<ModelPart, { type: `reasoning-${'start' | 'delta' | 'end'}` }>;

interface Thought {
  text: string;
  metadata: SharedV4ProviderMetadata;
}

/**
 * The thoughts of a stream. Their text is told as it comes; the details, once they are all whole: some clients add lists
 * up, others (OpenAI's own among them) keep the last one, and both must give them back as they were.
 */
export class GrowingThoughts {
  readonly #thoughts: Thought[] = [];
  readonly #open = new Map<string, Thought>();

  /** What a piece adds to the message. */
  deltasOf(part: ThoughtPart): JsonObject[] {
    const thought = this.#opened(part.id);
    thought.metadata = { ...thought.metadata, ...part.providerMetadata };
    if (part.type === 'reasoning-end') this.#open.delete(part.id);
    if (part.type !== 'reasoning-delta' || part.delta === '') return [];
    thought.text += part.delta;
    return [{ reasoning_content: part.delta }];
  }

  /** The member that tells all of them, with what seals them. */
  get details(): JsonObject {
    if (this.#thoughts.length === 0) return {};
    return {
      reasoning_details: this.#thoughts.map(({ text, metadata }, index) => reasoningDetail(text, metadata, index)),
    };
  }

  #opened(id: string): Thought {
    const open = this.#open.get(id);
    if (open !== undefined) return open;
    const thought: Thought = { text: '', metadata: {} };
    this.#thoughts.push(thought);
    this.#open.set(id, thought);
    return thought;
  }
}
