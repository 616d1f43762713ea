// Lessons that are made up, with their recordings, so that the page can be tested without
// Go: a queue, timers and tasks as generators, which tell what they do in the format of
// docs/design/tour.md. It is not the library's loop, and nothing says that it is.

const S = 1e9

/** Runs a program, a generator function that gets its values; answers a recording. */
export function record(lesson, main, values) {
  const events = []
  const tasks = []
  const ready = []
  const timers = []
  let t = 0
  let pass = 0
  let slot = 0
  let timer = 0
  let threads = 0
  let failure = ''
  let current = null
  const tell = (k, fields = {}) => events.push({ k, t, ...fields })
  const by = () => (current ? { kind: 'task', task: current.id, name: current.name } : undefined)
  const put = (kind, task, turn) => {
    ready.push({ slot: ++slot, turn })
    tell('push', { slot, item: { kind, task: task.id, name: task.name } })
  }
  const push = (task) => put('task', task, () => step(task))
  const wake = (task, who) => {
    push(task)
    tell('wake', { task: task.id, by: who })
  }
  const spawn = (name, body, line, group) => {
    const task = { id: tasks.length + 1, name, parent: current?.id, run: body, steps: 0, line: 0, awaited: [] }
    tasks.push(task)
    tell('spawn', { task: task.id, by: by(), line, group })
    push(task)
    return task
  }
  const setTimer = (at, what, fire) => {
    timers.push({ id: ++timer, at, fire })
    timers.sort((a, b) => a.at - b.at || a.id - b.id)
    tell('timer', { id: timer, task: current.id, at, for: what })
  }
  const finish = (task, how, error) => {
    task.done = true
    tell('done', { task: task.id, how, error })
    put('end', task, () => {
      for (const other of task.awaited.splice(0)) if (--other.pending === 0) wake(other, { kind: 'end', task: task.id, name: task.name })
    })
  }

  function step(task) {
    current = task
    task.steps++
    tell('begin', { task: task.id, step: task.steps, line: task.line || undefined })
    task.run = typeof task.run === 'function' ? task.run(values) : task.run
    let how = 'ends'
    let wait
    for (;;) {
      let next
      try {
        next = task.run.next(task.value)
      } catch (error) {
        failure = failure || error.message
        finish(task, 'failed', error.message)
        break
      }
      task.value = undefined
      if (next.done) {
        finish(task, 'returned')
        break
      }
      const [what, line, ...args] = next.value
      if (line) task.line = line
      if (what === 'print') tell('print', { task: task.id, text: args[0], line })
      else if (what === 'work' || what === 'block') {
        tell(what, { task: task.id, for: args[0], line })
        t += args[0]
      } else if (what === 'spawn') task.value = spawn(args[0], args[1], line, args[2])
      else if (what === 'group') tell('group', { group: 1, task: task.id, name: 'dinner', line })
      else if (what === 'left') tell('left', { group: 1, task: task.id })
      else if (what === 'yield') {
        how = 'yields'
        break
      } else {
        how = 'waits'
        if (what === 'sleep') {
          const until = t + args[0]
          setTimer(until, 'sleep', () => put('timer', task, () => wake(task, { kind: 'timer', task: task.id, name: task.name })))
          wait = { kind: 'sleep', until }
        } else if (what === 'thread') {
          const row = `thread-${++threads}`
          const until = t + args[0]
          tell('row', { row, kind: 'thread', task: task.id, busy: true })
          tell('block', { row, for: args[0], line })
          const over = () => {
            tell('row', { row, kind: 'thread', task: task.id })
            put('thread', task, () => wake(task, { kind: 'thread', task: task.id, name: task.name }))
          }
          timers.push({ at: until, row, fire: over })
          timers.sort((a, b) => a.at - b.at)
          wait = { kind: 'thread', name: row }
        } else {
          const open = args[0].filter((other) => !other.done)
          if (open.length === 0) continue
          task.pending = open.length
          open.forEach((other) => other.awaited.push(task))
          wait = args[1] ? { kind: args[1], tasks: open.map((o) => o.id) } : { kind: 'task', name: open[0].name, task: open[0].id }
        }
        break
      }
    }
    if (how === 'yields') push(task)
    tell('end', { task: task.id, how, wait, line: task.line || undefined })
    current = null
  }

  spawn('main', main)
  for (let guard = 0; guard < 5000 && (ready.length || timers.length); guard++) {
    if (!ready.length && timers[0].at > t) {
      tell('asleep', { until: timers[0].row ? undefined : timers[0].at })
      t = timers[0].at
      tell('awake')
    }
    while (timers.length && timers[0].at <= t) {
      const due = timers.shift()
      if (!due.row) tell('due', { id: due.id })
      due.fire()
    }
    tell('pass', { n: ++pass, ready: ready.length })
    for (let n = ready.length; n > 0; n--) {
      const item = ready.shift()
      tell('take', { slot: item.slot })
      item.turn()
    }
  }
  tell('over')
  return JSON.parse(JSON.stringify({ version: 1, lesson, values: asText(values), length: t, tasks: tasks.map(({ id, name, parent }) => ({ id, name, parent })), groups: [{ id: 1, name: 'dinner', task: 1 }], events, error: failure || undefined }))
}

