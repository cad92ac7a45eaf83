// Sign the benchmark's letter with @signpdf, RSA-2048, and time it here.
//
// Usage: node signpdf.mjs LETTER.pdf KEY.p12 PASSWORD
// Reads how often to sign, one number a line, and answers each with one line of JSON:
// milliseconds of each act, processor (of the whole process) and wall.

import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';

import { plainAddPlaceholder } from '@signpdf/placeholder-plain';
import { P12Signer } from '@signpdf/signer-p12';
import signpdf from '@signpdf/signpdf';

const [letter, keyFile, passphrase] = process.argv.slice(2);
const pdf = readFileSync(letter);
const key = readFileSync(keyFile);

async function act() {
  const prepared = plainAddPlaceholder({
    pdfBuffer: pdf,
    reason: 'Ký duyệt',
    contactInfo: '',
    name: 'bench',
    location: '',
    signatureLength: 8192,
    subFilter: 'ETSI.CAdES.detached',
  });
  return signpdf.default.sign(prepared, new P12Signer(key, { passphrase }));
}

async function timed() {
  const cpu = process.cpuUsage();
  const wall = performance.now();
  await act();
  const used = process.cpuUsage(cpu);
  return [(used.user + used.system) / 1e3, performance.now() - wall];
}

for (let n = 0; n < 10; n += 1) await act();
console.log(JSON.stringify('ready'));
for await (const line of createInterface({ input: process.stdin })) {
  const spent = [];
  await act(); // the others have had the caches meanwhile
  for (let n = 0; n < Number(line); n += 1) spent.push(await timed());
  console.log(JSON.stringify(spent));
}
