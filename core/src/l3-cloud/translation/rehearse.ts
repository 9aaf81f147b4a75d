import type { LanguageModelV4, LanguageModelV4Prompt, SharedV4Warning } from '@ai-sdk/provider';
import { isUrlSupported } from '@ai-sdk/provider-utils';
import type { ProviderDialect } from '@isartor/shared';
import { languageModel } from './language-model.ts';
import { NotTranslatableError } from './not-translatable-error.ts';
import type { ModelCall, Surface } from './surface.port.ts';

/** The least that the library takes for an answer: it never leaves this file. */
const NO_ANSWER: Readonly<Record<ProviderDialect, object>> = {
  openai: { choices: [{ message: { content: '' }, finish_reason: 'stop' }] },
  anthropic: {
    type: 'message',
    id: '',
    model: '',
    content: [],
    stop_reason: 'end_turn',
    usage: { input_tokens: 0, output_tokens: 0 },
  },
  gemini: { candidates: [{ content: { parts: [] }, finishReason: 'STOP' }] },
};

/** Features that the library names otherwise than the field that they are in. */
const FIELDS: ReadonlyMap<string, keyof ModelCall> = new Map([
  ['strict', 'tools'],
  ['tool', 'tools'],
  ['function', 'tools'],
]);

/**
 * Has the library write the request without sending it, for only then does it say what it would leave out. Throws a
 * NotTranslatableError that names it.
 */
export async function rehearse(
  dialect: ProviderDialect,
  name: string,
  { fieldNames }: Pick<Surface, 'fieldNames'>,
  call: ModelCall,
): Promise<void> {
  const fetch = () => Promise.resolve(Response.json(NO_ANSWER[dialect]));
  const model = await languageModel(dialect, name, { fetch, asksUsage: false });
  await refuseUnknownUrls(model, call.prompt, fieldNames);
  for (const warning of await warningsOf(model, call, fieldNames)) refuseLoss(name, fieldNames, warning);
}

async function warningsOf(
  model: LanguageModelV4,
  call: ModelCall,
  fieldNames: Surface['fieldNames'],
): Promise<readonly SharedV4Warning[]> {
  try {
    return (await model.doGenerate(call)).warnings;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'for no reason that it tells';
    throw new NotTranslatableError(`The request cannot be put to ${model.modelId}: ${why}`, fieldNames.prompt);
  }
}

function refuseLoss(name: string, fieldNames: Surface['fieldNames'], warning: SharedV4Warning): void {
  if (warning.type !== 'unsupported') return;
  const [root = ''] = warning.feature.split(/[ .]/);
  const param = new Map<string, string>(Object.entries(fieldNames)).get(FIELDS.get(root) ?? root);
  const details = warning.details === undefined ? '' : ` ${warning.details}`;
  throw new NotTranslatableError(`${param ?? warning.feature} cannot be put to ${name}.${details}`, param);
}

/** A file by its address is read by the provider, or by nobody: the gateway fetches nothing on a caller's word. */
async function refuseUnknownUrls(
  model: LanguageModelV4,
  prompt: LanguageModelV4Prompt,
  fieldNames: Surface['fieldNames'],
): Promise<void> {
  const supportedUrls = await model.supportedUrls;
  for (const { content } of prompt) {
    if (typeof content === 'string') continue;
    for (const part of content) {
      if (part.type !== 'file' || part.data.type !== 'url') continue;
      const { mediaType } = part;
      if (isUrlSupported({ mediaType, url: part.data.url.toString(), supportedUrls })) continue;
      throw new NotTranslatableError(
        `${model.modelId} does not read a file of the type ${mediaType} at an address like this one; send its contents.`,
        fieldNames.prompt,
      );
    }
  }
}
