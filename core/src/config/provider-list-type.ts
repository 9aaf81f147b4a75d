import { PROVIDER_DIALECTS, type ProviderDialect } from '@isartor/shared';
import { z } from 'zod';
import { apiBaseUrl } from './address-types.ts';
import { cloudAddress } from './cloud-address.ts';
import { parsedList, unknownMember } from './listed-records.ts';
import { providerFault } from './provider-fault.ts';
import { PRESET_NAMES, PROVIDER_PRESETS, type PresetName } from './provider-presets.ts';
import { choice, decimalNumber, flag, headerSecret, oneLine } from './value-types.ts';

/** One of a provider's keys. */
export interface NamedKey {
  readonly name: string;
  readonly key: string;
}

/** One provider of the chain, as an operator writes it. */
export interface ListedProvider {
  readonly name: string;
  /** The row of the table of providers that the other members are taken from where they are left out. */
  readonly preset: PresetName | undefined;
  /** The API that it speaks. */
  readonly dialect: ProviderDialect;
  /** Base of the API with its version, without a slash at its end. */
  readonly url: string;
  /** Of Azure: the dated version of its API. */
  readonly apiVersion: string | undefined;
  /** Of Bedrock: what requests are signed for. */
  readonly region: string | undefined;
  /** The first of `keys`. */
  readonly key: string | undefined;
  /** Its keys, each with a name for logs. */
  readonly keys: readonly NamedKey[];
  readonly model: string;
  readonly weight: number | undefined;
  readonly askUsage: boolean;
  readonly firstByteSecs: number | undefined;
  readonly betweenBytesSecs: number | undefined;
}

const DAY_SECS = 86_400;
const MAX_KEYS = 64;

const TIMEOUTS = {
  first_byte_secs: decimalNumber(0.001, DAY_SECS),
  between_bytes_secs: decimalNumber(0.001, DAY_SECS),
};
const MEMBERS = {
  name: providerName(),
  preset: choice(PRESET_NAMES),
  dialect: choice(PROVIDER_DIALECTS),
  url: apiBaseUrl(),
  resource: azureResource(),
  api_version: azureApiVersion(),
  project: googleName('the id of a Google Cloud project, such as my-project'),
  location: googleName('a location of Vertex AI, such as europe-west1 or global'),
  region: awsRegion(),
  model: oneLine(),
  key: headerSecret(),
  keys: z
    .array(z.union([headerSecret(), z.strictObject({ name: providerName(), key: headerSecret() })]))
    .min(1)
    .max(MAX_KEYS)
    .describe('a list of keys, or of {"name","key"}'),
  weight: decimalNumber(0, 1_000),
  ask_usage: flag(),
  timeouts: z
    .strictObject({
      first_byte_secs: TIMEOUTS.first_byte_secs.optional(),
      between_bytes_secs: TIMEOUTS.between_bytes_secs.optional(),
    })
    .describe('a group of first_byte_secs and between_bytes_secs'),
};
const RECORD = z.strictObject({
  ...MEMBERS,
  preset: MEMBERS.preset.optional(),
  dialect: MEMBERS.dialect.optional(),
  url: MEMBERS.url.optional(),
  resource: MEMBERS.resource.optional(),
  api_version: MEMBERS.api_version.optional(),
  project: MEMBERS.project.optional(),
  location: MEMBERS.location.optional(),
  region: MEMBERS.region.optional(),
  model: MEMBERS.model.optional(),
  key: MEMBERS.key.optional(),
  keys: MEMBERS.keys.optional(),
  weight: MEMBERS.weight.optional(),
  ask_usage: MEMBERS.ask_usage.optional(),
  timeouts: MEMBERS.timeouts.optional(),
});
/** What each member takes, for messages. */
const DESCRIPTIONS: ReadonlyMap<string, string | undefined> = new Map(
  Object.entries({ ...MEMBERS, ...TIMEOUTS }).map(([name, type]) => [name, type.description]),
);

