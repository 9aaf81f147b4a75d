// One install at a time in one checkout: `npm start` and `npm test` begun together must not run npm ci into each other.
'use strict';

const { randomUUID } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const POLL_MS = 200;

/** The lock was still held at the deadline. */
class LockHeldError extends Error {}

/**
 * @param {unknown} error
 * @param {string} code
 */
function hasCode(error, code) {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** @returns {Promise<void>} */
function pause() {
  return new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

/**
 * @param {string} file
 * @returns {{ pid: number, token: string } | undefined} undefined: gone, or being written
 */
function read(file) {
  try {
    /** @type {unknown} */
    const holder = JSON.parse(fs.readFileSync(file, 'utf8'));
    if (typeof holder !== 'object' || holder === null || !('pid' in holder) || !('token' in holder)) return undefined;
    return { pid: Number(holder.pid), token: String(holder.token) };
  } catch {
    return undefined;
  }
}

/**
 * Takes the lock file, waiting while a living process holds it.
 * @param {string} file
 * @param {{ deadlineMs: number, onWait?: (pid: number) => void }} options
 * @returns {Promise<() => void>} gives the lock back
 * @throws {LockHeldError}
 */
async function takeLock(file, { deadlineMs, onWait }) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const token = randomUUID();
  const until = Date.now() + deadlineMs;
  let told = false;
  let unreadable = 0;
  for (;;) {
    try {
      fs.writeFileSync(file, JSON.stringify({ pid: process.pid, token }), { flag: 'wx' });
      // Another one that is clearing a dead owner's file away may take this one for it: look again a little later.
      await pause();
      if (read(file)?.token === token) break;
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    const holder = read(file);
    unreadable = holder === undefined ? unreadable + 1 : 0;
    if (holder === undefined ? unreadable > 10 : !isAlive(holder.pid)) {
      fs.rmSync(file, { force: true });
      continue;
    }
    if (Date.now() > until) {
      throw new LockHeldError(`another install has held ${file} for too long; end it, or delete that file`);
    }
    if (!told && holder !== undefined) {
      onWait?.(holder.pid);
      told = true;
    }
    await pause();
  }
  return () => {
    if (read(file)?.token === token) fs.rmSync(file, { force: true });
  };
}

module.exports = { LockHeldError, hasCode, takeLock };
