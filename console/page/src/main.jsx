import { live, takeToken } from './live.js'
import { showPage } from './page.jsx'
import './page.css'

takeToken()
showPage(live(), document.body)
