// The value under the pointer, or the next one by the arrow keys, from the table below the chart.
{
  const words = JSON.parse(document.getElementById("__assay").textContent)
  const NEAR = 0.04 // of the picture's width
  const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }

  const readMarks = async image => {
    const text = await (await fetch(image.src.split("#")[0])).text()
    const found = new DOMParser().parseFromString(text, "image/svg+xml").getElementById("marks")
    return found ? JSON.parse(found.textContent) : []
  }

  class Chart {
    constructor(figure, table) {
      this.figure = figure
      this.table = table
      this.note = Object.assign(document.createElement("div"), { className: "assay-value", hidden: true })
      this.note.setAttribute("role", "status")
      figure.append(this.note)
      figure.tabIndex = 0
      figure.setAttribute("role", "group")
      figure.setAttribute("aria-label", words["chart-keys"])
      figure.addEventListener("pointermove", event => this.point(event))
      figure.addEventListener("pointerleave", () => (this.note.hidden = true))
      figure.addEventListener("keydown", event => this.key(event))
      figure.addEventListener("blur", () => (this.note.hidden = true))
    }

    image() {
      return [...this.figure.querySelectorAll("img")].find(image => image.offsetWidth)
    }

    marks() {
      this.read ??= readMarks(this.image()).catch(() => [])
      return this.read
    }

    text([, , row, column]) {
      const headings = [...this.table.tHead.rows[0].cells].map(cell => cell.textContent.trim())
      const cells = [...(this.rows ??= [...this.table.tBodies[0].rows])[row].cells].map(cell => cell.textContent.trim())
      return `${cells[0]} · ${headings[column]}: ${cells[column]}`
    }

    show(mark) {
      const image = this.image()
      this.note.textContent = this.text(mark)
      this.note.hidden = false
      const half = this.note.offsetWidth / 2
      const across = image.offsetLeft + mark[0] * image.offsetWidth
      const furthest = this.figure.scrollLeft + this.figure.clientWidth - half
      this.note.style.left = `${Math.max(half, Math.min(across, furthest))}px`
      this.note.style.top = `${image.offsetTop + mark[1] * image.offsetHeight}px`
    }

    async point(event) {
      const image = this.image()
      const box = image.getBoundingClientRect()
      const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
      const away = mark => Math.hypot(mark[0] - x, ((mark[1] - y) * box.height) / box.width)
      const nearest = (await this.marks()).reduce((a, b) => (a && away(a) <= away(b) ? a : b), null)
      if (nearest && away(nearest) < NEAR) this.show(nearest)
      else this.note.hidden = true
    }

    async key(event) {
      if (event.key === "Escape") this.note.hidden = true
      if (!(event.key in STEPS)) return
      event.preventDefault()
      const marks = await this.marks()
      if (!marks.length) return
      this.at = ((this.at ?? (STEPS[event.key] > 0 ? -1 : 0)) + STEPS[event.key] + marks.length) % marks.length
      this.show(marks[this.at])
    }
  }

  for (const numbers of document.querySelectorAll(".assay-numbers")) {
    const figure = numbers.previousElementSibling
    if (figure?.matches(".assay-chart")) new Chart(figure, numbers.querySelector("table"))
  }
}
