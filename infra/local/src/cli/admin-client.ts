import { readFileSync } from 'node:fs';
import { reason, type Environment } from '../stack/environment.ts';
import { Fault } from '../stack/fault.ts';
import { isRecord } from '../stack/is-record.ts';
import { readRunNote } from '../stack/run-note.ts';
import type { CliCommand } from './cli-options.ts';

const DEFAULT_CORE_URL = 'http://127.0.0.1:8080';
/** The core itself gives up on Redis after 5 s. */
const ANSWER_WITHIN_MS = 15_000;

/** A command that is sent to the core. */
export type AdminCommand = Exclude<CliCommand, { kind: 'help' }>;

/** What is in force for a tenant. */
export interface ShownRecord {
  readonly epoch: string;
  readonly off: readonly string[];
  readonly quarantine: readonly string[];
}

/** What the core answered. */
export interface AdminAnswer {
  /** Null: the tenant has none yet. */
  readonly record: ShownRecord | null;
  /** Only after a dry run. */
  readonly wouldBe: ShownRecord | undefined;
}

/** Where the core is, and the key to its administration. */
export interface AdminTarget {
  readonly url: string;
  readonly key: string;
}

/** Reads where and as whom to ask. @throws Fault without a key */
export function adminTarget(env: Environment, stateDir: string): AdminTarget {
  const url = env['ISARTOR_CORE_URL'] || readRunNote(stateDir)?.coreUrl || DEFAULT_CORE_URL;
  if (!URL.canParse(url)) throw new Fault(`ISARTOR_CORE_URL=${url} is no URL; write ${DEFAULT_CORE_URL}`);
  return { url: url.replace(/\/+$/, ''), key: adminKey(env) };
}

/** Sends a command. @throws Fault with what went wrong, in one line */
export async function sendCommand(target: AdminTarget, command: AdminCommand): Promise<AdminAnswer> {
  const answer = await askAdmin(target, requestOf(command));
  return { record: recordOf(answer['record']) ?? null, wouldBe: recordOf(answer['would_be']) };
}

/** What is asked of the administration. */
export interface AdminRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body?: object | undefined;
}

/** Asks the core's administration. @throws Fault with what went wrong, in one line */
export async function askAdmin(
  target: AdminTarget,
  { method, path, query, body }: AdminRequest,
): Promise<Readonly<Record<string, unknown>>> {
  const url = `${target.url}${path}?${new URLSearchParams(query).toString()}`;
  const headers = { authorization: `Bearer ${target.key}`, 'content-type': 'application/json' };
  let response: Response;
  let text: string;
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const sent = body === undefined ? null : JSON.stringify(body);
    response = await fetch(url, { method, headers, body: sent, signal, redirect: 'manual' });
    text = await response.text();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new Fault(`the core at ${target.url} does not answer (${reason(cause)}); set ISARTOR_CORE_URL`);
  }
  const answer = parsed(text);
  if (response.status === 404 && answer['error'] === 'not_found') {
    throw new Fault(`the core at ${target.url} has no administration: start it with ISARTOR__ADMIN_KEY`);
  }
  if (!response.ok) {
    const message = typeof answer['message'] === 'string' ? answer['message'] : text.slice(0, 200);
    throw new Fault(`the core answered ${response.status}: ${message}`);
  }
  return answer;
}

function requestOf(command: AdminCommand): AdminRequest {
  const { kind, tenant, force } = command;
  const flags: Record<string, string> = force ? { force: 'true' } : {};
  if (kind !== 'show' && command.dryRun) flags['dry_run'] = 'true';
  switch (kind) {
    case 'show':
      return { method: 'GET', path: '/api/v1/cache', query: { tenant, ...flags } };
    case 'purge': {
      const entry = command.entry === undefined ? '' : `/${encodeURIComponent(command.entry)}`;
      return { method: 'DELETE', path: `/api/v1/cache${entry}`, query: { tenant, ...flags } };
    }
    case 'off':
    case 'on':
      return { method: 'POST', path: `/api/v1/cache/${kind}`, query: flags, body: { tenant, layer: command.layer } };
    default:
      return kind satisfies never;
  }
}

function adminKey(env: Environment): string {
  const key = env['ISARTOR__ADMIN_KEY'];
  if (key) return key;
  const file = env['ISARTOR__ADMIN_KEY_FILE'];
  if (!file) throw new Fault('there is no admin key: set ISARTOR__ADMIN_KEY to the one that the core was started with');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new Fault(`ISARTOR__ADMIN_KEY_FILE=${file} cannot be read: ${reason(error)}`);
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function recordOf(value: unknown): ShownRecord | undefined {
  if (!isRecord(value)) return undefined;
  return { epoch: String(value['epoch']), off: texts(value['off']), quarantine: texts(value['quarantine']) };
}

function texts(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.map(String) : [];
}
