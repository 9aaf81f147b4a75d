import type { AdminAnswer, AdminCommand, ShownRecord } from './admin-client.ts';

/** What the core answered, in lines to read. */
export function describeAnswer(command: AdminCommand, answer: AdminAnswer): readonly string[] {
  const shown = answer.wouldBe ?? answer.record;
  const lines = shown === null ? ['  nothing is stored yet'] : recordLines(shown);
  return [`${headline(command, answer)}:`, ...lines];
}

function headline(command: AdminCommand, { record, wouldBe }: AdminAnswer): string {
  const of = `tenant ${command.tenant}`;
  if (command.kind === 'show') return of;
  if (wouldBe === undefined) return `${of}: ${deed(command)}`;
  const same = record !== null && record.epoch === wouldBe.epoch && lists(record) === lists(wouldBe);
  return same ? `${of}: nothing would change` : `${of}: nothing was changed. It would be: ${deed(command)}`;
}

function deed(command: Exclude<AdminCommand, { kind: 'show' }>): string {
  switch (command.kind) {
    case 'purge':
      return command.entry === undefined ? 'purged' : 'the entry is not served again';
    case 'off':
    case 'on':
      return `${command.layer} switched ${command.kind}`;
    default:
      return command satisfies never;
  }
}

function recordLines({ epoch, off, quarantine }: ShownRecord): readonly string[] {
  return [
    `  epoch       ${epoch}`,
    `  off         ${off.length === 0 ? 'none' : off.join(', ')}`,
    `  quarantine  ${quarantine.length === 0 ? 'none' : `${quarantine.length} of 256`}`,
    ...quarantine.map((digest) => `              ${digest}`),
  ];
}

function lists({ off, quarantine }: ShownRecord): string {
  return JSON.stringify([off, quarantine]);
}
