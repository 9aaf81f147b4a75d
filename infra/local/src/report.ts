// `npm run report`: what the semantic cache would have served, had it not been in the shadow.
import { adminTarget, askAdmin } from './cli/admin-client.ts';
import { REPORT_HELP, reportOptions } from './report/report-options.ts';
import { readShadowReport } from './report/shadow-report.ts';
import { shadowTable } from './report/shadow-table.ts';
import { Fault } from './stack/fault.ts';
import { STATE_DIR } from './stack/paths.ts';
import { writeJson } from './stack/write-json.ts';

async function main(): Promise<void> {
  const options = reportOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(`${REPORT_HELP}\n`);
    return;
  }
  const query = options.tenant === undefined ? {} : { tenant: options.tenant };
  const target = adminTarget(process.env, STATE_DIR);
  const answer = await askAdmin(target, { method: 'GET', path: '/api/v1/cache/report', query });
  const report = readShadowReport(answer, options.asIf);
  process.stdout.write(`${shadowTable(report)}\n`);
  if (options.jsonFile !== undefined) writeJson(options.jsonFile, report);
}

main().catch((error: unknown) => {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`isartor: ${error instanceof Fault ? error.message : text}\n`);
  process.exitCode = 1;
});
