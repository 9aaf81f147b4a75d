/** What a path names: the version of the API, the model, and how its answer is to come. */
export interface PathTarget {
  readonly version: 'v1' | 'v1beta';
  /** As the provider's paths have it: `gemini-2.5-flash`, or `tunedModels/mine`. */
  readonly model: string;
  readonly method: 'generateContent' | 'streamGenerateContent';
}

const PATH = /^\/(v1|v1beta)\/(models|tunedModels)\/([^/]+):(generateContent|streamGenerateContent)$/;
const TUNED = 'tunedModels/';
/** Never a path of its own: no slash, no dots alone. */
const NAME = /^(?!\.{1,2}$)[A-Za-z0-9._:@-]{1,128}$/;

/** Reads a path of Gemini's; undefined where it is none, or names a model as no model is named. */
export function geminiTarget(pathname: string): PathTarget | undefined {
  const [, version, family, encoded = '', method] = PATH.exec(pathname) ?? [];
  const name = decodedOnce(encoded);
  if (name === undefined || !NAME.test(name)) return undefined;
  if (method !== 'generateContent' && method !== 'streamGenerateContent') return undefined;
  return {
    version: version === 'v1' ? version : 'v1beta',
    model: family === 'tunedModels' ? `${TUNED}${name}` : name,
    method,
  };
}

/** Whether what is answered at a path is one JSON list, an error too: a stream that is not asked for as events (`alt=sse`). */
export function answersInList(pathname: string, query: URLSearchParams): boolean {
  return geminiTarget(pathname)?.method === 'streamGenerateContent' && query.get('alt') !== 'sse';
}

/** What of a target decides the answer. */
export function targetParameters(target: PathTarget | undefined): Readonly<Record<string, string>> {
  return target === undefined ? {} : { version: target.version, model: target.model };
}

/** The provider's path for a target, its version included, encoded anew. */
export function geminiPath({ version, model, method }: PathTarget): string {
  const tuned = model.startsWith(TUNED);
  const name = encodeURIComponent(tuned ? model.slice(TUNED.length) : model);
  return `/${version}/${tuned ? 'tunedModels' : 'models'}/${name}:${method}`;
}

function decodedOnce(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