/** The chain of providers: JSON text, or the same as a YAML list. At least one; every name once. */
export function providerList() {
  return z
    .union([z.string(), z.array(z.record(z.string(), z.unknown()))])
    .transform((given, context): readonly ListedProvider[] => {
      const fault = (message: string): never => {
        context.addIssue({ code: 'custom', message: `cannot be used: ${message}` });
        return z.NEVER;
      };
      const list = typeof given === 'string' ? parsedList(given) : given;
      if (list === undefined) return fault('it must be a JSON list of objects; check its brackets and quotes');
      if (list.length === 0) return fault('the list is empty; name a provider, or leave the setting out');
      const records = list.map((item) => RECORD.safeParse(item));
      for (const [index, record] of records.entries()) {
        if (!record.success) return fault(describeIssue(`[${index}]`, record.error.issues));
      }
      for (const [index, { data }] of records.entries()) {
        const unclear = data && providerFault(data);
        if (unclear !== undefined) return fault(`[${index}]${unclear}`);
      }
      const twice = records.findIndex(({ data }) => data?.key !== undefined && data.keys !== undefined);
      if (twice >= 0) return fault(`[${twice}] has key and keys; leave one of them out`);
      const providers = records.flatMap(({ data }) => (data === undefined ? [] : [fromRecord(data)]));
      const double = providers.findIndex(({ name }, index) => providers.findIndex((p) => p.name === name) < index);
      const sameKey = providers.findIndex(({ keys }) => hasDouble(keys));
      if (sameKey >= 0) return fault(`[${sameKey}].keys holds a key or a name twice; leave one of them out`);
      return double < 0 ? providers : fault(`[${double}].name is the name of another one too; choose another`);
    })
    .describe(
      'a JSON list of {"name","preset"?,"dialect"?,"url"?,"resource"?,"api_version"?,"project"?,"location"?,"region"?,"model"?,"key"?,"keys"?:["…"],"weight"?,"ask_usage"?,"timeouts"?:{"first_byte_secs"?,"between_bytes_secs"?}}, or the same in YAML',
    );
}

/** What goes into a header and a metric's label. */
function providerName() {
  return z
    .string()
    .trim()
    .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/)
    .describe('1 to 64 lower-case letters, digits, dots, dashes or underscores, such as openai or groq-eu');
}

function azureResource() {
  return z
    .string()
    .trim()
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9-]{1,63}$/)
    .describe('the name of an Azure OpenAI resource');
}

function azureApiVersion() {
  return z
    .string()
    .trim()
    .regex(/^\d{4}-\d{2}-\d{2}(-preview)?$/)
    .describe('a dated version of the API, such as 2024-10-21');
}

/** With the domain that the projects of some organisations have before their id. */
function googleName(description: string) {
  return z
    .string()
    .trim()
    .regex(/^[a-z0-9][a-z0-9.:-]{1,99}$/)
    .describe(description);
}

function awsRegion() {
  return z
    .string()
    .trim()
    .regex(/^[a-z]{2}[a-z0-9-]{2,30}$/)
    .describe('a region of AWS, such as eu-central-1');
}

/** The place of a fault and its remedy; never a value, and of a name only what looks like one. */
function describeIssue(item: string, issues: readonly z.core.$ZodIssue[]): string {
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
  if (unknown !== undefined)
    return `${[item, ...unknown.path].join('.')} ${unknownMember(unknown, Object.keys(unknown.path.length === 0 ? MEMBERS : TIMEOUTS))}`;
  const [issue] = issues;
  const [, member] = [item, ...(issue?.path ?? [])];
  // Deeper lies a key.
  if (member === 'keys') return `${item}.keys is not usable; write ${DESCRIPTIONS.get('keys') ?? 'a list'}`;
  const place = [item, ...(issue?.path ?? [])].join('.');
  if (issue?.code === 'custom') return `${place} ${issue.message}`;
  return `${place} is missing or not usable; write ${DESCRIPTIONS.get(String(issue?.path.at(-1))) ?? 'an object'}`;
}

function fromRecord(record: z.output<typeof RECORD>): ListedProvider {
  const preset = record.preset === undefined ? undefined : PROVIDER_PRESETS[record.preset];
  const keys = record.keys === undefined ? namedKeys(record.key) : record.keys.map(named);
  return {
    name: record.name,
    preset: record.preset,
    dialect: record.dialect ?? preset?.dialect ?? 'openai',
    url: record.url ?? preset?.url ?? cloudAddress(record.preset, record) ?? '',
    apiVersion: record.api_version,
    region: record.region,
    key: keys[0]?.key,
    keys,
    model: record.model ?? preset?.model ?? '',
    weight: record.weight,
    askUsage: record.ask_usage ?? preset?.asksUsage ?? true,
    firstByteSecs: record.timeouts?.first_byte_secs,
    betweenBytesSecs: record.timeouts?.between_bytes_secs,
  };
}

/** The keys of a text that parts several by commas. */
export function namedKeys(text: string | undefined): readonly NamedKey[] {
  return [...new Set((text ?? '').split(','))].filter((key) => key !== '').map(named);
}

function named(key: string | NamedKey, index: number): NamedKey {
  return typeof key === 'string' ? { name: `key-${index + 1}`, key } : key;
}

function hasDouble(keys: readonly NamedKey[]): boolean {
  const isDouble = (of: (key: NamedKey) => string): boolean => new Set(keys.map(of)).size < keys.length;
  return isDouble(({ key }) => key) || isDouble(({ name }) => name);
}
