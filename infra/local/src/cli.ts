// `npm run isartor -- <command>`: what an operator does to a running core.
import { adminTarget, sendCommand } from './cli/admin-client.ts';
import { CLI_HELP, cliOptions } from './cli/cli-options.ts';
import { describeAnswer } from './cli/describe-answer.ts';
import { Fault } from './stack/fault.ts';
import { STATE_DIR } from './stack/paths.ts';

async function main(): Promise<void> {
  const command = cliOptions(process.argv.slice(2));
  const lines =
    command.kind === 'help'
      ? [CLI_HELP]
      : describeAnswer(command, await sendCommand(adminTarget(process.env, STATE_DIR), command));
  process.stdout.write(`${lines.join('\n')}\n`);
}

main().catch((error: unknown) => {
  const text = error instanceof Fault || !(error instanceof Error) ? String(error) : (error.stack ?? error.message);
  process.stderr.write(`isartor: ${error instanceof Fault ? error.message : text}\n`);
  process.exitCode = 1;
});
