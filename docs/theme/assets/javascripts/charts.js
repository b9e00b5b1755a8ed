// The value under the pointer, or the next one by the keys, from the table that has the chart's numbers.
{
  const words = JSON.parse(document.getElementById("__assay").textContent)
  const NEAR = 0.04 // of the picture's width
  const FAR = 10 // values that a page key goes on
  const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, PageDown: FAR, PageUp: -FAR }
  const ENDS = { Home: 0, End: -1 }

  const readMarks = async image => {
    const text = await (await fetch(image.src.split("#")[0])).text()
    const found = new DOMParser().parseFromString(text, "image/svg+xml").getElementById("marks")
    return found ? JSON.parse(found.textContent) : []
  }

  const addTo = (figure, className) => {
    const made = Object.assign(document.createElement("div"), { className, hidden: true })
    figure.append(made)
    return made
  }

  class Chart {
    constructor(figure, table) {
      this.figure = figure
      this.headings = [...table.tHead.rows[0].cells].map(cell => cell.textContent.trim())
      this.rows = [...table.tBodies[0].rows] // in the order of the marks, before anyone sorts them
      this.ring = addTo(figure, "assay-ring")
      this.note = addTo(figure, "assay-value")
      this.note.setAttribute("role", "status")
      figure.tabIndex = 0
      figure.setAttribute("role", "group")
      figure.setAttribute("aria-label", words["chart-keys"])
      figure.addEventListener("pointermove", event => this.point(event))
      figure.addEventListener("pointerdown", event => this.point(event))
      figure.addEventListener("pointerleave", event => event.pointerType === "touch" || this.hide())
      figure.addEventListener("click", event => event.pointerType === "mouse" && this.leadToRow())
      figure.addEventListener("keydown", event => this.key(event))
      figure.addEventListener("blur", () => this.hide())
    }

    image() {
      return [...this.figure.querySelectorAll("img")].find(image => image.offsetWidth)
    }

    marks() {
      const has = ([, , row]) => row < this.rows.length // a very long table has its first rows on the page
      this.read ??= readMarks(this.image()).then(marks => marks.filter(has), () => [])
      return this.read
    }

    // the cell's own elements: a power of ten is none without its superscript
    words([, , row, column]) {
      const cell = this.rows[row].cells[column]
      const heading = cell.colSpan > 1 ? "" : `${this.headings[column]}: `
      return [`${this.rows[row].cells[0].textContent.trim()} · ${heading}`, ...cell.cloneNode(true).childNodes]
    }

    show(mark) {
      const image = this.image()
      const [across, down] = [image.offsetLeft + mark[0] * image.offsetWidth, image.offsetTop + mark[1] * image.offsetHeight]
      this.shown = mark
      this.note.replaceChildren(...this.words(mark))
      this.note.hidden = this.ring.hidden = false
      const half = this.note.offsetWidth / 2
      const furthest = this.figure.scrollLeft + this.figure.clientWidth - half
      this.note.style.left = `${Math.max(half, Math.min(across, furthest))}px`
      this.ring.style.left = `${across}px`
      this.note.style.top = this.ring.style.top = `${down}px`
    }

    hide() {
      this.shown = null
      this.note.hidden = this.ring.hidden = true
    }

    leadToRow() {
      const id = this.shown && this.rows[this.shown[2]].id
      if (id) location.hash = encodeURIComponent(id)
    }

    async point(event) {
      const image = this.image()
      const box = image.getBoundingClientRect()
      const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
      const away = mark => Math.hypot(mark[0] - x, ((mark[1] - y) * box.height) / box.width)
      const nearest = (await this.marks()).reduce((a, b) => (a && away(a) <= away(b) ? a : b), null)
      if (nearest && away(nearest) < NEAR) this.show(nearest)
      else this.hide()
    }

    async key(event) {
      if (event.key === "Escape") return this.hide()
      if (event.key === "Enter") return this.leadToRow()
      const isStep = event.key in STEPS
      if (!isStep && !(event.key in ENDS)) return
      event.preventDefault()
      const marks = await this.marks()
      if (!marks.length) return
      const from = this.at ?? (STEPS[event.key] > 0 ? -1 : 0)
      const to = isStep ? from + STEPS[event.key] : ENDS[event.key]
      this.at = ((to % marks.length) + marks.length) % marks.length
      this.show(marks[this.at])
      this.ring.scrollIntoView({ block: "nearest", inline: "nearest" })
    }
  }

  for (const figure of document.querySelectorAll(".assay-chart[data-values]")) {
    const table = document.getElementById(figure.dataset.values)?.querySelector("table")
    if (table) new Chart(figure, table)
  }
}
