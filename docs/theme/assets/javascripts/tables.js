// Tables that sort and filter, and targets that show themselves. Without this script a table is a plain table.
{
  const words = JSON.parse(document.getElementById("__assay").textContent)
  const LAID_OUT = 200 // rows that a long table shows until it is asked for more: the browser lays out no others
  const FILTERED_FROM = 12 // rows; a shorter table is read faster than a filter is typed
  const language = document.documentElement.lang
  const enhanced = new WeakMap()

  const element = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties)
    made.append(...children)
    return made
  }

  const cellAt = (row, column) => {
    let place = 0
    for (const cell of row.cells) {
      place += cell.colSpan
      if (place > column) return cell
    }
    return null
  }

  const keyOf = (row, column) => {
    const cell = cellAt(row, column)
    return cell?.querySelector("[data-value]")?.dataset.value ?? cell?.textContent.trim() ?? ""
  }

  const compare = (one, other) => {
    const [x, y] = [one === "" ? NaN : Number(one), other === "" ? NaN : Number(other)]
    if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1
    return Number.isNaN(x) ? one.localeCompare(other, language, { numeric: true }) : x - y
  }

  class LongTable {
    constructor(table) {
      this.table = table
      this.body = table.tBodies[0]
      this.rows = [...this.body.rows]
      this.limit = LAID_OUT
      this.headings = [...table.tHead.rows[0].cells]
      this.headings.forEach((heading, column) => this.makeSortable(heading, column))
      if (this.rows.length >= FILTERED_FROM) this.addFilter()
      this.show()
    }

    makeSortable(heading, column) {
      const button = element("button", { type: "button", className: "assay-sort", title: words.sort })
      button.append(...heading.childNodes)
      heading.append(button)
      button.addEventListener("click", () => this.sort(heading, column))
    }

    addFilter() {
      this.input = element("input", { type: "search", autocomplete: "off", spellcheck: false })
      this.status = element("span", { className: "assay-shown" })
      this.status.setAttribute("role", "status")
      this.more = element("button", { type: "button", className: "assay-more", textContent: words["show-all"] })
      const label = element("label", {}, `${words.filter} `, this.input)
      this.table.before(element("div", { className: "assay-filter" }, label, this.status, this.more))
      this.input.addEventListener("focus", () => this.texts(), { once: true })
      this.input.addEventListener("input", () => this.show())
      this.more.addEventListener("click", () => this.showAll())
    }

    texts() {
      this.text ??= new Map(this.rows.map(row => [row, row.textContent.toLowerCase()]))
      return this.text
    }

    show() {
      const wanted = (this.input?.value ?? "").toLowerCase().split(/\s+/).filter(Boolean)
      const texts = wanted.length ? this.texts() : null
      const visible = []
      let found = 0
      for (const row of this.rows) {
        const fits = wanted.every(word => texts.get(row).includes(word))
        if (fits) found += 1
        const hide = !fits || found > this.limit
        if (row.hidden !== hide) row.hidden = hide
        if (!hide) visible.push(row)
      }
      if (this.isSorted) this.body.prepend(...visible) // the order of hidden rows can wait
      if (!this.status) return
      const shown = Math.min(found, this.limit)
      this.status.textContent = `${words["rows-shown"]}: ${shown} / ${this.rows.length}`
      this.more.hidden = shown === found
    }

    showAll() {
      this.limit = Infinity
      this.show()
    }

    sort(heading, column) {
      const downwards = heading.getAttribute("aria-sort") === "ascending"
      const keys = new Map(this.rows.map(row => [row, keyOf(row, column)]))
      const sign = downwards ? -1 : 1
      this.rows.sort((one, other) => sign * compare(keys.get(one), keys.get(other)))
      this.headings.forEach(other => other.removeAttribute("aria-sort"))
      heading.setAttribute("aria-sort", downwards ? "descending" : "ascending")
      this.isSorted = true
      this.show()
    }

    reveal() {
      if (this.input) this.input.value = ""
      this.showAll()
    }
  }

  const showTarget = () => {
    let name = location.hash.slice(1)
    try {
      name = decodeURIComponent(name)
    } catch {
      return // no address that this site gives out
    }
    const target = document.getElementById(name)
    if (!target) return
    const row = target.closest("tr")
    if (row?.hidden) enhanced.get(row.closest("table"))?.reveal()
    const folded = [...document.querySelectorAll("details:not([open])")].filter(details => details.contains(target))
    folded.forEach(details => (details.open = true))
    if (row || folded.length) target.scrollIntoView({ block: "center" })
  }

  for (const table of document.querySelectorAll("table.assay-sortable")) enhanced.set(table, new LongTable(table))
  addEventListener("hashchange", showTarget)
  if (location.hash) showTarget()
}
