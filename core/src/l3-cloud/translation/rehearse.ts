import type {
  LanguageModelV4,
  LanguageModelV4FilePart,
  LanguageModelV4Prompt,
  SharedV4Warning,
} from '@ai-sdk/provider';
import { isUrlSupported } from '@ai-sdk/provider-utils';
import { languageModel } from './language-model.ts';
import { NotTranslatableError } from './not-translatable-error.ts';
import type { ModelCall, Surface } from './surface.port.ts';
import type { Target } from './targets.ts';
import { withThoughtsInLimits } from './thinking-limit.ts';

/** The least that the library takes for an answer: it never leaves this file. */
const NO_ANSWER: Readonly<Record<Target, object>> = {
  'openai.responses': { id: '', created_at: 0, model: '', output: [], usage: { input_tokens: 0, output_tokens: 0 } },
  'openai.chat': { choices: [{ index: 0, message: { content: '' }, finish_reason: 'stop' }] },
  'anthropic.messages': {
    type: 'message',
    id: '',
    model: '',
    content: [],
    stop_reason: 'end_turn',
    usage: { input_tokens: 0, output_tokens: 0 },
  },
  'gemini.generate': { candidates: [{ content: { parts: [] }, finishReason: 'STOP' }] },
};

/** Features that the library names otherwise than the field that they are in. */
const FIELDS: ReadonlyMap<string, keyof ModelCall> = new Map([
  ['strict', 'tools'],
  ['tool', 'tools'],
  ['function', 'tools'],
]);

/** Of what the library calls a matter of compatibility: what takes something away, not only another word for it. */
const LOSSES = /^JSON Schema/;
/** Models that take tools or thoughts, but not both, by the API that they are asked by here. */
const ONLY_BY_RESPONSES = /Use the Responses API/;

/** What the library says of a request that it would leave out, or say otherwise. */
type Doubt = Extract<SharedV4Warning, { readonly type: 'unsupported' | 'compatibility' }>;

/**
 * Has the library write the request without sending it, for only then does it say what it would leave out. Returns the
 * call that is to be made, its thoughts within what the provider allows. Throws a NotTranslatableError that names what
 * would be lost.
 */
export async function rehearse(
  target: Target,
  name: string,
  { fieldNames }: Pick<Surface, 'fieldNames'>,
  call: ModelCall,
): Promise<ModelCall> {
  let sent = '';
  const fetch: typeof globalThis.fetch = (_, init) => {
    if (typeof init?.body === 'string') sent = init.body;
    return Promise.resolve(Response.json(NO_ANSWER[target]));
  };
  const model = await languageModel(target, name, { fetch, asksUsage: false });
  await refuseLostFiles(model, target, call.prompt, fieldNames);
  let asked = call;
  let warnings = await warningsOf(model, call, fieldNames);
  if (target === 'anthropic.messages' && call.reasoning !== undefined) {
    asked = withThoughtsInLimits(call, sent);
    if (asked !== call) warnings = await warningsOf(model, asked, fieldNames);
  }
  for (const warning of warnings) if (isLoss(warning, call)) throw lost(name, fieldNames, warning);
  return asked;
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

/**
 * Models that reason take no temperature, and run at 1: who asks for that loses nothing. How long to think is a wish,
 * told in the nearest words that the model knows, and a limit above the model's own is the model's own.
 */
function isLoss(warning: SharedV4Warning, { temperature, maxOutputTokens }: ModelCall): warning is Doubt {
  if (warning.type !== 'unsupported' && warning.type !== 'compatibility') return false;
  const { type, feature, details = '' } = warning;
  if (feature === 'reasoning') return ONLY_BY_RESPONSES.test(details);
  if (feature === 'temperature' && temperature === 1) return false;
  if (feature === 'maxOutputTokens' && maxOutputTokens !== undefined) return false;
  return type === 'unsupported' || LOSSES.test(feature);
}

function lost(name: string, fieldNames: Surface['fieldNames'], { feature, details }: Doubt): NotTranslatableError {
  const [root = ''] = feature.split(/[ .]/);
  const param = new Map<string, string>(Object.entries(fieldNames)).get(FIELDS.get(root) ?? root);
  const why = details === undefined ? '' : ` ${details}`;
  return new NotTranslatableError(`${param ?? feature} cannot be put to ${name}.${why}`, param);
}

/**
 * A file by its address is read by the provider, or by nobody: the gateway fetches nothing on a caller's word. One that
 * the assistant gave is told to Gemini alone: for the others the library leaves it out.
 */
async function refuseLostFiles(
  model: LanguageModelV4,
  target: Target,
  prompt: LanguageModelV4Prompt,
  fieldNames: Surface['fieldNames'],
): Promise<void> {
  const supportedUrls = await model.supportedUrls;
  const refuse = (why: string): never => {
    throw new NotTranslatableError(`${model.modelId} ${why}`, fieldNames.prompt);
  };
  for (const { role, content } of prompt) {
    for (const { mediaType, data } of typeof content === 'string' ? [] : filesIn(content)) {
      if (role === 'assistant' && target !== 'gemini.generate')
        refuse('cannot be told of a file that an assistant gave.');
      if (data.type !== 'url' || isUrlSupported({ mediaType, url: data.url.toString(), supportedUrls })) continue;
      refuse(`does not read a file of the type ${mediaType} at an address like this one; send its contents.`);
    }
  }
}

type Part = Exclude<LanguageModelV4Prompt[number]['content'], string>[number];

function filesIn(content: readonly Part[]): LanguageModelV4FilePart[] {
  return content.flatMap((part) => {
    if (part.type === 'file') return [part];
    if (part.type !== 'tool-result' || part.output.type !== 'content') return [];
    return part.output.value.filter((said): said is LanguageModelV4FilePart => said.type === 'file');
  });
}
