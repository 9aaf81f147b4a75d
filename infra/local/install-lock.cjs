// One install at a time in one checkout: `npm start` and `npm test` begun together must not run npm ci into each other.
'use strict';

const { randomUUID } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const POLL_MS = 200;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function read(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined; // gone, or being written
  }
}

/**
 * Takes the lock file, waiting while a living process holds it.
 * @param {string} file
 * @param {{ deadlineMs: number, onWait?: (pid: number) => void }} options
 * @returns {Promise<() => void>} gives the lock back
 * @throws {Error} code ELOCK when it was still held at the deadline
 */
async function takeLock(file, { deadlineMs, onWait }) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const token = randomUUID();
  const until = Date.now() + deadlineMs;
  const pause = () => new Promise((resolve) => setTimeout(resolve, POLL_MS));
  let told = false;
  let unreadable = 0;
  for (;;) {
    try {
      fs.writeFileSync(file, JSON.stringify({ pid: process.pid, token }), { flag: 'wx' });
      // Another one that is clearing a dead owner's file away may take this one for it: look again a little later.
      await pause();
      if (read(file)?.token === token) break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = read(file);
    unreadable = holder === undefined ? unreadable + 1 : 0;
    if (holder === undefined ? unreadable > 10 : !isAlive(holder.pid)) {
      fs.rmSync(file, { force: true });
      continue;
    }
    if (Date.now() > until) {
      const error = new Error(`another install has held ${file} for too long; end it, or delete that file`);
      error.code = 'ELOCK';
      throw error;
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

module.exports = { takeLock };
