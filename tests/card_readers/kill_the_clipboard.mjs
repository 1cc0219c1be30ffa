// Reads cards with npm's kill-the-clipboard: a line of JSON for each card, {issuer, jws}, and one line for the answer.
import { webcrypto } from 'node:crypto'
import { createInterface } from 'node:readline'
import { Duplex } from 'node:stream'
import { createInflateRaw } from 'node:zlib'

// The reader asks for node 20. Debian's node 18 has what it needs under other names.
globalThis.crypto ??= webcrypto
try {
  new DecompressionStream('deflate-raw')
} catch {
  globalThis.DecompressionStream = function () {
    return Duplex.toWeb(createInflateRaw())
  }
}
const { Directory, SHCReader } = await import('kill-the-clipboard')

async function read({ issuer, jws }) {
  try {
    const issuerDirectory = await Directory.fromURLs([issuer])
    const card = await new SHCReader({ issuerDirectory }).fromJWS(jws)
    const bundle = await card.asBundle()
    return { says: 'valid', birth_date: bundle.entry[0].resource.birthDate }
  } catch (error) {
    return { says: error.code ?? String(error) }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await read(JSON.parse(line))))
}
