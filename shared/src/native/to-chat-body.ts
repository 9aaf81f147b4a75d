import type { ParsedRequest } from '../request/parse-request.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });

/**
 * The chat request that answers a `native.chat` request: the prompt as the user's message, `model` as given, all other
 * fields as the client wrote them, to the byte.
 */
export function toChatBody(request: ParsedRequest, model: string): Uint8Array {
  const written = (name: string): string | undefined => {
    const span = request.scan.members.get(name);
    return span === undefined ? undefined : decoder.decode(request.bytes.subarray(span.start, span.end));
  };
  const members = [
    `"model":${JSON.stringify(model)}`,
    `"messages":[{"role":"user","content":${written('prompt') ?? '""'}}]`,
  ];
  for (const name of request.scan.members.keys()) {
    if (name !== 'model' && name !== 'prompt') members.push(`${JSON.stringify(name)}:${written(name) ?? 'null'}`);
  }
  return encoder.encode(`{${members.join(',')}}`);
}
