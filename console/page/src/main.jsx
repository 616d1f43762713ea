import { live, takeToken } from './live.js'
import { showPage } from './page.jsx'
import './base.css'
import './page.css'

takeToken()
showPage(live(), document.body)
