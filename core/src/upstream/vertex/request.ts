import { GatewayError, scanJson, withMembers, withoutMembers } from '@isartor/shared';
import type { UpstreamCall } from '../upstream.port.ts';

/** The version of Anthropic's API that Vertex serves: https://docs.claude.com/en/api/claude-on-vertex-ai */
const ANTHROPIC_VERSION = 'vertex-2023-10-16';
const GEMINI_PATH = /\/models\/([^/:]+):(generateContent|streamGenerateContent)$/;

/** What of a call differs on Vertex: the path below project and location, and Anthropic's body. */
export interface VertexRequest {
  /** With its query: of Anthropic's, Google's servers take none. */
  readonly path: string;
  readonly body: Uint8Array;
}

/** Throws a GatewayError where Vertex has nothing of the kind. */
export function vertexRequest(
  call: Pick<UpstreamCall, 'operation' | 'model' | 'path' | 'query' | 'body' | 'stream'>,
): VertexRequest {
  switch (call.operation) {
    case 'gemini.generate':
      return { path: `${geminiPath(call.path ?? '')}${call.query}`, body: call.body };
    case 'anthropic.messages': {
      const method = call.stream ? 'streamRawPredict' : 'rawPredict';
      return { path: anthropicPath(call.model, method), body: withVersion(withoutMembers(call.body, ['model'])) };
    }
    case 'anthropic.count_tokens':
      return { path: anthropicPath('count-tokens', 'rawPredict'), body: withVersion(call.body) };
    default:
      throw new GatewayError('internal', `Vertex was asked for ${call.operation}.`);
  }
}

/** The caller's path names the model as Gemini's own API does. */
function geminiPath(path: string): string {
  const [, model, method] = GEMINI_PATH.exec(path) ?? [];
  if (model === undefined || method === undefined)
    throw new GatewayError('model_not_found', 'Vertex serves no tuned models under this path.');
  return `/publishers/google/models/${model}:${method}`;
}

/** Anthropic's names there have an `@`, which stands for itself. */
function anthropicPath(model: string, method: string): string {
  return `/publishers/anthropic/models/${encodeURIComponent(model).replaceAll('%40', '@')}:${method}`;
}

function withVersion(body: Uint8Array): Uint8Array {
  return scanJson(body).members.has('anthropic_version')
    ? body
    : withMembers(body, { anthropic_version: ANTHROPIC_VERSION });
}