const asText = (values) => Object.fromEntries(Object.entries(values).map(([k, v]) => [k, typeof v === 'number' ? `${v / S}s` : String(v)]))

const duration = (name, label, value, max = 5) => ({ name, label, kind: 'duration', default: `${value}s`, min: '200ms', max: `${max}s`, step: '100ms' })

const dish = (name, chop, boil) =>
  function* () {
    yield ['work', 3, chop]
    yield ['print', 4, `${name}: on the stove`]
    yield ['sleep', 6, boil]
    yield ['work', 10, 0.2 * S]
    yield ['print', 11, `${name}: served`]
  }

const DISHES = (v) => [['rice', 0.3 * S, v.rice], ['vegetables', 0.6 * S, v.vegetables], ['curry', 0.5 * S, v.curry]]

function* dinner(v) {
  yield ['group', 16]
  const all = []
  for (const [i, [name, chop, boil]] of DISHES(v).entries()) all.push(yield ['spawn', 17 + i, name, dish(name, chop, boil), 1])
  all.push(yield ['spawn', 20, 'table', function* () {
    yield ['work', 20, v.table]
    yield ['print', 20, 'table: set']
  }, 1])
  yield ['join', 21, all, 'group']
  yield ['left', 21]
  yield ['print', 21, 'dinner is ready']
}

function* oneAfterAnother(v) {
  for (const [name, chop, boil] of DISHES(v)) yield* dish(name, chop, boil)()
  yield ['work', 0, v.table]
}

const worker = (name, takes) =>
  function* () {
    yield ['print', 4, `${name} starts`]
    yield ['sleep', 5, takes]
    yield ['print', 8, `${name} ends`]
  }

function* gather(v) {
  const a = yield ['spawn', 16, 'A', worker('A', v.A)]
  const b = yield ['spawn', 16, 'B', worker('B', v.B)]
  yield ['join', 16, [a, b], 'gather']
  yield ['print', 22, `${Math.max(v.A, v.B) / S}s, not ${(v.A + v.B) / S}s`]
}

function* threads(v) {
  const beat = yield ['spawn', 3, 'heart', function* () {
    for (let i = 0; i < 4; i++) {
      yield ['sleep', 9, 0.5 * S]
      yield ['print', 10, 'beat']
    }
  }]
  yield ['thread', 5, v.file]
  yield ['print', 6, 'the file is read']
  yield ['block', 7, 0.3 * S]
  yield ['join', 8, [beat]]
  if (v.fails === 'yes') throw new Error('disk: no space left')
}

function* yields() {
  for (const name of ['Ada', 'Bob', 'Eve']) {
    yield ['spawn', 8, name, function* () {
      for (let i = 1; i <= 3; i++) {
        yield ['print', 3, `${name} ${i}`]
        yield ['yield', 4]
      }
    }]
  }
}

const CONCURRENCY = `func dish(name string, chop, boil time.Duration) Job {
	return func(ctx context.Context) error {
		lesson.Work(ctx, chop) // needs his hands
		lesson.Println(ctx, name + ": on the stove")
		// the cook is free while it boils
		err := asyncio.Sleep(ctx, boil)
		if err != nil {
			return err
		}
		lesson.Work(ctx, serve)
		lesson.Println(ctx, name + ": served")
		return nil
	}
}

func dinner(ctx context.Context, tg *asyncio.TaskGroup) error {
	tg.Go(dish("rice", 300*ms, rice))
	tg.Go(dish("vegetables", 600*ms, vegetables))
	tg.Go(dish("curry", 500*ms, curry))
	tg.Go(setTable(table))
	return nil // the group waits for all four
}`

const GATHER = `// worker takes its time, and has a result then.
func worker(name string, d time.Duration) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		lesson.Println(ctx, name, "starts")
		if err := asyncio.Sleep(ctx, d); err != nil {
			return "", err
		}
		lesson.Println(ctx, name, "ends")
		return "result of " + name, nil
	}
}

func main(ctx context.Context) error {
	a := lesson.Duration(ctx, "A", 2*time.Second)
	b := lesson.Duration(ctx, "B", 1*time.Second)
	results, err := asyncio.Gather(ctx, worker("A", a), worker("B", b))
	if err != nil {
		return err
	}
	took := asyncio.RunningLoop(ctx).Now().Sub(start)
	lesson.Println(ctx, strings.Join(results, ", "))
	lesson.Printf(ctx, "%v, not %v\\n", took, a+b)
	return nil
}`

const THREADS = `func main(ctx context.Context) error {
	// a heart that beats while the file is read
	heart := asyncio.CreateTask(ctx, beat)
	read := func(context.Context) (int, error) { return size(name) }
	n, err := asyncio.ToThread(ctx, read)
	lesson.Println(ctx, "the file is read")
	lesson.Block(ctx, 300*time.Millisecond)
	heart.Await(ctx)
	...
}`

