// Runs before `npm start` and `npm test`, on whatever Node the machine has (20 or later): installs what is missing and
// checks that the Node which the workspace brings along is there. Says nothing when nothing is missing.
'use strict';

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { hasCode, LockHeldError, takeLock } = require('./install-lock.cjs');
const { whatIsMissing } = require('./install-state.cjs');

const OLDEST_NODE = 20;
const NODE_WANTED = 24;
const INSTALL_DEADLINE_MS = 10 * 60_000;
const PROGRESS_EVERY_MS = 5_000;
const WINDOWS = process.platform === 'win32';
const ROOT = path.resolve(__dirname, '..', '..');

/** Something the user can mend, told in one line. */
class Fault extends Error {}

/** @param {string} text */
function say(text) {
  process.stderr.write(`isartor: ${text}\n`);
}

/**
 * The environment for npm: without this workspace's own Node on PATH (npm ci deletes it), without a narrowed install.
 * @param {NodeJS.ProcessEnv} environment
 */
function npmEnvironment(environment) {
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...environment, ONNXRUNTIME_NODE_INSTALL: 'skip', NO_UPDATE_NOTIFIER: '1' };
  const pathName = Object.keys(env).find((name) => name.toLowerCase() === 'path') ?? 'PATH';
  const own = path.join(ROOT, 'node_modules') + path.sep;
  env[pathName] = (env[pathName] ?? '')
    .split(path.delimiter)
    .filter((folder) => !(folder + path.sep).startsWith(own))
    .join(path.delimiter);
  for (const name of Object.keys(env)) {
    // What `npm test -w edge` or `npm start --omit=dev` set for themselves is not meant for the install.
    const narrows =
      /^npm_config_(workspaces?|include_workspace_root|omit|only|production|prefix|local_prefix|global)$/i;
    if (narrows.test(name)) delete env[name];
  }
  return env;
}

/**
 * Runs npm in the workspace's folder.
 * @param {readonly string[]} args
 * @param {() => void} report called now and then while it runs
 * @returns {Promise<number>} its exit code
 */
function runNpm(args, report) {
  return new Promise((resolve, reject) => {
    const child = spawn(WINDOWS ? 'npm.cmd' : 'npm', args, {
      cwd: ROOT,
      env: npmEnvironment(process.env),
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: WINDOWS,
    });
    const ticking = setInterval(report, PROGRESS_EVERY_MS);
    const deadline = setTimeout(() => child.kill('SIGTERM'), INSTALL_DEADLINE_MS);
    /** @param {NodeJS.Signals} signal */
    const forward = (signal) => void child.kill(signal);
    process.once('SIGINT', forward).once('SIGTERM', forward);
    const settle = () => {
      clearInterval(ticking);
      clearTimeout(deadline);
      process.removeListener('SIGINT', forward).removeListener('SIGTERM', forward);
    };
    child.once('error', (error) => {
      settle();
      reject(error);
    });
    child.once('exit', (code) => {
      settle();
      resolve(code ?? 1);
    });
  });
}

function countPackages() {
  try {
    return fs.readdirSync(path.join(ROOT, 'node_modules')).length;
  } catch {
    return 0;
  }
}

/** @param {string} why */
async function install(why) {
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  say(`installing dependencies (${why}); about a minute the first time …`);
  const args = ['ci', '--loglevel=error', '--no-audit', '--no-fund', '--include=dev', '--engine-strict=false'];
  let code = 1;
  try {
    code = await runNpm(args, () => say(`… ${seconds()} s, ${countPackages()} packages in place`));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) throw new Fault('npm is not on PATH; install Node.js with npm');
    throw error;
  }
  if (code !== 0)
    throw new Fault('npm ci failed (its own message is above); check the connection to the package registry');
  const left = whatIsMissing(ROOT);
  if (left !== undefined) throw new Fault(`still not complete after npm ci: ${left}`);
  say(`installed in ${seconds()} s`);
}

async function installOnce() {
  const release = await takeLock(path.join(ROOT, '.isartor', 'install.lock'), {
    deadlineMs: INSTALL_DEADLINE_MS,
    onWait: (pid) => say(`waiting for the install that process ${pid} is doing …`),
  });
  try {
    const why = whatIsMissing(ROOT); // again: whoever held the lock may have done it
    if (why !== undefined) await install(why);
  } finally {
    release();
  }
}

/** The major version of node_modules/.bin/node, or undefined when it does not start. */
function workspaceNode() {
  const binary = path.join(ROOT, 'node_modules', '.bin', WINDOWS ? 'node.cmd' : 'node');
  if (!fs.existsSync(binary)) return undefined;
  // Running on it already: no need to start it again.
  if (fs.realpathSync(binary) === fs.realpathSync(process.execPath)) return Number(process.versions.node.split('.')[0]);
  const { stdout } = spawnSync(binary, ['--version'], { encoding: 'utf8', shell: WINDOWS });
  const major = /^v(\d+)\./.exec(stdout ?? '')?.[1];
  return major === undefined ? undefined : Number(major);
}

async function ensureNode() {
  let major = workspaceNode();
  if (major === undefined) {
    // An npm with `ignore-scripts` leaves the package `node` without its binary; it alone needs its script.
    await runNpm(['rebuild', 'node', '--ignore-scripts=false', '--loglevel=error'], () => {});
    major = workspaceNode();
  }
  if (major === undefined)
    throw new Fault('node_modules/.bin/node does not start; delete node_modules and run this again');
  if (major < NODE_WANTED) {
    throw new Fault(`node_modules/.bin/node is version ${major}, and ${NODE_WANTED} is needed; run npm ci`);
  }
}

async function main() {
  try {
    if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
      throw new Fault(`this is Node ${process.version}, and ${OLDEST_NODE} or later is needed`);
    }
    if (whatIsMissing(ROOT) !== undefined) await installOnce();
    await ensureNode();
  } catch (error) {
    const known = error instanceof Fault || error instanceof LockHeldError;
    say(known ? error.message : `unexpected: ${error instanceof Error ? error.stack : String(error)}`);
    process.exitCode = 1;
  }
}

void main();
