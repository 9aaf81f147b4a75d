// Does node_modules hold what package-lock.json asks for? Two JSON files are compared, and each package's folder is
// looked for: some 20 ms, so that every start can afford it.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

/** Could npm have left this package out on this machine (another platform's binary, or an optional part)? */
function mayBeAbsent(entry) {
  return (
    entry.optional === true ||
    entry.devOptional === true ||
    entry.os !== undefined ||
    entry.cpu !== undefined ||
    entry.peer === true
  );
}

function readPackages(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8')).packages ?? {};
}

/**
 * What is missing, in a few words for the user, or undefined when everything is there.
 * npm writes node_modules/.package-lock.json last, so an interrupted install has none.
 * @param {string} root the workspace's folder
 * @returns {string | undefined}
 */
function whatIsMissing(root) {
  const wantedFile = path.join(root, 'package-lock.json');
  const haveFile = path.join(root, 'node_modules', '.package-lock.json');
  if (!fs.existsSync(haveFile)) return 'node_modules is missing';
  const wanted = readPackages(wantedFile);
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
  for (const place of Object.keys(have)) {
    if (place.includes('node_modules/') && !fs.existsSync(path.join(root, place, 'package.json')))
      return `${place} is missing`;
  }
  return undefined;
}

module.exports = { whatIsMissing };
