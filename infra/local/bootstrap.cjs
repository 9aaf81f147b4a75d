// Runs before `npm start` and `npm test`, on whatever Node the machine has (20 or later): installs what is missing and
// checks that the Node which the workspace brings along is there. Says nothing when nothing is missing.
'use strict';

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { takeLock } = require('./install-lock.cjs');
const { whatIsMissing } = require('./install-state.cjs');

const OLDEST_NODE = 20;
const NODE_WANTED = 24;
const INSTALL_DEADLINE_MS = 10 * 60_000;
const PROGRESS_EVERY_MS = 5_000;

class Fault extends Error {}

/** The environment for npm: without this workspace's own Node on PATH (npm ci deletes it), without a narrowed install. */
function npmEnvironment(root, environment) {
  const env = { ...environment, ONNXRUNTIME_NODE_INSTALL: 'skip', NO_UPDATE_NOTIFIER: '1' };
  const pathName = Object.keys(env).find((name) => name.toLowerCase() === 'path') ?? 'PATH';
  const own = path.join(root, 'node_modules') + path.sep;
  env[pathName] = (env[pathName] ?? '')
    .split(path.delimiter)
    .filter((folder) => !(folder + path.sep).startsWith(own))
    .join(path.delimiter);
  for (const name of Object.keys(env)) {
    // What `npm test -w edge` or `npm start --silent` set for themselves is not meant for the install.
    if (
      /^npm_config_(workspaces?|include_workspace_root|omit|only|production|prefix|local_prefix|global)$/i.test(name)
    ) {
      delete env[name];
    }
  }
  return env;
}

/** Runs npm with the root's package.json; resolves to its exit code. */
function runNpm(root, args, report) {
  return new Promise((resolve, reject) => {
    const windows = process.platform === 'win32';
    const child = spawn(windows ? 'npm.cmd' : 'npm', args, {
      cwd: root,
      env: npmEnvironment(root, process.env),
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: windows,
    });
    const ticking = setInterval(report, PROGRESS_EVERY_MS);
    const deadline = setTimeout(() => child.kill('SIGTERM'), INSTALL_DEADLINE_MS);
    const forward = (signal) => child.kill(signal);
    process.once('SIGINT', forward).once('SIGTERM', forward);
    const settle = (act) => {
      clearInterval(ticking);
      clearTimeout(deadline);
      process.removeListener('SIGINT', forward).removeListener('SIGTERM', forward);
      act();
    };
    child.once('error', (error) => settle(() => reject(error)));
    child.once('exit', (code, signal) => settle(() => resolve(signal === null ? code : 1)));
  });
}

function countPackages(root) {
  try {
    return fs.readdirSync(path.join(root, 'node_modules')).length;
  } catch {
    return 0;
  }
}

async function install(root, why, say) {
  const began = Date.now();
  say(`installing dependencies (${why}); about a minute the first time …`);
  const report = () => say(`… ${Math.round((Date.now() - began) / 1000)} s, ${countPackages(root)} packages in place`);
  let code;
  try {
    const args = ['ci', '--loglevel=error', '--no-audit', '--no-fund', '--include=dev', '--engine-strict=false'];
    code = await runNpm(root, args, report);
  } catch (error) {
    throw new Fault(
      error.code === 'ENOENT' ? 'npm is not on PATH; install Node.js with npm' : `npm did not start: ${error.message}`,
    );
  }
  if (code !== 0)
    throw new Fault('npm ci failed (its own message is above); check the connection to the package registry');
  say(`installed in ${Math.round((Date.now() - began) / 1000)} s`);
}

/** The major version of node_modules/.bin/node, or undefined when it does not start. */
function workspaceNode(root) {
  const binary = path.join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  if (!fs.existsSync(binary)) return undefined;
  // Running on it already: no need to start it again.
  if (fs.realpathSync(binary) === fs.realpathSync(process.execPath)) return Number(process.versions.node.split('.')[0]);
  const { stdout } = spawnSync(binary, ['--version'], { encoding: 'utf8', shell: process.platform === 'win32' });
  const major = /^v(\d+)\./.exec(stdout ?? '')?.[1];
  return major === undefined ? undefined : Number(major);
}

async function ensureNode(root) {
  let major = workspaceNode(root);
  if (major === undefined) {
    // An npm with `ignore-scripts` leaves the package `node` without its binary; it alone needs its script.
    await runNpm(root, ['rebuild', 'node', '--ignore-scripts=false', '--loglevel=error'], () => {});
    major = workspaceNode(root);
  }
  if (major === undefined)
    throw new Fault('node_modules/.bin/node does not start; delete node_modules and run this again');
  if (major < NODE_WANTED)
    throw new Fault(`node_modules/.bin/node is version ${major}, and ${NODE_WANTED} is needed; run npm ci`);
}

async function main() {
  const root = path.resolve(__dirname, '..', '..');
  const say = (text) => process.stderr.write(`isartor: ${text}\n`);
  try {
    if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
      throw new Fault(`this is Node ${process.version}, and ${OLDEST_NODE} or later is needed`);
    }
    if (whatIsMissing(root) !== undefined) {
      const release = await takeLock(path.join(root, '.isartor', 'install.lock'), {
        deadlineMs: INSTALL_DEADLINE_MS,
        onWait: (pid) => say(`waiting for the install that process ${pid} is doing …`),
      });
      try {
        const why = whatIsMissing(root); // again: whoever held the lock may have done it
        if (why !== undefined) await install(root, why, say);
        const left = whatIsMissing(root);
        if (left !== undefined) throw new Fault(`still not complete after npm ci: ${left}`);
        await ensureNode(root);
      } finally {
        release();
      }
    } else {
      await ensureNode(root);
    }
  } catch (error) {
    say(error instanceof Fault || error.code === 'ELOCK' ? error.message : `unexpected: ${error.stack}`);
    process.exitCode = 1;
  }
}

if (require.main === module) void main();

module.exports = { npmEnvironment };
