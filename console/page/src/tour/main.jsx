import { showTour } from './page.jsx'
import { server, takeToken } from './server.js'
import { fixed } from './static.js'
import '../base.css'
import './tour.css'

takeToken()
// A static site has brought its lessons along, in lessons.js.
const lessons = globalThis.asyncioLessons
showTour(lessons ? fixed(lessons) : server(), document.body)
