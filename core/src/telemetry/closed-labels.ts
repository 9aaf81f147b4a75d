import { MISS_REASONS, UNCACHEABLE_RULES } from '@isartor/shared';

/** What is of no known set. */
const OTHER = 'other';

/** Statuses with a series of their own. A provider may answer with any number. */
const STATUSES: ReadonlySet<number> = new Set([
  200, 201, 400, 401, 402, 403, 404, 405, 408, 409, 413, 415, 422, 429, 431, 499, 500, 502, 503, 504, 529,
]);

/** Every `why` that the exact cache gives. */
const REASONS: ReadonlySet<string> = new Set<string>([
  ...MISS_REASONS,
  ...UNCACHEABLE_RULES,
  'no-store',
  'no-cache',
  'bypassed',
  'read',
  'write',
]);

/** Names that come from the configuration: more than so many are not expected. */
const MAX_NAMES = 64;

/** The status, or its class. */
export function statusLabel(status: number): string {
  if (STATUSES.has(status)) return String(status);
  const hundreds = Math.floor(status / 100);
  return hundreds >= 1 && hundreds <= 5 ? `${hundreds}xx` : OTHER;
}

/** The reason, `other` where it is not known, `none` where there is none. */
export function reasonLabel(why: string | undefined): string {
  if (why === undefined) return 'none';
  return REASONS.has(why) ? why : OTHER;
}

/** Keeps the first 64 names apart; all later ones are one. */
export class BoundedNames {
  private readonly names = new Set<string>();

  label(name: string): string {
    if (this.names.has(name)) return name;
    if (this.names.size >= MAX_NAMES || name.length > MAX_NAMES) return OTHER;
    this.names.add(name);
    return name;
  }

  /** Makes room for another: whether it was one of those that are kept apart. */
  forget(name: string): boolean {
    return this.names.delete(name);
  }
}
