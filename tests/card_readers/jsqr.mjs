// Reads QR codes with npm's jsqr: a line of JSON for each picture, {width, height, grey}, the pixels as bytes in base64,
// and one line for the answer: {version, segments: [[mode, text], ...]}, or null where there is no code.
import { createInterface } from 'node:readline'
import jsqr from 'jsqr'

function read({ width, height, grey }) {
  const pixels = new Uint8ClampedArray(width * height * 4)
  const values = Buffer.from(grey, 'base64')
  for (let at = 0; at < pixels.length; at++) pixels[at] = at % 4 === 3 ? 255 : values[at >> 2]
  const code = jsqr(pixels, width, height, { inversionAttempts: 'dontInvert' })
  return code && { version: code.version, segments: code.chunks.map(({ type, text }) => [type, text]) }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(read(JSON.parse(line))))
}
