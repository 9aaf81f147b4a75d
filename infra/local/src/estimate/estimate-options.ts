import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readVolatile, type EstimateSettings } from '@isartor/core/estimate';
import { priceOf } from '@isartor/shared';
import { reason } from '../stack/environment.ts';
import { Fault } from '../stack/fault.ts';
import { ROOT } from '../stack/paths.ts';

/** What is to be estimated, and how the caches are set. */
export interface EstimateOptions {
  readonly kind: 'estimate';
  readonly logFile: string;
  readonly modelDir: string;
  readonly jsonFile: string | undefined;
  readonly settings: EstimateSettings;
}

/** What `--help` prints. */
export const ESTIMATE_HELP = `npm run estimate -- --log FILE [options]

  --log FILE        JSON Lines, in any order: {"at": ISO time or unix ms, "request": {…},
                    "tenant"?, "operation" or "path"?, "headers"?, "answer"?: {"usage"?, "status"?}}
                    request: the body as it was sent; usage: as the provider told it; without operation: a chat
  --ttl SECS        how long an answer is served (default: 300)
  --point P         strict (default), balanced or loose
  --threshold T     least cosine of a semantic hit (default: the model's calibrated one)
  --volatile WORDS  words and phrases, parted by commas, of questions that are neither looked up nor learnt; 'default'
                    stands for the built-in ones (default: default), as in semantic_cache.volatile
  --model-dir DIR   folder of the embedding model (default: the small one that comes along)
  --as-if MODEL     the price list's model that counts where a model has no price, or costs nothing
  --share-users     user, safety_identifier and metadata are no part of the exact cache's key
  --json FILE       writes the figures there too

What both caches would have answered had the semantic cache served: hits, tokens and money by tenant and model, and the
50 pairs that were least sure. Nothing is sent to anybody.`;

const POINTS = ['strict', 'balanced', 'loose'] as const;
/** As the core's own default. */
const TTL_SECS = '300';
const MAX_QUESTIONS = 200_000;

/** @throws Fault on what is no option, or no value of one */
export function estimateOptions(args: readonly string[]): EstimateOptions | { readonly kind: 'help' } {
  const values = parsed(args);
  if (values.help === true) return { kind: 'help' };
  if (values.log === undefined) throw new Fault(`--log FILE is missing; ${HINT}`);
  const point = POINTS.find((name) => name === (values.point ?? 'strict'));
  if (point === undefined) throw new Fault(`--point must be one of ${POINTS.join(', ')}`);
  const asIf = values['as-if'];
  if (asIf !== undefined && priceOf(asIf) === undefined) throw new Fault(`--as-if ${asIf} has no price in the list`);
  const { threshold } = values;
  return {
    kind: 'estimate',
    logFile: values.log,
    modelDir: values['model-dir'] ?? join(ROOT, 'core', 'models', 'builtin'),
    jsonFile: values.json,
    settings: {
      ttlSecs: numberOf('--ttl', values.ttl ?? TTL_SECS, Number.MAX_SAFE_INTEGER),
      point,
      threshold: threshold === undefined ? undefined : numberOf('--threshold', threshold, 1),
      shareUsers: values['share-users'] === true,
      sampled: true,
      volatile: volatileOf(values.volatile ?? 'default'),
      maxQuestions: MAX_QUESTIONS,
      asIf,
    },
  };
}

const HINT = 'npm run estimate -- --help lists the options';

function numberOf(name: string, text: string, most: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= most)) throw new Fault(`${name} ${text} is no number that fits`);
  return value;
}

function volatileOf(text: string): readonly string[] {
  try {
    return readVolatile(text);
  } catch (error) {
    throw new Fault(`--volatile ${reason(error)}`);
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        log: { type: 'string' },
        ttl: { type: 'string' },
        point: { type: 'string' },
        threshold: { type: 'string' },
        volatile: { type: 'string' },
        'model-dir': { type: 'string' },
        'as-if': { type: 'string' },
        'share-users': { type: 'boolean' },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new Fault(`${reason(error)}; ${HINT}`);
  }
}
