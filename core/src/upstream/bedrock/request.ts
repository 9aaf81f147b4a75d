import { OPERATION_SPECS, scanJson, withMembers, withoutMembers, type JsonObject } from '@isartor/shared';
import { pathSegment } from '../transport/path-segment.ts';
import type { UpstreamCall } from '../upstream.port.ts';

/** The version of Anthropic's API that Bedrock serves: https://docs.claude.com/en/api/claude-on-amazon-bedrock */
const ANTHROPIC_VERSION = 'bedrock-2023-05-31';
const BETA_HEADER = 'anthropic-beta';

/** What of a call differs on Bedrock. */
export interface BedrockRequest {
  readonly path: string;
  readonly body: Uint8Array;
  readonly headers: UpstreamCall['headers'];
}

type Call = Pick<UpstreamCall, 'operation' | 'model' | 'body' | 'headers' | 'stream'>;

/** OpenAI's API has a path of its own there; Anthropic's is what a model is invoked with. */
export function bedrockRequest(call: Call): BedrockRequest {
  if (OPERATION_SPECS[call.operation].providerDialect === 'openai')
    return {
      path: `/openai/v1${OPERATION_SPECS[call.operation].upstreamPath}`,
      body: call.body,
      headers: call.headers,
    };
  const method = call.stream ? 'invoke-with-response-stream' : 'invoke';
  return {
    path: `/model/${pathSegment(call.model)}/${method}`,
    body: anthropicBody(call),
    // What they say stands in the body.
    headers: call.headers.filter(([name]) => !name.startsWith('anthropic-')),
  };
}

/** Model and stream stand in the path, the version and the betas in the body; all else is as the client sent it. */
function anthropicBody({ body, headers }: Call): Uint8Array {
  const invoked = withoutMembers(body, ['model', 'stream']);
  const { members } = scanJson(invoked);
  const betas = headers
    .filter(([name]) => name === BETA_HEADER)
    .flatMap(([, value]) => value.split(',').map((beta) => beta.trim()))
    .filter((beta) => beta !== '');
  const added: JsonObject = {
    ...(members.has('anthropic_version') ? {} : { anthropic_version: ANTHROPIC_VERSION }),
    ...(betas.length === 0 || members.has('anthropic_beta') ? {} : { anthropic_beta: betas }),
  };
  return withMembers(invoked, added);
}
