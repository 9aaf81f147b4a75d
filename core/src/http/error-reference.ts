import { ERROR_CODES } from '@isartor/shared';

/** The page that lists every error code, generated from the table that the code uses. */
export function errorPage(): string {
  const rows = Object.entries(ERROR_CODES).map(
    ([code, { status, type, fault, retryable, doc }]) =>
      `| \`${code}\` | ${status} | \`${type}\` | ${fault} | ${retryable ? 'yes' : 'no'} | ${doc} |`,
  );
  return [
    '# Errors',
    '',
    '<!-- Generated from shared/src/error/error-code.ts by `npm run docs --workspace=core`. -->',
    '',
    'Errors have the shape of the client\'s own dialect: OpenAI `{"error":{message,type,param,code}}`, native',
    '`{"error": code, "message"}`. Where trying again helps there is a `retry-after`. A provider that answers an error is',
    'passed on with its status and body; `x-isartor-error: upstream` marks it.',
    '',
    '| code | status | OpenAI `type` | whose fault | try again | when |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
