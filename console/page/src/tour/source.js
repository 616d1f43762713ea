// Where lessons and their recordings come from. Everything else in this folder is the same
// for a server (server.js), a static site (static.js) and a test.

/**
 * @typedef {object} Source
 * @property {() => Promise<Tour>} lessons All lessons, each with its recording.
 * @property {((lesson: string, values: Record<string, string>) => Promise<object>)=} run
 *   A recording with these values of the parameters. Missing where nothing can run.
 * @property {string=} why Why nothing can run, in a sentence.
 * @property {((lesson: string, code: string) => Promise<Edited>)=} edit Runs a program that was edited.
 * @property {(() => void)=} prepare The reader is about to change a parameter.
 */

/**
 * @typedef {object} Tour
 * @property {number} version 1
 * @property {Lesson[]} lessons
 * @property {boolean} canEdit @property {string} canEditWhy why not, in a sentence
 */

/**
 * A lesson, as package lessons has it, and its recording (docs/design/tour.md).
 *
 * @typedef {object} Lesson
 * @property {number} number @property {string} name @property {string} title @property {string} idea
 * @property {{text: string, choices: string[], right: number}} question
 * @property {string} conclusion @property {string} try
 * @property {object[]} params lesson.Param
 * @property {boolean} loop @property {string=} loopName
 * @property {string[]} go @property {number[]} goFocus
 * @property {string[]} python @property {number[]} pythonFocus
 * @property {string} goFile what the editor begins with
 * @property {number=} goOffset line n of `go` is line n + goOffset of it
 * @property {boolean} needsProcess it starts a program, which a browser cannot
 * @property {object} recording
 */

/**
 * @typedef {object} Edited
 * @property {object=} recording Its lines are those of the code, or of `go` where it is there.
 * @property {string} output
 * @property {{line: number, column: number, text: string}[]} errors of the compiler
 * @property {string=} error what went wrong besides
 * @property {string[]=} go
 */

export const VERSION = 1

/** An error whose message is a sentence for the reader. */
export class Refused extends Error {}

export const sentence = (error, otherwise) => (error instanceof Refused ? error.message : otherwise)

/** What is written in an address. It may be typed by hand, with a % that means nothing. */
export function decoded(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Says so if the page cannot read what came. */
export function checked(tour) {
  if (tour?.version === VERSION) return tour
  throw new Refused(`This page reads version ${VERSION} of the lessons, and was given version ${tour?.version}. Open the page that came with them.`)
}
