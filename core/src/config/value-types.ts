import { z } from 'zod';

// Each type takes the native YAML value and the text of an environment variable. A description completes the sentence
// "write …"; an issue of code `custom` completes "`NAME`: <value> …" by itself, remedy included.

const LONGEST_TEXT = 4096;

/** A whole number within the bounds, both included. */
export function wholeNumber(min: number, max: number) {
  const number = z.int().min(min).max(max);
  return z
    .union([
      number,
      z
        .string()
        .trim()
        .regex(/^\d{1,15}$/)
        .transform(Number)
        .pipe(number),
    ])
    .describe(`a whole number from ${min} to ${max}`);
}

/** A number within the bounds, both included. */
export function decimalNumber(min: number, max: number) {
  const number = z.number().min(min).max(max);
  return z
    .union([
      number,
      z
        .string()
        .trim()
        .regex(/^\d{1,15}(\.\d{1,15})?$/)
        .transform(Number)
        .pipe(number),
    ])
    .describe(`a number from ${min} to ${max}`);
}

const BYTES_PER_UNIT: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };
const BYTES = /^(\d{1,15})\s*(?:([KMG])i?B?)?$/;

/** A number of bytes, plain or with a binary unit (`32 MiB`, `32Mi`). */
export function byteSize(min: number) {
  const number = z.int().min(min);
  const text = z
    .string()
    .trim()
    .regex(/^\d{1,15}\s*([KMG]iB?)?$/)
    .transform((written) => {
      const [, digits, unit] = BYTES.exec(written) ?? [];
      return Number(digits) * (unit === undefined ? 1 : (BYTES_PER_UNIT[unit] ?? Number.NaN));
    })
    .pipe(number);
  return z.union([number, text]).describe(`a number of bytes from ${min}, such as 1048576 or 1 MiB (Ki, Mi or Gi)`);
}

/** `true` or `false`. */
export function flag() {
  return z
    .union([
      z.boolean(),
      z
        .string()
        .trim()
        .regex(/^(true|false)$/i)
        .transform((text) => text.toLowerCase() === 'true'),
    ])
    .describe('`true` or `false`');
}

/** One of the values. */
export function choice<const Value extends string>(values: readonly [Value, ...Value[]]) {
  return z.enum(values).describe(oneOf(values));
}

/** One of the values, or another word for one of them. */
export function choiceOr<const Value extends string>(
  values: readonly [Value, ...Value[]],
  synonyms: Readonly<Record<string, Value>>,
) {
  const known = z.enum(values);
  return z
    .enum([...values, ...Object.keys(synonyms)])
    .transform((word) => synonyms[word] ?? known.parse(word))
    .describe(
      oneOf(values) +
        Object.entries(synonyms)
          .map(([word, value]) => ` (\`${word}\` means \`${value}\`)`)
          .join(''),
    );
}

function oneOf(values: readonly string[]): string {
  const quoted = values.map((value) => `\`${value}\``);
  return quoted.length === 1 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

/** A short text in one line. */
export function oneLine() {
  return z
    .string()
    .trim()
    .min(1)
    .max(LONGEST_TEXT)
    .regex(/^\P{Cc}*$/u)
    .describe('a text in one line');
}

/** A secret that can travel in a header. */
export function headerSecret() {
  return z
    .string()
    .regex(/^[\x21-\x7e]{1,512}$/)
    .describe('1 to 512 printable ASCII characters without spaces (a number in YAML goes into quotes)');
}

/** One such secret, or several parted by commas. */
export function headerSecrets() {
  return z
    .string()
    .regex(/^[\x21-\x2b\x2d-\x7e]{1,512}(,[\x21-\x2b\x2d-\x7e]{1,512}){0,63}$/)
    .describe(
      '1 to 512 printable ASCII characters without spaces (a number in YAML goes into quotes), several parted by commas',
    );
}

/** The namespace in front of every Redis key: no colon and no brace, which have a meaning of their own there. */
export function namespace() {
  return z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9._-]{1,64}$/)
    .describe('1 to 64 letters, digits, dots, dashes or underscores');
}

const listOfTexts = z.union([
  z.string().transform((list) =>
    list
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  ),
  z.array(z.string().trim().min(1)),
]);

/** Model names, parted by commas or as a YAML list. */
export function modelNames() {
  return listOfTexts
    .transform((names): readonly string[] => [...new Set(names)])
    .describe('model names parted by commas, or a YAML list');
}

const MAX_PHRASES = 256;
/** With a letter or digit: words are what is compared. */
const PHRASE = /^(?=.{0,63}[\p{L}\p{N}])\P{C}{1,64}$/u;

/** Words and phrases, parted by commas or as a YAML list. */
export function phrases() {
  return listOfTexts
    .transform((items, context): readonly string[] => {
      const wrong = items.findIndex((item, at) => at >= MAX_PHRASES || !PHRASE.test(item));
      if (wrong >= 0) {
        context.addIssue({
          code: 'custom',
          message: `has an entry (number ${wrong + 1}) that is not taken; write at most ${MAX_PHRASES} words or phrases of 1 to 64 characters, a letter or digit among them`,
        });
      }
      return [...new Set(items)];
    })
    .describe('words and phrases parted by commas, or a YAML list');
}

/** Browser origins that may call, or `*`. */
export function origins() {
  return listOfTexts
    .transform((items, context): readonly string[] => {
      const wrong = items.findIndex((item) => item !== '*' && !isOrigin(item));
      if (wrong >= 0) {
        context.addIssue({
          code: 'custom',
          message: `has an entry (number ${wrong + 1}) that is not an origin; write for example https://app.example.com, without a path, or *`,
        });
      }
      return [...new Set(items)];
    })
    .describe('origins parted by commas, or a YAML list; `*` for all');
}

function isOrigin(item: string): boolean {
  const url = URL.parse(item);
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === item.toLowerCase();
}
