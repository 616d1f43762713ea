// What the page knows about where events come from. Everything else in src/ is the same
// for a live process (live.js) and for any other source, as a recording in memory.

/**
 * A source of events: what the page needs of the world outside.
 *
 * @typedef {object} Source
 * @property {boolean} live The end of the picture moves on by itself.
 * @property {number=} length How long a source is that is not live, in nanoseconds. Its picture
 *   shows all of that; without it, all that was told so far. It may change with each hello.
 * @property {(listener: (message: Message) => void) => () => void} subscribe
 *   Begins to tell the listener all there is; the answer ends that.
 * @property {() => Parameter[]} parameters What can be set. It may change with each hello.
 * @property {(values: Record<string, string|number>) => void} run
 *   Begins again with these values of the parameters. A hello follows.
 * @property {(task: number) => Promise<object>} detail wire.TaskDetail of a task.
 * @property {((task: number) => Promise<void>)=} cancel Asks a task to end.
 *   Missing where the source cannot, or may not.
 * @property {((format: string) => string)=} recording The address of the recording.
 */

/**
 * A parameter of a source: one of some choices, or a number in a range.
 *
 * @typedef {object} Parameter
 * @property {string} name The key in what run gets.
 * @property {string} label
 * @property {string|number} value The one in force.
 * @property {{value: string|number, label: string}[]=} choices
 * @property {number=} min
 * @property {number=} max
 * @property {number=} step
 */

/**
 * What a source tells. `hello`, `state` and `frame` carry the objects of internal/wire
 * (Hello, State, LiveFrame); a hello means that all that came before is void, unless it
 * says `again` (the same process, after the connection was lost). `lost` says in a
 * sentence that nothing comes for now; the next message of another type ends that.
 *
 * @typedef {{type: 'hello', hello: object, again?: boolean}
 *   | {type: 'state', state: object}
 *   | {type: 'frame', frame: object}
 *   | {type: 'lost', text: string, final?: boolean}} Message
 */

export {}
