import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

// What is used of node-llama-cpp 3 (https://node-llama-cpp.withcat.ai/api/). It is no dependency: who wants it installs it.

type Token = number;

interface Tokenizer {
  (text: string): readonly Token[];
}

/** An item of a conversation. */
export type ChatItem =
  | { readonly type: 'system' | 'user'; readonly text: string }
  | { readonly type: 'model'; readonly response: readonly string[] };

/** A slot of a context: one conversation at a time. */
export interface LlamaSequence {
  /** How many tokens it holds. */
  readonly nextTokenIndex: number;
  clearHistory(): Promise<void>;
  /** Drops what it holds beyond the beginning that it shares with these. */
  adaptStateToTokens(tokens: readonly Token[], allowShift: boolean): Promise<void>;
  evaluateWithoutGeneratingNewTokens(tokens: readonly Token[]): Promise<void>;
  controlledEvaluate(
    input: readonly (
      | Token
      | readonly [
          Token,
          { readonly generateNext: { readonly logits: { readonly filter: { readonly tokens: readonly Token[] } } } },
        ]
    )[],
  ): Promise<readonly ({ readonly next?: { readonly logits?: ReadonlyMap<Token, number> } } | undefined)[]>;
}

/** How an answer is generated. */
interface GenerateOptions {
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP: number;
  readonly seed?: number;
  readonly repeatPenalty:
    false | { readonly penalty: 1; readonly frequencyPenalty: number; readonly presencePenalty: number };
  readonly customStopTriggers: readonly string[];
  readonly signal: AbortSignal;
  readonly stopOnAbortSignal: true;
  readonly onTextChunk: (text: string) => void;
  readonly onToken: (tokens: readonly Token[]) => void;
}

/** A conversation in a sequence, in the words of the model's own template. */
export interface LlamaChat {
  readonly chatWrapper: {
    generateContextState(options: { readonly chatHistory: readonly ChatItem[] }): {
      readonly contextText: { tokenize(tokenizer: Tokenizer): readonly Token[] };
    };
  };
  generateResponse(
    history: readonly ChatItem[],
    options: GenerateOptions,
  ): Promise<{ readonly response: string; readonly metadata: { readonly stopReason: string } }>;
}

export interface LlamaModel {
  readonly tokenizer: Tokenizer;
  readonly trainContextSize: number;
  tokenize(text: string): readonly Token[];
  createContext(options: {
    readonly contextSize: number;
    readonly sequences: number;
    readonly threads?: number;
  }): Promise<{ readonly contextSize: number; getSequence(): LlamaSequence }>;
}

export interface LlamaLibrary {
  getLlama(options: {
    readonly gpu: 'auto' | false;
    readonly build: 'never';
    readonly logLevel: 'error';
    readonly progressLogs: false;
    readonly skipDownload: true;
  }): Promise<{
    loadModel(options: { readonly modelPath: string }): Promise<LlamaModel>;
    dispose(): Promise<void>;
  }>;
  readonly LlamaChat: new (options: { readonly contextSequence: LlamaSequence }) => LlamaChat;
}

const NAME = 'node-llama-cpp';
const MANIFEST = z.object({ version: z.string(), main: z.string() });

/**
 * Where the library is installed: in the `node_modules` of the folder or of one above it.
 *
 * @returns the URL of its module
 * @throws an Error of one line with the remedy
 */
export function findLlamaLibrary(dir: string): string {
  for (let folder = dir; ; folder = dirname(folder)) {
    const manifest = join(folder, 'node_modules', NAME, 'package.json');
    if (existsSync(manifest)) {
      const { version, main } = MANIFEST.parse(JSON.parse(readFileSync(manifest, 'utf8')));
      if (version.startsWith('3.')) return pathToFileURL(join(dirname(manifest), main)).href;
      throw new Error(`the small model in process needs ${NAME} 3, and ${version} is installed: npm install ${NAME}@3`);
    }
    if (dirname(folder) === folder) {
      throw new Error(
        `the small model in process (ISARTOR__ROUTER_BACKEND=embedded) needs a package that is not installed: npm install ${NAME}`,
      );
    }
  }
}

/** Loads it. Throws an Error where the module is not what it should be. */
export async function importLlamaLibrary(url: string): Promise<LlamaLibrary> {
  const library: unknown = await import(url);
  if (!isLibrary(library)) throw new Error(`${NAME} at ${url} has no getLlama or no LlamaChat`);
  return library;
}

function isLibrary(library: unknown): library is LlamaLibrary {
  return (
    typeof library === 'object' &&
    library !== null &&
    'getLlama' in library &&
    typeof library.getLlama === 'function' &&
    'LlamaChat' in library &&
    typeof library.LlamaChat === 'function'
  );
}
