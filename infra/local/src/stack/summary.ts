import { formatHostPort, isLoopback, localUrl } from './host-port.ts';
import type { StackPlan } from './stack-plan.ts';

/** What is printed once everything runs: what is where, and a line to paste. */
export function summaryLines(plan: StackPlan, seconds: number): readonly string[] {
  const edge = localUrl(plan.edge);
  return [
    '',
    `Isartor is ready after ${seconds.toFixed(1)} s. Ctrl-C stops it.`,
    '',
    `  edge    ${edge}/v1   the Worker, in workerd: the base URL for your SDK`,
    `  core    ${localUrl(plan.core)}   NestJS, from source${isLoopback(plan.core.host) ? '' : `, listening on ${formatHostPort(plan.core)}`}`,
    plan.standin === undefined
      ? `  model   ${plan.model} at ${plan.providerUrl}`
      : `  model   stand-in at ${plan.providerUrl}, streams at ${plan.standin.tokensPerSecond} tokens/s`,
    `  cache   ${plan.cache}${plan.restServer === undefined ? '' : `; the edge reads it through http://127.0.0.1:${plan.restServer.port}`}`,
    `  key     ${keyLine(plan)}`,
    '',
    `  ${curlLine(plan)}`,
    '',
  ];
}

/** A complete request to paste into another terminal. */
export function curlLine(plan: StackPlan): string {
  const body = { model: plan.model, messages: [{ role: 'user', content: 'How do I reset my password?' }] };
  const key = plan.key?.made === true ? plan.key.value : '$ISARTOR__GATEWAY_API_KEY';
  return [
    `curl -i ${localUrl(plan.edge)}/v1/chat/completions`,
    ...(plan.authMode === 'off' ? [] : [`-H "authorization: Bearer ${key}"`]),
    `-H "content-type: application/json"`,
    `-d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`,
  ].join(' ');
}

function keyLine(plan: StackPlan): string {
  if (plan.authMode === 'off') return 'none is asked for (ISARTOR__AUTH__MODE=off)';
  if (plan.key === undefined) return 'one of ISARTOR__AUTH__KEYS';
  return plan.key.made ? `${plan.key.value} (kept in .isartor/dev-key)` : 'the configured one';
}
