import { render } from 'preact'
import '../base.css'
import './tour.css'

render(<main>The tour</main>, document.body)
