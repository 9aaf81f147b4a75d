// Does node_modules hold what package-lock.json asks for? Two JSON files are compared, and each package's folder is
// looked for: some 20 ms, so that every start can afford it.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

/**
 * @typedef {{ version?: string, integrity?: string, link?: boolean, optional?: boolean, devOptional?: boolean,
 *   peer?: boolean, inBundle?: boolean, os?: string[], cpu?: string[] }} Entry
 */

/**
 * Could npm have left this package out on this machine (another platform's binary, or an optional part)?
 * @param {Entry} entry
 */
function mayBeAbsent({ optional, devOptional, peer, os, cpu }) {
  return optional === true || devOptional === true || peer === true || os !== undefined || cpu !== undefined;
}

/**
 * @param {string} file
 * @returns {Record<string, Entry>}
 */
function readPackages(file) {
  /** @type {{ packages?: Record<string, Entry> }} */
  const lock = JSON.parse(fs.readFileSync(file, 'utf8')); // oxlint-disable-line typescript/no-unsafe-assignment -- npm's own file, of lockfileVersion 3
  return lock.packages ?? {};
}

/**
 * What is missing, in a few words for the user, or undefined when everything is there.
 * npm writes node_modules/.package-lock.json last, so an interrupted install has none.
 * @param {string} root the workspace's folder
 * @returns {string | undefined}
 */
function whatIsMissing(root) {
  const wanted = readPackages(path.join(root, 'package-lock.json'));
  const haveFile = path.join(root, 'node_modules', '.package-lock.json');
  if (!fs.existsSync(haveFile)) return 'node_modules is missing';
  /** @type {Record<string, Entry>} */
  let have;
  try {
    have = readPackages(haveFile);
  } catch {
    return 'node_modules is damaged';
  }
  for (const [place, entry] of Object.entries(wanted)) {
    if (!place.includes('node_modules/') || entry.inBundle === true) continue;
    const found = have[place];
    if (found === undefined) {
      if (mayBeAbsent(entry)) continue;
      return `${place} is missing`;
    }
    if (found.version !== entry.version || found.integrity !== entry.integrity || found.link !== entry.link) {
      return `${place} is another version than package-lock.json asks for`;
    }
  }
  // Packages beyond the lock file do no harm and stay; one that npm has listed and somebody deleted comes back.
  return Object.keys(have)
    .filter((place) => place.includes('node_modules/') && !fs.existsSync(path.join(root, place, 'package.json')))
    .map((place) => `${place} is missing`)[0];
}

module.exports = { whatIsMissing };
