// Colors are identity in the tour: each task has one, in the code, the boxes, the rows and
// the chain. Five are far enough apart for everybody; with more tasks they come again,
// and the name tells.

const TASKS = 4

/** The number of a task's color: 0 is that of the first task, which has no parent. */
export function colorOf(story, id) {
  let i = 0
  for (const task of story.recording.tasks) {
    const color = task.parent ? 1 + (i++ % TASKS) : 0
    if (task.id === id) return color
  }
  return 0
}

/** The same as a class of the style sheet. */
export const colorClass = (story, id) => (id ? `c${colorOf(story, id)}` : 'c0')

/** Colors for a canvas, as the theme has them now. */
export function colors(story) {
  const css = getComputedStyle(document.documentElement)
  const list = Array.from({ length: TASKS + 1 }, (_, i) => css.getPropertyValue(`--task${i}`).trim())
  const ofTask = new Map(story.recording.tasks.map((task) => [task.id, list[colorOf(story, task.id)]]))
  return (id) => ofTask.get(id) ?? list[0]
}
