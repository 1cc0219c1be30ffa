// What the program of the page /verify says of a text, by its own sources: a line of JSON for each text, and one for the
// answer: the verdict on each card when no issuer is known, or the one kind of what is no card.
import { createInterface } from 'node:readline'
import { checkCard } from '../../verifier/src/checking.js'
import { NotACard, cardsIn } from '../../verifier/src/given.js'

async function says(text) {
  try {
    const checked = await Promise.all(cardsIn(text).map((card) => checkCard(card, [], Date.now() / 1000)))
    return checked.map(({ verdict }) => verdict)
  } catch (error) {
    return error instanceof NotACard ? [error.kind] : [`threw ${error.stack}`]
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await says(JSON.parse(line))))
}
