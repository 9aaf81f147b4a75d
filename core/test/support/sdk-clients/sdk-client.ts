import type { ProviderDialect } from '@isartor/shared';

/** What every dialect can ask. */
export interface SdkAsk {
  readonly model: string;
  readonly question: string;
  readonly stream: boolean;
  /** A picture beside the question: PNG in Base64. */
  readonly png?: string | undefined;
  /** The answer is to be JSON of this schema. */
  readonly schema?: Readonly<Record<string, unknown>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What came back of it. */
export interface SdkAnswer {
  readonly text: string;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly call: { readonly name: string; readonly input: unknown } | undefined;
}

/** What of an SDK's errors all of them have. */
export interface SdkError {
  readonly status?: number | undefined;
  /** The same in the AI SDK. */
  readonly statusCode?: number | undefined;
  readonly message: string;
}

/** An official client, unmodified but for its base URL and key. */
export interface SdkClient {
  readonly name: string;
  /** The API that it speaks. */
  readonly own: ProviderDialect;
  ask(ask: SdkAsk): Promise<SdkAnswer>;
  /** Asks with a tool `weather` of one `city`, says what it came to, and asks on: the turn with the call, then the next. */
  useTool(ask: SdkAsk, result: string): Promise<readonly [SdkAnswer, SdkAnswer]>;
}

/** What the tool `weather` takes. */
export const CITY = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
export const ABOUT = 'Says how the weather is.';
