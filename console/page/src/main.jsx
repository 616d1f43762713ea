import { live, takeToken } from './live.js'
import { recording } from './recording.js'
import { showPage } from './page.jsx'
import './base.css'
import './page.css'

takeToken()
// asyncio view serves the page under this name; a console never does.
showPage(location.pathname === '/recording' ? recording() : live(), document.body)