const YIELDS = `func talk(name string) asyncio.Coro[None] {
	for i := range 3 {
		lesson.Println(ctx, name, i)
		asyncio.Yield(ctx)
	}
}
func main(ctx context.Context) error {
	asyncio.CreateTask(ctx, talk(name))
}`

const PYTHON = `async def main():
    #: the same in Python
    a, b = await asyncio.gather(worker("A", 2), worker("B", 1))

asyncio.run(main())`

const PROGRAMS = [
  {
    name: 'concurrency', title: 'Concurrency: one cook, several dishes', loop: true, loopName: 'the cook', main: dinner, go: CONCURRENCY, goFocus: [6, 17, 18, 19, 20],
    idea: 'A cook puts the rice on the stove and does not stand there waiting: while it boils, he chops the vegetables, starts the curry, sets the table. One worker, many things in progress. He never does two things at once, but all the waiting happens at the same time.',
    question: { text: 'How long will dinner take?', choices: ['8.8 s, one after another', '3.7 s, the waits overlap'], right: 1 },
    conclusion: 'Every row is mostly waiting, and the waits overlap: dinner takes as long as its slowest dish.', try: 'Let the curry boil longer than the rice: which one ends the dinner now?',
    params: [duration('rice', 'rice boils', 3), duration('vegetables', 'vegetables boil', 1), duration('curry', 'curry boils', 2), duration('table', 'table (work)', 0.8, 3)],
    ways: [['one after another', oneAfterAnother]],
  },
  {
    name: 'gather', title: 'Gather: several at once, results in order', main: gather, go: GATHER, goFocus: [16],
    idea: 'Gather makes a task of every coroutine it is given, and waits for all of them. The results come in the order of the arguments, whoever finished first.',
    question: { text: 'A takes 2 s, B takes 1 s. How long do both take?', choices: ['3 s', '2 s', '1 s'], right: 1 },
    conclusion: 'Two tasks that nobody had to name or to await one by one; main waits for the slowest.', try: 'Make B the slower one: do the results change their order?',
    params: [duration('A', 'A takes', 2), duration('B', 'B takes', 1)],
    ways: [['one after another', function* (v) { yield* worker('A', v.A)(); yield* worker('B', v.B)() }]],
  },
  {
    name: 'threads', title: 'Threads: for what blocks', main: threads, go: THREADS, goFocus: [5], needsProcess: true,
    idea: 'Not everything knows the loop: reading a file blocks until it is done. ToThread runs such a call on a thread of its own.',
    question: { text: 'Does the heart beat while the file is read?', choices: ['yes', 'no'], right: 0 },
    conclusion: 'The thread is busy, its task waits, and the heart beats on time.', try: 'Let it fail.',
    params: [duration('file', 'the file takes', 1.2), { name: 'fails', label: 'the disk is full', kind: 'choice', default: 'no', choices: ['no', 'yes'] }, { name: 'n', label: 'how many', kind: 'int', default: '2', min: '1', max: '8', step: '1' }, { name: 'eager', label: 'eager', kind: 'bool', default: 'false' }],
    ways: [],
  },
  {
    name: 'eventloop', title: 'The event loop: which runs when', main: yields, go: YIELDS, goFocus: [4], loop: true,
    idea: 'The loop has a queue of what is ready, and runs one thing after another: first come, first served.',
    question: { text: 'Who prints the second line?', choices: ['Ada again', 'Bob'], right: 1 },
    conclusion: 'In each column only one task runs.', try: '', params: [], ways: [],
  },
]

const NANO = { s: 1e9, ms: 1e6 }
const plain = (p, text) => (p.kind === 'duration' ? [...text.matchAll(/([\d.]+)(ms|s)/g)].reduce((sum, [, n, unit]) => sum + Number(n) * NANO[unit], 0) : p.kind === 'int' ? Number(text) : p.kind === 'bool' ? text === 'true' : text)

/** What POST tour/run would answer. */
export function run(name, values = {}) {
  const { main, params, ways } = PROGRAMS.find((p) => p.name === name)
  const set = Object.fromEntries(params.map((p) => [p.name, plain(p, values[p.name] ?? p.default)]))
  return { ...record(name, main, set), ways: ways.map(([way, body]) => ({ name: way, recording: record(name, body, set) })) }
}

/** What lessons.json would hold. */
export function lessons(more = {}) {
  const list = PROGRAMS.map(({ main, go, ways, ...lesson }, i) => ({
    number: i + 1, loop: false, needsProcess: false, ...lesson, go: go.split('\n'), goFile: `package ${lesson.name}\n\n${go}\n`, python: PYTHON.split('\n'), pythonFocus: [3], recording: run(lesson.name),
  }))
  return { version: 1, lessons: list, canEdit: true, canEditWhy: '', ...more }
}
