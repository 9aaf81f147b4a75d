import { ClientCall } from './client.ts';
import type { Site } from './fault-case.ts';
import { FORMS } from './outcome.ts';
import { CHAT } from './surfaces.ts';
import { startCore, startStack, startWorkerd } from './targets/isartor.ts';
import type { Target } from './targets/target.ts';

/** Every place where Isartor is looked at, and what starts it there. */
export const SITES: readonly { readonly site: Site; readonly start: () => Promise<Target> }[] = [
  { site: 'core', start: startCore },
  { site: 'stack', start: startStack },
  { site: 'workerd', start: startWorkerd },
];

/** Asks once in each form: what is loaded at a first request is no part of what faults cost. */
export async function warm(target: Target): Promise<void> {
  for (const form of FORMS) {
    target.upstream.respondWith(CHAT.sound(form));
    const body = CHAT.request(`${form} and sound`, form);
    const { status, text } = await new ClientCall(target, CHAT.path(form), body).ended;
    if (status !== 200) throw new Error(`the gateway does not answer a sound request: ${status} ${text}`);
  }
}
